//! [`Buffered`]: an algorithm, over buffers of which it knows nothing. [`Protocol`]: what it does with values.

use core::mem::MaybeUninit;

use super::{Algorithm, Claimed, Payload, Version};
use crate::ReadError;

/// An algorithm by which one buffer is read while none, or another one, is written. What a writer does takes a [`Claimed`] lock, so it
/// can't be called without the claim (R2 one-protocol).
///
/// # Safety
/// * If `attempt_with` returns `Ok`, then every access that its closure made to the buffer saw the stores of the writes up to one, and of
///   none after it, and everything before that write happens-before the return (P21 snapshot, I7 checked).
/// * While the caller holds the claim, `newest` is the buffer published last, which readers may load.
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Buffered: Algorithm + Sized {
    type Buffer;

    /// Whether a write goes to the buffer that has the last value, so that what it does not store stays as it is.
    const IN_PLACE: bool;

    /// One attempt at what `load` loads, wait-free if that is.
    fn attempt_with(&self, load: impl FnOnce(&Self::Buffer)) -> Result<Version, ReadError>;

    /// The version of the value published last.
    fn latest_version(&self) -> Version;

    /// Where the value published last is.
    fn newest(&self) -> &Self::Buffer;

    /// Publishes what `store` stores.
    fn publish_with(lock: Claimed<'_, Self>, store: impl FnOnce(&Self::Buffer));
}

/// An algorithm for values of a type.
///
/// # Safety
/// * After `attempt_into` or `attempt_value` returns `Ok`, `buf` holds a `T` that was passed to `publish` or to the constructor, all of one
///   write, and everything before that write happens-before the return (P21 snapshot, I7 checked).
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Protocol<T>: Buffered<Buffer: Payload<T>> {
    /// One attempt, wait-free.
    #[inline]
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.attempt_with(|from| from.load_into(buf))
    }

    /// The same for a value that the caller is given by value, and that, if it is small, stays in registers.
    #[inline]
    fn attempt_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.attempt_with(|from| from.load_value(buf))
    }

    /// Publishes a value.
    #[inline]
    fn publish(lock: Claimed<'_, Self>, value: &T) {
        Self::publish_with(lock, |to| to.store(value));
    }

    /// The same of a value that the caller was given by value, and that, if it is small, may be in registers.
    #[inline]
    fn publish_by_value(lock: Claimed<'_, Self>, value: &T) {
        Self::publish_with(lock, |to| to.store_value(value));
    }
}
