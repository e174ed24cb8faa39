//! What both locks share: their methods, written once over [`Protocol`]; those that read are in `read`.
//!
//! A lock consists of a claim (which makes writers exclusive) and an algorithm (how a value is read and published). The functions
//! here build on both, and each public method (`methods`) forwards to one of them.

#[cfg(not(any(target_has_atomic = "8", feature = "portable-atomic")))]
mod absent;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
mod arc_field;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
mod arc_reader;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
mod arc_writer;
mod claim;
mod generic;
mod in_place;
mod latch;
mod methods;
mod part;
mod payload;
mod read;
mod reader;
mod single_buffer;
#[cfg(all(test, not(loom)))]
mod tests;
#[allow(dead_code)] // in optimised builds
mod unoptimised;
mod version;
mod writer;

use core::mem::MaybeUninit;

#[cfg(not(any(target_has_atomic = "8", feature = "portable-atomic")))]
pub(crate) use absent::{CompareAndSwap, Processor, absent};
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use arc_reader::ArcReader;
#[cfg(all(feature = "alloc", target_has_atomic = "8"))]
pub use arc_writer::ArcWriter;
pub(crate) use claim::Claim;
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
pub(crate) use claim::{ClaimFor, ClaimGuard};
pub use generic::Lock;
pub(crate) use latch::Latch;
pub(crate) use methods::{methods, part_methods, read_methods, split_methods, write_methods};
#[cfg(all(test, loom))]
pub(crate) use part::PartPayload;
pub(crate) use part::{InParts, read_parts, try_read_parts};
pub use part::{Parts, ValidateParts};
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
pub(crate) use part::{update_part, write_part};
pub(crate) use payload::Payload;
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
use read::Apart;
pub(crate) use read::{
    read, read_if_changed, read_into, read_to, read_versioned, read_with, try_read, try_read_if_changed, try_read_into,
    try_read_value,
};
pub use reader::{LatchReader, Reader};
pub(crate) use single_buffer::SingleBuffer;
#[allow(unused_imports)] // in optimised builds
pub(crate) use unoptimised::Unoptimised;
pub use version::Version;
pub use writer::{LatchWriter, Writer};

use crate::ReadError;
use crate::copy::{BY_TABLE, LARGE};

/// An algorithm: how a value is read and published.
///
/// # Safety
/// * After `attempt_into` or `attempt_value` returns `Ok`, `buf` holds a `T` that was passed to `publish` or to the constructor, all of one write,
///   and everything before that write happens-before the return (P21 snapshot, I7 checked).
/// * After `peek_into` or `copy_into`, called by the holder of the claim, `buf` holds the `T` published last.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a lock of `{T}`",
    label = "not a `SeqLock<{T}>` or `SeqLatch<{T}, _>`",
    note = "the locks are `seqcopy::SeqLock<T>` and `seqcopy::SeqLatch<T, BUFFERS>`, of a `T` that implements `SeqCopy`; for code that is generic over them, add the bound `seqcopy::Lock<T>`"
)]
pub unsafe trait Protocol<T> {
    #[doc(hidden)]
    fn claim(&self) -> &Claim;

    /// Whether `read` only spins between attempts and never yields. True where a failed attempt means that a writer finished a
    /// write: then no stopped thread holds the reader up.
    #[doc(hidden)]
    const SPINS: bool;

    /// One attempt, wait-free.
    #[doc(hidden)]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>;

    /// The same for a value that the caller is given by value, and that, if it is small, stays in registers.
    #[doc(hidden)]
    #[inline]
    fn attempt_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.attempt_into(buf)
    }

    /// The version of the value published last.
    #[doc(hidden)]
    fn latest_version(&self) -> Version;

    /// Copies the value published last.
    ///
    /// # Safety
    /// The caller holds the claim, or has exclusive access to the lock.
    #[doc(hidden)]
    unsafe fn peek_into(&self, buf: &mut MaybeUninit<T>);

    /// The same, slower for large values, but the compiler can see into it, and leaves out what is not used.
    ///
    /// # Safety
    /// As for `peek_into`.
    #[doc(hidden)]
    unsafe fn copy_into(&self, buf: &mut MaybeUninit<T>);

    /// Publishes a value.
    ///
    /// # Safety
    /// The caller holds the claim, or has exclusive access to the lock (I5 one-writer).
    #[doc(hidden)]
    unsafe fn publish(&self, value: &T);

    /// The same of a value that the caller was given by value, and that, if it is small, may be in registers.
    ///
    /// # Safety
    /// As for `publish`.
    #[doc(hidden)]
    #[inline]
    unsafe fn publish_by_value(&self, value: &T) {
        // SAFETY: the same contract.
        unsafe { self.publish(value) };
    }
}

/// A failed attempt at a read, passed to the retry policy of `read_with`.
///
/// ```
/// use core::ops::ControlFlow;
/// use seqcopy::{Attempt, SeqLock};
///
/// let lock = SeqLock::new(1);
/// let limit = |attempt: Attempt| if attempt.number < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(attempt.error) };
/// assert_eq!(lock.read_with(limit), Ok(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of failed attempts so far: 1 after the first.
    pub number: u32,
    /// Why this attempt failed.
    pub error: ReadError,
}

impl Attempt {
    /// An attempt with this number, for your own protocols that accept such policies.
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

/// The value by reference, which need not be moved first.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[inline]
pub(crate) fn write<T, L: Protocol<T>>(lock: &L, value: &T) {
    let claim = lock.claim().acquire(ClaimFor::OneWrite);
    // SAFETY: the claim is held (I5 one-writer).
    unsafe { lock.publish(value) };
    drop(claim);
}

/// By value. A large one is passed to a function that is not inlined and only reads it, so the compiler passes the original, if there
/// is one, instead of a copy. `ci/asm.sh` checks that it does.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[inline]
pub(crate) fn write_value<T, L: Protocol<T>>(lock: &L, value: &T) {
    #[inline(never)]
    fn large<T, L: Protocol<T>>(lock: &L, value: &T) {
        write(lock, value);
    }
    /// Where another writer holds the claim: all the rest, with a copy [`Apart`], so that no register has to outlive a call on the
    /// frequent path.
    #[cold]
    #[inline(never)]
    fn waiting<T, L: Protocol<T>>(lock: &L, value: &T) {
        write(lock, value);
    }
    if BY_TABLE {
        return write(lock, value);
    }
    if size_of::<T>() >= LARGE {
        return large(lock, value);
    }
    let Some(claim) = lock.claim().try_acquire(ClaimFor::OneWrite) else {
        let mut apart = Apart::new();
        // SAFETY: a value of a lock may exist twice (P20 bitwise).
        apart.buf.write(unsafe { core::ptr::from_ref(value).read() });
        // SAFETY: just written (P8 maybe-uninit).
        return waiting(lock, unsafe { apart.buf.assume_init_ref() });
    };
    // SAFETY: the claim is held (I5 one-writer).
    unsafe { lock.publish_by_value(value) };
    drop(claim);
}

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[inline]
pub(crate) fn try_write<T, L: Protocol<T>>(lock: &L, value: T) -> Result<(), T> {
    let Some(claim) = lock.claim().try_acquire(ClaimFor::OneWrite) else { return Err(value) };
    // SAFETY: the claim is held (I5 one-writer).
    unsafe { publish_value(lock, &value) };
    drop(claim);
    Ok(())
}

/// [`Protocol::publish`] of a value that the caller was given by value: see [`write_value`].
///
/// # Safety
/// As for `publish`.
#[inline]
pub(crate) unsafe fn publish_value<T, L: Protocol<T>>(lock: &L, value: &T) {
    #[inline(never)]
    unsafe fn large<T, L: Protocol<T>>(lock: &L, value: &T) {
        // SAFETY: the same contract.
        unsafe { lock.publish(value) };
    }
    if size_of::<T>() >= LARGE {
        // SAFETY: the same contract.
        unsafe { large(lock, value) };
    } else {
        // SAFETY: the same contract.
        unsafe { lock.publish_by_value(value) };
    }
}

#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[inline]
pub(crate) fn replace<T, L: Protocol<T>>(lock: &L, value: &T) -> T {
    /// Called with the caller's return slot, as `read_large`, and with the original, as `write_value::large`.
    #[inline(never)]
    fn large<T, L: Protocol<T>>(lock: &L, value: &T, old: &mut MaybeUninit<T>) {
        let claim = lock.claim().acquire(ClaimFor::OneWrite);
        // SAFETY: the claim is held (I5 one-writer).
        unsafe { lock.peek_into(old) };
        // SAFETY: the claim is held (I5 one-writer).
        unsafe { lock.publish(value) };
        drop(claim);
    }
    if size_of::<T>() >= LARGE && !BY_TABLE {
        let mut old = MaybeUninit::uninit();
        large(lock, value, &mut old);
        // SAFETY: `peek_into` filled it with the value published last (I7 checked).
        return unsafe { old.assume_init() };
    }
    let claim = lock.claim().acquire(ClaimFor::OneWrite);
    // SAFETY: the claim is held (I5 one-writer).
    let old = unsafe { peek(lock) };
    // SAFETY: the claim is held (I5 one-writer).
    unsafe { publish_value(lock, value) };
    drop(claim);
    old
}

/// Acquires the claim, changes a private copy and publishes it. If `change` panics, the claim is released and nothing changed.
#[cfg(any(target_has_atomic = "8", feature = "portable-atomic"))]
#[inline]
pub(crate) fn update<T, R, L: Protocol<T>>(lock: &L, change: impl FnOnce(&mut T) -> R) -> R {
    let claim = lock.claim().acquire(ClaimFor::OneWrite);
    // SAFETY: the claim is held (I5 one-writer).
    let result = unsafe { update_claimed(lock, change) };
    drop(claim);
    result
}

/// # Safety
/// The caller holds the claim, or has exclusive access to the lock.
#[inline]
pub(crate) unsafe fn update_claimed<T, R, L: Protocol<T>>(lock: &L, change: impl FnOnce(&mut T) -> R) -> R {
    if BY_TABLE {
        // Without optimisation every move of the value is a copy.
        let mut buf = MaybeUninit::uninit();
        // SAFETY: this function's contract.
        unsafe { lock.copy_into(&mut buf) };
        // SAFETY: `copy_into` filled it with the last value (I7 checked).
        let value = unsafe { buf.assume_init_mut() };
        let result = change(value);
        // SAFETY: this function's contract.
        unsafe { lock.publish(value) };
        return result;
    }
    let mut value = if size_of::<T>() >= LARGE {
        // SAFETY: this function's contract.
        unsafe { peek(lock) }
    } else {
        // SAFETY: this function's contract.
        unsafe { copied(lock) }
    };
    let result = change(&mut value);
    // SAFETY: this function's contract.
    unsafe { publish_value(lock, &value) };
    result
}

/// # Safety
/// The caller holds the claim, or has exclusive access to the lock.
#[inline]
pub(crate) unsafe fn peek<T, L: Protocol<T>>(lock: &L) -> T {
    /// As `read_large`.
    #[inline(never)]
    unsafe fn large<T, L: Protocol<T>>(lock: &L, buf: &mut MaybeUninit<T>) {
        // SAFETY: the contract of `peek`.
        unsafe { lock.peek_into(buf) };
    }
    if BY_TABLE {
        // SAFETY: the same contract.
        return unsafe { copied(lock) };
    }
    let mut buf = MaybeUninit::uninit();
    if size_of::<T>() >= LARGE {
        // SAFETY: this function's contract.
        unsafe { large(lock, &mut buf) };
    } else {
        // SAFETY: this function's contract.
        unsafe { lock.peek_into(&mut buf) };
    }
    // SAFETY: `peek_into` fills it with the last value (I7 checked).
    unsafe { buf.assume_init() }
}

/// [`peek`] for what is likely to be overwritten as a whole.
///
/// # Safety
/// As for `peek`.
#[inline]
pub(crate) unsafe fn copied<T, L: Protocol<T>>(lock: &L) -> T {
    let mut buf = MaybeUninit::uninit();
    // SAFETY: this function's contract.
    unsafe { lock.copy_into(&mut buf) };
    // SAFETY: `copy_into` fills it with the last value (I7 checked).
    unsafe { buf.assume_init() }
}
