//! Large values inside of a result, read to where they will be in it; [`SeparateBuf`], for small ones; and values read over others, elements of
//! a slice in `overwritten.rs`. For the locks, for `SeqCount`, and for seqcopy-shm, which is pinned to this version.
//!
//! A value that is read into a buffer and then moved into a `Result` is copied twice. Here it is read to the place in the `Result` where
//! it probably belongs. `Ok(value)` is then written by a move from that place, which the compiler leaves out where it moves nothing;
//! where it lays the `Result` out in another way, the move is a copy. So speed depends on the guess, and nothing else does.

#[cfg(feature = "alloc")]
mod overwritten;

use core::mem::MaybeUninit;

pub use crate::copy::LONG;
#[cfg(feature = "alloc")]
pub use overwritten::{Keep, ON_STACK, OnHeap, OnStack, Overwritten};

/// A buffer for a rare path. It is larger than its value, so the compiler can't use the place that the value is moved to in its stead,
/// and that place need not be in memory on the frequent path.
#[derive(Debug)]
#[repr(C)]
pub struct SeparateBuf<T> {
    /// The place for the value.
    pub buf: MaybeUninit<T>,
    more: MaybeUninit<u8>,
}

impl<T> SeparateBuf<T> {
    /// Without a value.
    #[inline(always)]
    #[must_use]
    pub const fn uninit() -> Self {
        SeparateBuf { buf: MaybeUninit::uninit(), more: MaybeUninit::uninit() }
    }
}

/// Where in an `R` its `T` probably is: at the start if there is nothing else, or after a tag.
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

/// What `make` makes of the value that `fill` leaves in the buffer, with what it returned; or `fail` of its error.
///
/// # Safety
/// If `fill` returns `Ok`, it has put a valid `T` into the buffer.
#[inline]
pub unsafe fn read<T, V, E, R>(
    fill: impl FnOnce(&mut MaybeUninit<T>) -> Result<V, E>,
    make: impl FnOnce(T, V) -> R,
    fail: impl FnOnce(E) -> R,
) -> R {
    /// Never inlined, so that it is called with the caller's return slot.
    #[inline(never)]
    fn read_large<T, V, E, R>(
        result: &mut MaybeUninit<R>,
        fill: impl FnOnce(&mut MaybeUninit<T>) -> Result<V, E>,
        make: impl FnOnce(T, V) -> R,
        fail: impl FnOnce(E) -> R,
    ) {
        let buf = place::<T, _>(result);
        match fill(buf) {
            Ok(with) => {
                // SAFETY: a valid `T`, by the contract of `read` (I7 checked). It is not used again where it lies.
                let value = unsafe { buf.assume_init_read() };
                result.write(make(value, with));
            }
            Err(error) => _ = result.write(fail(error)),
        }
    }
    let mut result = MaybeUninit::uninit();
    read_large(&mut result, fill, make, fail);
    // SAFETY: it was written (P8 maybe-uninit).
    unsafe { result.assume_init() }
}

/// Calls `fill` with the place of an existing value. Ends the process if it unwinds, since the value may be invalid then.
///
/// # Safety
/// When `fill` returns, there is a valid `T` in the place.
#[inline]
pub(crate) unsafe fn over<T, R>(dst: &mut T, fill: impl FnOnce(&mut MaybeUninit<T>) -> R) -> R {
    /// Ends the process if it is dropped while unwinding: a panic during a panic does.
    struct NoUnwinding;
    impl Drop for NoUnwinding {
        fn drop(&mut self) {
            panic!("a read over an existing value can't be left before it has succeeded");
        }
    }
    let no_unwinding = NoUnwinding;
    // SAFETY: of the same layout. The bits may be invalid until `fill` has returned (I7 checked). Up to then the caller can't see
    // them, because its borrow lasts, and a panic ends the process.
    let result = fill(unsafe { &mut *(&raw mut *dst).cast::<MaybeUninit<T>>() });
    core::mem::forget(no_unwinding);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seq_count::ReadError;

    fn check<T: Copy + PartialEq + core::fmt::Debug>(value: T) {
        fn fill<T: Copy, E>(value: T) -> impl FnOnce(&mut MaybeUninit<T>) -> Result<u64, E> {
            move |buf| {
                buf.write(value);
                Ok(7)
            }
        }
        // SAFETY: `fill` writes a value (I7 checked).
        let pair: Result<_, ReadError> = unsafe { read(fill(value), |value, with| Ok((value, with)), Err) };
        assert_eq!(pair, Ok((value, 7)));
        // SAFETY: a value, written by `fill` (I7 checked).
        let some: Result<_, ReadError> = unsafe { read(fill(value), |value, _| Ok(Some(value)), Err) };
        assert_eq!(some, Ok(Some(value)));
        // SAFETY: a value, written by `fill` (I7 checked).
        let nested: Result<Result<T, ReadError>, u8> = unsafe { read(fill(value), |value, _| Ok(Ok(value)), Err) };
        assert_eq!(nested, Ok(Ok(value)));
        // SAFETY: a value, written by `fill` (I7 checked).
        assert_eq!(unsafe { read(fill(value), |value, _| value, |()| unreachable!()) }, value);
        // SAFETY: this never returns `Ok` (I7 checked).
        let failed: Result<T, _> = unsafe { read(|_| Err::<u64, _>(ReadError::Torn), |value, _| Ok(value), Err) };
        assert_eq!(failed, Err(ReadError::Torn));
    }

    #[test]
    fn values_and_errors() {
        check([1u64; 40]);
        check([2u8; 257]);
        check([true; 300]);
        check((false, [5u64; 40], 'a'));
        check([1u128; 17]);
    }
}
