//! [`Claim`]: the write claim, a lock among writers. It is one byte next to the sequence word, never the word itself
//! (R2 one-protocol). An [`Algorithm`] has a claim, and publishes only through a [`Claimed`] lock, which proves that
//! the claim is held.
//!
//! | byte | meaning |
//! |---|---|
//! | 0 | free |
//! | 1 | held for one write: a `write` or `update` is in progress |
//! | 2 | held by a `Writer` or a guard |
//!
//! A writer acquires the claim with a compare-and-swap, or has the lock to itself through a `&mut` borrow. On
//! processors without compare-and-swap the feature `portable-atomic` provides one. Without that feature, all writes go
//! through [`writer_unchecked`](crate::SeqLock::writer_unchecked) or [`split`](crate::SeqLock::split).

use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;

use super::Version;
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use crate::primitive::{Acquire, Backoff};
use crate::primitive::{AtomicClaim, Relaxed, Release, const_fn};
use crate::seq_count::ReadError;

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

impl Claim {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Claim(AtomicClaim::new(FREE))
        }
    }

    /// Claims the lock for a `Writer`, even if the claim is held.
    ///
    /// The caller has a `&mut` borrow of the lock. So another holder of the claim can only be a leaked one, and
    /// everything that the last holder did happens-before this call.
    pub(crate) fn take_over(&self) {
        self.0.store(GUARD, Relaxed);
    }

    /// Frees the claim. Only [`Held`] calls it.
    #[cfg_attr(not(debug_assertions), inline)]
    fn release(&self) {
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

    /// Waits until the claim is free, and acquires it. Unfair: waiting threads are in no order. That is enough because
    /// a claim is mostly held for one copy.
    #[cfg_attr(not(debug_assertions), inline)]
    fn acquire(&self, purpose: ClaimFor) {
        if self.try_acquire_byte(purpose).is_err() {
            self.wait(purpose);
        }
    }

    #[cold]
    fn wait(&self, purpose: ClaimFor) {
        let mut backoff = Backoff::default();
        loop {
            backoff.snooze();
            // The load comes first: waiting threads then share the cache line, which a compare-and-swap would take from
            // the others.
            if self.0.load(Relaxed) == FREE && self.try_acquire_byte(purpose).is_ok() {
                return;
            }
        }
    }

    /// Acquires the claim for a `Writer`. Waits for single writes, and returns `false` if a `Writer` or a guard holds
    /// the claim.
    fn try_acquire_guard(&self) -> bool {
        let mut backoff = Backoff::default();
        loop {
            match self.try_acquire_byte(ClaimFor::Guard) {
                Ok(_) => return true,
                Err(found) if found == ClaimFor::Guard as u8 => return false,
                Err(_) => backoff.snooze(),
            }
        }
    }

    pub(crate) fn has_guard(&self) -> bool {
        self.0.load(Relaxed) == ClaimFor::Guard as u8
    }
}

/// A claim that is held. Dropping it releases the claim, during a panic as well. `B` is the borrow or `Arc` that keeps
/// the lock alive; the type parameter tells the compiler that the drop uses it, so the lock can't be dropped first.
#[derive(Debug)]
pub(crate) struct Held<B> {
    claim: NonNull<Claim>,
    kept_by: PhantomData<B>,
}

// SAFETY: of a `Claim` it gives nothing out, and releases it by an atomic store (I10 handle).
unsafe impl<B> Send for Held<B> {}
// SAFETY: nothing can be done with a `&Held` (I10 handle).
unsafe impl<B> Sync for Held<B> {}

impl<'a, L: Lock> Held<&'a L> {
    /// # Safety
    /// The claim is held, and nothing else releases it: that would let in a second writer (I5 one-writer).
    #[inline(always)]
    pub(crate) unsafe fn new(lock: &'a L) -> Self {
        Held { claim: NonNull::from(lock.algorithm().claim()), kept_by: PhantomData }
    }

    /// # Safety
    /// The lock stays where it is for as long as a `B` lives, which the caller drops after the result.
    #[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
    pub(super) unsafe fn kept_by<B>(self) -> Held<B> {
        let claim = self.claim;
        core::mem::forget(self);
        Held { claim, kept_by: PhantomData }
    }
}

impl<B> Drop for Held<B> {
    #[cfg_attr(not(debug_assertions), inline)]
    fn drop(&mut self) {
        // SAFETY: the lock is still there, since a `B` keeps it, or the struct with the `B` drops this first (I10
        // handle).
        unsafe { self.claim.as_ref() }.release();
    }
}

/// An algorithm: readers copy one buffer, and find out afterwards whether a writer was changing it. Functions that
/// write take a [`Claimed`] lock, so they can't be called without the write claim (R2 one-protocol).
///
/// # Safety
/// * If `attempt_with` returns `Ok`, then every access that its closure made to the buffer saw the stores of the writes
///   up to one, and of none after it, and everything before that write happens-before the return (P21 snapshot, I7
///   checked).
/// * While the caller holds the claim, `newest` is the buffer published last, which readers may load.
/// * `claim` returns the same claim at each call, which belongs to this algorithm and to no other (R2 one-protocol).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Algorithm: Sized {
    type Buffer;

    /// Whether `read` only spins between attempts and never yields. True if a failed attempt means that a writer has
    /// finished a write meanwhile, because then the reader isn't waiting for a thread that was stopped.
    const SPINS: bool;

    /// Whether a write changes the buffer that holds the newest value. If so, bytes that the write does not store keep
    /// their values.
    const IN_PLACE: bool;

    fn claim(&self) -> &Claim;

    /// Attempts one read: calls `load` with the newest buffer, and returns `Ok` if no write disturbed it. Wait-free if
    /// `load` is.
    fn attempt_with(&self, load: impl FnOnce(&Self::Buffer)) -> Result<Version, ReadError>;

    /// The version of the value published last.
    fn latest_version(&self) -> Version;

    /// The buffer that holds the newest value.
    fn newest(&self) -> &Self::Buffer;

    /// Publishes one write: calls `store` with the buffer to change, between the two steps of the sequence word.
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&Self::Buffer));
}

/// A lock: it consists of an algorithm. An algorithm is a lock, too.
///
/// # Safety
/// `algorithm` returns the same algorithm at each call, and nothing else uses it (R2 one-protocol).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Lock {
    type Algorithm: Algorithm;

    fn algorithm(&self) -> &Self::Algorithm;
}

// SAFETY: it is itself (R2 one-protocol).
unsafe impl<A: Algorithm> Lock for A {
    type Algorithm = Self;

    #[inline(always)]
    fn algorithm(&self) -> &Self {
        self
    }
}

/// A lock without other writers: the caller holds its claim, or has it to itself (R2 one-protocol). Only functions that
/// take a `Claimed` publish values.
///
/// In machine code it is a reference and nothing else. It can't outlive the borrow that holds the claim, and can't be
/// sent to another thread. It *is* the lock, so no call can mix up the claims of two locks.
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
#[allow(missing_debug_implementations)]
pub struct Claimed<'a, L> {
    lock: &'a L,
    one_thread: PhantomData<*const ()>,
}

impl<'a, L> Claimed<'a, L> {
    /// # Safety
    /// For `'a` there is no other writer of this lock, and the end of the previous one happens-before this call (I5
    /// one-writer).
    #[inline(always)]
    pub(crate) unsafe fn new(lock: &'a L) -> Self {
        Claimed { lock, one_thread: PhantomData }
    }

    #[inline(always)]
    pub(crate) fn exclusive(lock: &'a mut L) -> Self {
        // SAFETY: exclusively borrowed, so nothing that could write borrows it or shares it (I5 one-writer).
        unsafe { Claimed::new(lock) }
    }

    /// The algorithm of the lock, which is claimed because the lock is: they share one claim.
    #[inline(always)]
    pub(super) fn algorithm(self) -> Claimed<'a, L::Algorithm>
    where
        L: Lock,
    {
        // SAFETY: the claim of the lock is that of its algorithm (R2 one-protocol), so there is no other writer (I5
        // one-writer).
        unsafe { Claimed::new(self.lock.algorithm()) }
    }

    /// The lock, for the borrow that proves the claim.
    #[cfg(any(test, all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic"))))] // for slices
    #[inline(always)]
    pub(super) fn get(self) -> &'a L {
        self.lock
    }
}

impl<L> Clone for Claimed<'_, L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<L> Copy for Claimed<'_, L> {}

impl<L> Deref for Claimed<'_, L> {
    type Target = L;

    #[inline(always)]
    fn deref(&self) -> &L {
        self.lock
    }
}

/// A lock whose claim this guard holds until it is dropped.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
pub(crate) struct ClaimGuard<'a, L> {
    lock: &'a L,
    held: Held<&'a L>,
}

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
impl<'a, L: Lock> ClaimGuard<'a, L> {
    #[inline(always)]
    fn after_acquiring(lock: &'a L) -> Self {
        // SAFETY: each caller has just acquired the claim (I5 one-writer).
        ClaimGuard { lock, held: unsafe { Held::new(lock) } }
    }

    /// Waits until the claim is free.
    #[inline(always)]
    pub(crate) fn acquire(lock: &'a L, purpose: ClaimFor) -> Self {
        lock.algorithm().claim().acquire(purpose);
        ClaimGuard::after_acquiring(lock)
    }

    #[inline(always)]
    pub(crate) fn try_acquire(lock: &'a L, purpose: ClaimFor) -> Option<Self> {
        // Not `then_some`: it evaluates its argument either way, and dropping the guard would release another thread's
        // claim.
        lock.algorithm().claim().try_acquire_byte(purpose).is_ok().then(|| ClaimGuard::after_acquiring(lock))
    }

    /// Waits for single writes only: `None` if a `Writer` or a guard holds the claim.
    pub(crate) fn try_acquire_guard(lock: &'a L) -> Option<Self> {
        lock.algorithm().claim().try_acquire_guard().then(|| ClaimGuard::after_acquiring(lock))
    }

    #[inline(always)]
    pub(crate) fn claimed(&self) -> Claimed<'_, L> {
        // SAFETY: the claim is held for as long as this is borrowed, and its acquisition ordered this writer after the
        // previous one (I5 one-writer).
        unsafe { Claimed::new(self.lock) }
    }

    #[inline(always)]
    pub(crate) fn into_held(self) -> Held<&'a L> {
        self.held
    }
}
