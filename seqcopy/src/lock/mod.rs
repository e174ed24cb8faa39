//! What the locks have in common: the vocabulary, written once over [`Protocol`].
//!
//! A lock is a claim (who may write), an algorithm (how a copy is read and published) and, on top, these functions.
//! The public types show the same methods, each a line that comes here.

#[cfg(not(target_has_atomic = "8"))]
mod absent;
mod claim;
mod generic;
mod latch;
mod payload;
mod single_buffer;
#[cfg(all(test, not(loom)))]
mod tests;
mod version;
mod vocabulary;
mod writer;

use core::mem::MaybeUninit;
use core::ops::ControlFlow;

#[cfg(not(target_has_atomic = "8"))]
pub(crate) use absent::{CompareAndSwap, Processor, absent};
pub(crate) use claim::Claim;
#[cfg(target_has_atomic = "8")]
pub(crate) use claim::{ClaimFor, ClaimGuard};
pub use generic::Lock;
pub(crate) use latch::Latch;
pub(crate) use payload::Payload;
pub(crate) use single_buffer::SingleBuffer;
pub use version::Version;
pub(crate) use vocabulary::vocabulary;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use writer::ArcWriter;
pub use writer::{LatchWriter, Writer};

use crate::ReadError;
use crate::backoff::Backoff;
use crate::primitive::spin_loop;

/// An algorithm: how one copy is read and published.
///
/// # Safety
/// * After `attempt_into` returns `Ok`, `buf` holds a `T` that somebody gave to `publish` or the constructor, all of
///   one write, and what that writer did before happens-before the return (P21, I7).
/// * After `peek_into`, called by the holder of the claim, `buf` holds the last `T` that was published.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a lock of `{T}`",
    label = "not a `SeqLock<{T}>` or `SeqLatch<{T}, _>`",
    note = "the locks are `seqcopy::SeqLock<T>` and `seqcopy::SeqLatch<T, BUFFERS>`, of a `T` that implements `SeqCopy`; for code that is generic over them, add the bound `seqcopy::Lock<T>`"
)]
pub unsafe trait Protocol<T> {
    #[doc(hidden)]
    fn claim(&self) -> &Claim;

    /// Whether `read` only spins between attempts and never asks the scheduler: where a failed attempt means that a writer
    /// has finished something, so that there is no one thread whose turn would help.
    #[doc(hidden)]
    const SPINS: bool;

    /// One attempt, wait-free.
    #[doc(hidden)]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>;

    /// The version of the last value that was published.
    #[doc(hidden)]
    fn latest_version(&self) -> Version;

    /// Copies the last value.
    ///
    /// # Safety
    /// The caller holds the claim, or the lock exclusively.
    #[doc(hidden)]
    unsafe fn peek_into(&self, buf: &mut MaybeUninit<T>);

    /// Publishes a value.
    ///
    /// # Safety
    /// The caller holds the claim, or the lock exclusively (I5).
    #[doc(hidden)]
    unsafe fn publish(&self, value: &T);
}

/// A failed attempt at a read, passed to the retry policy of `read_with`.
///
/// ```
/// use core::ops::ControlFlow;
/// use seqcopy::{Attempt, SeqLock};
///
/// let lock = SeqLock::new(1);
/// let patient = |attempt: Attempt| if attempt.number < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(attempt.error) };
/// assert_eq!(lock.read_with(patient), Ok(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// How many attempts have failed by now: 1 after the first.
    pub number: u32,
    /// Why this one did.
    pub error: ReadError,
}

impl Attempt {
    /// The attempt of that number: for protocols of your own that ask such policies, too.
    ///
    /// ```
    /// # use seqcopy::{Attempt, ReadError};
    /// assert_eq!(Attempt::new(1, ReadError::Torn).number, 1);
    /// ```
    #[must_use]
    pub const fn new(number: u32, error: ReadError) -> Self {
        Attempt { number, error }
    }
}

/// Between two attempts at a read.
#[inline(always)]
fn pause<T, L: Protocol<T>>(backoff: &mut Backoff) {
    if L::SPINS { spin_loop() } else { backoff.snooze() }
}

/// Reads until it works. Locks that are written in moderation answer at the first attempt.
#[inline]
pub(crate) fn read_into<'a, T, L: Protocol<T>>(lock: &L, buf: &'a mut MaybeUninit<T>) -> (&'a mut T, Version) {
    let version = match lock.attempt_into(buf) {
        Ok(version) => version,
        Err(_) => read_patiently(lock, buf),
    };
    // SAFETY: the attempt succeeded (I7).
    (unsafe { buf.assume_init_mut() }, version)
}

#[cold]
fn read_patiently<T, L: Protocol<T>>(lock: &L, buf: &mut MaybeUninit<T>) -> Version {
    let mut backoff = Backoff::default();
    loop {
        pause::<T, L>(&mut backoff);
        if let Ok(version) = lock.attempt_into(buf) {
            return version;
        }
    }
}

/// By value. It comes from one place, and its room is lent to nobody: so the compiler can do without a room for a small one, which
/// stays in registers or goes straight to where the caller wants it.
#[inline]
pub(crate) fn read<T, L: Protocol<T>>(lock: &L) -> T {
    let mut backoff = Backoff::default();
    loop {
        let mut buf = MaybeUninit::uninit();
        if lock.attempt_into(&mut buf).is_ok() {
            // SAFETY: the attempt succeeded (I7).
            return unsafe { buf.assume_init() };
        }
        pause::<T, L>(&mut backoff);
    }
}

/// The same with the version. Not shared with [`read`]: what is no part of the value would be copied along with a large one.
#[inline]
pub(crate) fn read_versioned<T, L: Protocol<T>>(lock: &L) -> (T, Version) {
    let mut backoff = Backoff::default();
    loop {
        let mut buf = MaybeUninit::uninit();
        if let Ok(version) = lock.attempt_into(&mut buf) {
            // SAFETY: the attempt succeeded (I7).
            return (unsafe { buf.assume_init() }, version);
        }
        pause::<T, L>(&mut backoff);
    }
}

#[inline]
pub(crate) fn try_read<T, L: Protocol<T>>(lock: &L) -> Result<(T, Version), ReadError> {
    let mut buf = MaybeUninit::uninit();
    let version = lock.attempt_into(&mut buf)?;
    // SAFETY: the attempt succeeded (I7).
    Ok((unsafe { buf.assume_init() }, version))
}

#[inline]
pub(crate) fn try_read_into<'a, T, L: Protocol<T>>(
    lock: &L,
    buf: &'a mut MaybeUninit<T>,
) -> Result<&'a mut T, ReadError> {
    lock.attempt_into(buf)?;
    // SAFETY: the attempt succeeded (I7).
    Ok(unsafe { buf.assume_init_mut() })
}

pub(crate) fn read_with<T, B, L: Protocol<T>>(
    lock: &L,
    mut policy: impl FnMut(Attempt) -> ControlFlow<B>,
) -> Result<T, B> {
    let mut number = 0u32;
    loop {
        match try_read(lock) {
            Ok((value, _)) => return Ok(value),
            Err(error) => {
                number = number.saturating_add(1);
                if let ControlFlow::Break(value) = policy(Attempt { number, error }) {
                    return Err(value);
                }
            }
        }
    }
}

#[inline]
pub(crate) fn read_if_changed<T, L: Protocol<T>>(lock: &L, known: &mut Version) -> Option<T> {
    if lock.latest_version() == *known {
        return None;
    }
    let (value, version) = read_versioned(lock);
    *known = version;
    Some(value)
}

/// [`read_if_changed`] with one attempt. After a failed one `known` is what it was.
#[inline]
pub(crate) fn try_read_if_changed<T, L: Protocol<T>>(lock: &L, known: &mut Version) -> Result<Option<T>, ReadError> {
    if lock.latest_version() == *known {
        return Ok(None);
    }
    let (value, version) = try_read(lock)?;
    *known = version;
    Ok(Some(value))
}

#[cfg(target_has_atomic = "8")]
#[inline]
pub(crate) fn write<T, L: Protocol<T>>(lock: &L, value: &T) {
    let claim = lock.claim().acquire(ClaimFor::OneWrite);
    // SAFETY: the claim is held (I5).
    unsafe { lock.publish(value) };
    drop(claim);
}

#[cfg(target_has_atomic = "8")]
pub(crate) fn try_write<T, L: Protocol<T>>(lock: &L, value: T) -> Result<(), T> {
    let Some(claim) = lock.claim().try_acquire(ClaimFor::OneWrite) else { return Err(value) };
    // SAFETY: the claim is held (I5).
    unsafe { lock.publish(&value) };
    drop(claim);
    Ok(())
}

/// Takes a turn, changes a private copy, publishes it. If `change` panics, the turn ends and nothing happened.
#[cfg(target_has_atomic = "8")]
#[inline]
pub(crate) fn update<T, R, L: Protocol<T>>(lock: &L, change: impl FnOnce(&mut T) -> R) -> R {
    let claim = lock.claim().acquire(ClaimFor::OneWrite);
    // SAFETY: the claim is held (I5).
    let result = unsafe { update_claimed(lock, change) };
    drop(claim);
    result
}

/// # Safety
/// The caller holds the claim, or the lock exclusively.
#[inline]
pub(crate) unsafe fn update_claimed<T, R, L: Protocol<T>>(lock: &L, change: impl FnOnce(&mut T) -> R) -> R {
    // SAFETY: this function's contract.
    let mut value = unsafe { peek(lock) };
    let result = change(&mut value);
    // SAFETY: this function's contract.
    unsafe { lock.publish(&value) };
    result
}

/// # Safety
/// The caller holds the claim, or the lock exclusively.
#[inline]
pub(crate) unsafe fn peek<T, L: Protocol<T>>(lock: &L) -> T {
    let mut buf = MaybeUninit::uninit();
    // SAFETY: this function's contract.
    unsafe { lock.peek_into(&mut buf) };
    // SAFETY: `peek_into` fills it with the last value (I7).
    unsafe { buf.assume_init() }
}
