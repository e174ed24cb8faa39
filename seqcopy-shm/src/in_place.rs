//! Large values inside a `Result`, read to where they will be in it: what `lock/in_place.rs` of seqcopy does for the locks. And
//! [`Apart`], for small ones.

use core::mem::MaybeUninit;

/// A buffer for a rare path. It is larger than its value, so the compiler can't use the place that the value is moved to in its stead,
/// and that place need not be in memory on the frequent path.
#[repr(C)]
pub(crate) struct Apart<T> {
    pub(crate) buf: MaybeUninit<T>,
    more: MaybeUninit<u8>,
}

impl<T> Apart<T> {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Apart { buf: MaybeUninit::uninit(), more: MaybeUninit::uninit() }
    }
}

/// Where in an `R` its `T` probably is: behind a tag, or at the start. Only speed depends on it.
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

/// What `make` makes of the value that `fill` leaves in the buffer, with what it returned; or the result that `fill` returns instead.
///
/// # Safety
/// If `fill` returns `Ok`, it has put a valid `T` into the buffer.
#[inline]
pub(crate) unsafe fn read<T, V, R>(
    fill: impl FnOnce(&mut MaybeUninit<T>) -> Result<V, R>,
    make: impl FnOnce(T, V) -> R,
) -> R {
    /// Never inlined, so that it is called with the caller's return slot.
    #[inline(never)]
    fn read_large<T, V, R>(
        result: &mut MaybeUninit<R>,
        fill: impl FnOnce(&mut MaybeUninit<T>) -> Result<V, R>,
        make: impl FnOnce(T, V) -> R,
    ) {
        let buf = place::<T, _>(result);
        match fill(buf) {
            Ok(with) => {
                // SAFETY: a valid `T`, by the contract of `read` (I7 checked). It is not used again where it lies.
                let value = unsafe { buf.assume_init_read() };
                result.write(make(value, with));
            }
            Err(instead) => _ = result.write(instead),
        }
    }
    let mut result = MaybeUninit::uninit();
    read_large(&mut result, fill, make);
    // SAFETY: it was written (P8 maybe-uninit).
    unsafe { result.assume_init() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadValueError;

    fn check<T: Copy + PartialEq + core::fmt::Debug>(value: T) {
        fn fill<T: Copy, E>(value: T) -> impl FnOnce(&mut MaybeUninit<T>) -> Result<u64, E> {
            move |buf| {
                buf.write(value);
                Ok(7)
            }
        }
        const CLOSED: ReadValueError = ReadValueError::Closed;
        // SAFETY: `fill` writes a value (I7 checked).
        let pair: Result<_, ReadValueError> = unsafe { read(fill(value), |value, with| Ok((value, with))) };
        assert_eq!(pair, Ok((value, 7)));
        // SAFETY: as above (I7 checked).
        let some: Result<_, ReadValueError> = unsafe { read(fill(value), |value, _| Ok(Some(value))) };
        assert_eq!(some, Ok(Some(value)));
        // SAFETY: as above (I7 checked).
        let nested: Result<Result<T, ReadValueError>, u8> = unsafe { read(fill(value), |value, _| Ok(Ok(value))) };
        assert_eq!(nested, Ok(Ok(value)));
        // SAFETY: as above (I7 checked).
        assert_eq!(unsafe { read(fill(value), |value, _| value) }, value);
        // SAFETY: this never returns `Ok` (I7 checked).
        let failed: Result<T, _> = unsafe { read(|_| Err::<u64, _>(Err(CLOSED)), |value, _| Ok(value)) };
        assert_eq!(failed, Err(CLOSED));
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
