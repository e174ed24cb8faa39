//! Large values inside a `Result`, read to where they will be in it.
//!
//! A value that is read into a buffer and then moved into a `Result` is copied twice. Here it is read to the place in the `Result` where
//! it probably belongs. `Ok(value)` is then written by a move from that place, which the compiler leaves out where it moves nothing;
//! where it lays the `Result` out in another way, the move is a copy. So speed depends on the guess, and nothing else does.

use core::mem::MaybeUninit;

use super::{Protocol, Version};
use crate::ReadError;

/// Where in an `R` its `T` probably is: at the start if there is nothing else, or behind a tag.
const fn offset<T, R>() -> usize {
    let tagged = align_of::<T>();
    if size_of::<R>() - size_of::<T>() >= tagged && size_of::<R>() > size_of::<T>() { tagged } else { 0 }
}

/// The place for a `T`.
///
/// `R` is at least as large and as aligned as `T`, or this does not compile.
fn place<T, R>(result: &mut MaybeUninit<R>) -> &mut MaybeUninit<T> {
    const { assert!(size_of::<R>() >= size_of::<T>() && align_of::<R>() >= align_of::<T>()) };
    // SAFETY: inside the result, by the definition of `offset`, and any bytes will do there (P8 maybe-uninit).
    let place = unsafe { result.as_mut_ptr().byte_add(const { offset::<T, R>() }) };
    // SAFETY: aligned, since both the start and the offset are; exclusively borrowed; and any bytes will do (P8 maybe-uninit).
    unsafe { &mut *place.cast::<MaybeUninit<T>>() }
}

/// One attempt.
#[inline]
pub(super) fn attempt<T, R, L: Protocol<T>>(lock: &L, make: impl FnOnce(T, Version) -> R) -> Result<R, ReadError> {
    /// As `read_large`: called with the caller's return slot.
    #[inline(never)]
    fn attempt_large<T, R, L: Protocol<T>>(
        lock: &L,
        result: &mut MaybeUninit<Result<R, ReadError>>,
        make: impl FnOnce(T, Version) -> R,
    ) {
        let buf = place::<T, _>(result);
        match lock.attempt_into(buf) {
            Ok(version) => {
                // SAFETY: the attempt succeeded (I7 checked). It is not used again where it lies.
                let value = unsafe { buf.assume_init_read() };
                result.write(Ok(make(value, version)));
            }
            Err(error) => _ = result.write(Err(error)),
        }
    }
    let mut result = MaybeUninit::uninit();
    attempt_large(lock, &mut result, make);
    // SAFETY: it was written (P8 maybe-uninit).
    unsafe { result.assume_init() }
}

/// Attempts until one succeeds, or `stops` returns a value.
#[inline]
pub(super) fn read_with<T, B, L: Protocol<T>>(lock: &L, stops: impl FnMut(ReadError) -> Option<B>) -> Result<T, B> {
    #[inline(never)]
    fn read_with_large<T, B, L: Protocol<T>>(
        lock: &L,
        result: &mut MaybeUninit<Result<T, B>>,
        mut stops: impl FnMut(ReadError) -> Option<B>,
    ) {
        let buf = place::<T, _>(result);
        while let Err(error) = lock.attempt_into(buf) {
            if let Some(value) = stops(error) {
                result.write(Err(value));
                return;
            }
        }
        // SAFETY: an attempt succeeded (I7 checked). It is not used again where it lies.
        let value = unsafe { buf.assume_init_read() };
        result.write(Ok(value));
    }
    let mut result = MaybeUninit::uninit();
    read_with_large(lock, &mut result, stops);
    // SAFETY: it was written (P8 maybe-uninit).
    unsafe { result.assume_init() }
}
