//! [`Protocol`]: an algorithm, how a value is read and published. A lock consists of one, with the claim that makes writers exclusive.

use core::mem::MaybeUninit;

use super::{Algorithm, Claimed, Version};
use crate::ReadError;

/// An algorithm for values of a type. What a writer does takes a [`Claimed`] lock, so it can't be called without the claim
/// (R2 one-protocol).
///
/// # Safety
/// * After `attempt_into` or `attempt_value` returns `Ok`, `buf` holds a `T` that was passed to `publish` or to the constructor, all of one
///   write, and everything before that write happens-before the return (P21 snapshot, I7 checked).
/// * After `peek_into` or `copy_into`, `buf` holds the `T` published last.
#[allow(unreachable_pub)] // in the interface of a sealed trait, but not nameable
pub unsafe trait Protocol<T>: Algorithm + Sized {
    /// One attempt, wait-free.
    fn attempt_into(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError>;

    /// The same for a value that the caller is given by value, and that, if it is small, stays in registers.
    #[inline]
    fn attempt_value(&self, buf: &mut MaybeUninit<T>) -> Result<Version, ReadError> {
        self.attempt_into(buf)
    }

    /// The version of the value published last.
    fn latest_version(&self) -> Version;

    /// Copies the value published last.
    fn peek_into(lock: Claimed<'_, Self>, buf: &mut MaybeUninit<T>);

    /// The same, slower for large values, but the compiler can see into it, and leaves out what is not used.
    fn copy_into(lock: Claimed<'_, Self>, buf: &mut MaybeUninit<T>);

    /// Publishes a value.
    fn publish(lock: Claimed<'_, Self>, value: &T);

    /// The same of a value that the caller was given by value, and that, if it is small, may be in registers.
    #[inline]
    fn publish_by_value(lock: Claimed<'_, Self>, value: &T) {
        Self::publish(lock, value);
    }
}
