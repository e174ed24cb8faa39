//! [`Claim`]: who may write. One byte beside the sequence word, never the word itself (R2).
//!
//! | byte | meaning |
//! |---|---|
//! | 0 | free |
//! | 1 | somebody's turn: a `write` or `update` is under way |
//! | 2 | held: a `Writer` or a guard exists |
//!
//! It is taken by compare-and-swap. Where the target has none it stays free, and all writing goes by
//! [`writer_unchecked`](crate::SeqLock::writer_unchecked).

#[cfg(target_has_atomic = "8")]
use crate::backoff::Backoff;
#[cfg(target_has_atomic = "8")]
use crate::primitive::{Acquire, Relaxed};
use crate::primitive::{AtomicU8, Release, const_fn};

#[derive(Debug)]
pub struct Claim(AtomicU8);

pub(super) const FREE: u8 = 0;

/// For how long the claim is taken.
#[cfg(target_has_atomic = "8")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClaimFor {
    /// For one write.
    OneWrite = 1,
    /// Until its holder lets go.
    Guard = 2,
}

/// The claim, taken; given back on drop, also when unwinding.
#[cfg(target_has_atomic = "8")]
#[derive(Debug)]
pub(crate) struct ClaimGuard<'a>(&'a Claim);

impl Claim {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Claim(AtomicU8::new(FREE))
        }
    }

    /// Gives the claim back.
    ///
    /// Only for its holder; a wrong call makes two writers possible, which is why no public function leads here.
    #[inline]
    pub(crate) fn release(&self) {
        self.0.store(FREE, Release);
    }
}

#[cfg(target_has_atomic = "8")]
impl Claim {
    #[inline]
    fn try_acquire_byte(&self, purpose: ClaimFor) -> Result<u8, u8> {
        // Acquire pairs with the release of the claim before: the stores of the writers one after another are ordered.
        self.0.compare_exchange(FREE, purpose as u8, Acquire, Relaxed)
    }

    #[inline]
    pub(crate) fn try_acquire(&self, purpose: ClaimFor) -> Option<ClaimGuard<'_>> {
        // Not `then_some`: its argument is made in any case, and dropping it would take the claim from who has it.
        self.try_acquire_byte(purpose).is_ok().then(|| ClaimGuard(self))
    }

    /// Waits until the claim is free. Nothing says whose turn is next: fair enough for turns as short as a copy.
    #[inline]
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
            // Look before asking, so that waiting threads share the cache line.
            if self.0.load(Relaxed) == FREE && self.try_acquire_byte(purpose).is_ok() {
                return;
            }
        }
    }

    /// Takes the claim to hold it, unless somebody else holds it: waits for turns only.
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

#[cfg(target_has_atomic = "8")]
impl Drop for ClaimGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.release();
    }
}
