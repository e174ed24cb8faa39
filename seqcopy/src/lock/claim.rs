//! [`Claim`]: the write claim, which makes writers exclusive. One byte beside the sequence word, never the word itself
//! (R2 one-protocol).
//!
//! | byte | meaning |
//! |---|---|
//! | 0 | free |
//! | 1 | held for one write: a `write` or `update` is in progress |
//! | 2 | held by a `Writer` or a guard |
//!
//! It is acquired by compare-and-swap, or by an exclusive borrow of the lock. On targets without compare-and-swap the feature
//! `portable-atomic` provides one; without it all writes go through [`writer_unchecked`](crate::SeqLock::writer_unchecked) or
//! [`split`](crate::SeqLock::split).

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use crate::backoff::Backoff;
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use crate::primitive::Acquire;
use crate::primitive::{AtomicClaim, Relaxed, Release, const_fn};

#[derive(Debug)]
pub struct Claim(AtomicClaim);

pub(super) const FREE: u8 = 0;
/// Held by a `Writer` or a guard.
const GUARD: u8 = 2;

/// For how long the claim is held.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimFor {
    /// For one write.
    OneWrite = 1,
    /// Until a `Writer` or a guard releases it.
    Guard = GUARD as isize,
}

/// The claim while it is held; released on drop, also when unwinding.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[derive(Debug)]
pub(crate) struct ClaimGuard<'a>(&'a Claim);

impl Claim {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Claim(AtomicClaim::new(FREE))
        }
    }

    /// Claims the lock for a `Writer`, whether it was free or not.
    ///
    /// Only for the holder of an exclusive borrow of the lock: there is then no other holder of the claim but one that was leaked,
    /// and the end of the last one happens-before this call.
    pub(crate) fn take_over(&self) {
        self.0.store(GUARD, Relaxed);
    }

    /// Releases the claim.
    ///
    /// Only its holder may call this: any other call would let in a second writer, so no public function exposes it.
    #[cfg_attr(not(debug_assertions), inline)]
    pub(crate) fn release(&self) {
        self.0.store(FREE, Release);
    }
}

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
impl Claim {
    #[cfg_attr(not(debug_assertions), inline)]
    fn try_acquire_byte(&self, purpose: ClaimFor) -> Result<u8, u8> {
        // Acquire pairs with `release` by the previous holder, so that the stores of successive writers are ordered.
        self.0.compare_exchange(FREE, purpose as u8, Acquire, Relaxed)
    }

    #[cfg_attr(not(debug_assertions), inline)]
    pub(crate) fn try_acquire(&self, purpose: ClaimFor) -> Option<ClaimGuard<'_>> {
        // Not `then_some`: it evaluates its argument either way, and dropping the guard would release another thread's claim.
        self.try_acquire_byte(purpose).is_ok().then(|| ClaimGuard(self))
    }

    /// Waits until the claim is free. Unfair: nothing orders the waiting threads, and a claim is held for one copy only.
    #[cfg_attr(not(debug_assertions), inline)]
    pub(crate) fn acquire(&self, purpose: ClaimFor) -> ClaimGuard<'_> {
        if self.try_acquire_byte(purpose).is_err() {
            self.wait(purpose);
        }
        ClaimGuard(self)
    }

    #[cold]
    fn wait(&self, purpose: ClaimFor) {
        let mut backoff = Backoff::default();
        loop {
            backoff.snooze();
            // Load before compare-and-swap, so that waiting threads share the cache line.
            if self.0.load(Relaxed) == FREE && self.try_acquire_byte(purpose).is_ok() {
                return;
            }
        }
    }

    /// Acquires the claim for a `Writer`, unless a `Writer` or a guard holds it. Waits for single writes only.
    pub(crate) fn try_acquire_guard(&self) -> Option<ClaimGuard<'_>> {
        let mut backoff = Backoff::default();
        loop {
            match self.try_acquire_byte(ClaimFor::Guard) {
                Ok(_) => return Some(ClaimGuard(self)),
                Err(found) if found == ClaimFor::Guard as u8 => return None,
                Err(_) => backoff.snooze(),
            }
        }
    }

    pub(crate) fn has_guard(&self) -> bool {
        self.0.load(Relaxed) == ClaimFor::Guard as u8
    }
}

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
impl Drop for ClaimGuard<'_> {
    #[cfg_attr(not(debug_assertions), inline)]
    fn drop(&mut self) {
        self.0.release();
    }
}
