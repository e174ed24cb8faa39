//! Reads large values straight to their place inside of a `Result` or an `Option`. [`SeparateBuf`] is the buffer of
//! small values. `overwritten` reads elements of a slice over existing ones. Users are the locks, `SeqCount`, and
//! seqcopy-shm, which depends on exactly this version.
//!
//! A value that is read into a buffer and then moved into a `Result` is copied twice. Here it is read to the place in
//! the `Result` where it probably belongs, and `Ok(value)` is then written with a move from that place. The compiler
//! removes a move to the same place. If it lays out the `Result` in another way, the move is a copy. So the guess
//! affects the speed, and nothing else.

use core::mem::MaybeUninit;

pub use crate::copy::LONG;
#[cfg(feature = "alloc")]
pub use overwritten::{Keep, ON_STACK, OnHeap, OnStack, Overwritten};

/// A buffer for a rare path. It is larger than its value, so the compiler can't use the place that the value is moved
/// to in its stead, and that place need not be in memory on the frequent path.
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

/// Guess of the offset of `T` in `R`: 0 if `R` contains nothing else, otherwise after a tag. A wrong guess costs a
/// copy.
const fn offset<T, R>() -> usize {
    let tagged = align_of::<T>();
    if size_of::<R>() - size_of::<T>() >= tagged && size_of::<R>() > size_of::<T>() { tagged } else { 0 }
}

/// The probable place of the `T` in an `R`.
///
/// Does not compile unless `R` is at least as large and as aligned as `T`.
fn place<T, R>(result: &mut MaybeUninit<R>) -> &mut MaybeUninit<T> {
    const { assert!(size_of::<R>() >= size_of::<T>() && align_of::<R>() >= align_of::<T>()) };
    // SAFETY: inside the result, by the definition of `offset`, and any bytes will do there (P8 maybe-uninit).
    let place = unsafe { result.as_mut_ptr().byte_add(const { offset::<T, R>() }) };
    // SAFETY: aligned, since both the start and the offset are; exclusively borrowed; and any bytes will do (P8
    // maybe-uninit).
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
    /// Never inlined, so that the compiler passes the place of the caller's result.
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

/// Calls `fill` with the place of an existing value. If `fill` unwinds, the value may be invalid, so the process ends.
/// # Safety
/// When `fill` returns, there is a valid `T` in the place.
#[inline]
pub(crate) unsafe fn over<T, R>(dst: &mut T, fill: impl FnOnce(&mut MaybeUninit<T>) -> R) -> R {
    /// Ends the process if it is dropped during unwinding, because a panic during a panic does.
    struct NoUnwinding;
    impl Drop for NoUnwinding {
        fn drop(&mut self) {
            panic!("a read over an existing value can't be left before it has succeeded");
        }
    }
    let no_unwinding = NoUnwinding;
    // SAFETY: of the same layout. The bits may be invalid until `fill` has returned (I7 checked). Up to then the caller
    // can't see them, because its borrow lasts, and a panic ends the process.
    let result = fill(unsafe { &mut *(&raw mut *dst).cast::<MaybeUninit<T>>() });
    core::mem::forget(no_unwinding);
    result
}

#[cfg(feature = "alloc")]
mod overwritten {
    //! [`Overwritten`] keeps the caller's elements valid between the attempts that overwrite them.

    use alloc::boxed::Box;
    use core::mem::MaybeUninit;

    use crate::seq_copy::SeqCopy;

    /// Up to this size, in bytes, a copy of an element is kept on the stack.
    pub const ON_STACK: usize = 4096;

    /// Where the value of an element is kept while the element is overwritten.
    ///
    /// # Safety
    /// After `keep`, there is a copy of what it was given at `kept`, and in no element.
    pub unsafe trait Keep<T> {
        /// Whether a valid element is kept from the start. Otherwise it is kept before an element is overwritten for
        /// the first time.
        const EARLY: bool;

        fn new() -> Self;

        fn keep(&mut self, value: &MaybeUninit<T>);

        /// The element that was kept, or null.
        fn kept(&self) -> *const MaybeUninit<T>;
    }

    /// For small elements.
    #[derive(Debug)]
    pub struct OnStack<T>(MaybeUninit<T>);

    // SAFETY: copied here (I4 private).
    unsafe impl<T> Keep<T> for OnStack<T> {
        const EARLY: bool = true;

        #[inline(always)]
        fn new() -> Self {
            OnStack(MaybeUninit::uninit())
        }

        #[inline(always)]
        fn keep(&mut self, value: &MaybeUninit<T>) {
            // SAFETY: a value of a `SeqCopy` type may exist twice (P20 bitwise).
            self.0 = unsafe { core::ptr::from_ref(value).read() };
        }

        #[inline(always)]
        fn kept(&self) -> *const MaybeUninit<T> {
            &raw const self.0
        }
    }

    /// For elements of more than [`ON_STACK`] bytes, which may not fit on the stack. Allocates when one is kept.
    #[derive(Debug)]
    pub struct OnHeap<T>(Option<Box<MaybeUninit<T>>>);

    // SAFETY: copied to a box (I4 private).
    unsafe impl<T> Keep<T> for OnHeap<T> {
        const EARLY: bool = false;

        fn new() -> Self {
            OnHeap(None)
        }

        fn keep(&mut self, value: &MaybeUninit<T>) {
            let kept = self.0.insert(Box::new_uninit());
            // SAFETY: a box for one; a value of a `SeqCopy` type may exist twice (P20 bitwise). By reference: a move
            // may go over the stack.
            unsafe { core::ptr::from_ref(value).copy_to_nonoverlapping(kept.as_mut_ptr().cast(), 1) };
        }

        fn kept(&self) -> *const MaybeUninit<T> {
            self.0.as_deref().map_or(core::ptr::null(), |kept| kept)
        }
    }

    /// Values of the caller's that attempts overwrite, by any bits. On drop they are values again, those that are read,
    /// or else copies of what was the first one.
    #[derive(Debug)]
    pub struct Overwritten<'d, T, K: Keep<T>> {
        elements: &'d mut [MaybeUninit<T>],
        first: K,
        /// How many elements may have been overwritten.
        touched: usize,
        /// How many of these are values.
        pub read: usize,
    }

    impl<'d, T: SeqCopy, K: Keep<T>> Overwritten<'d, T, K> {
        /// Before the first attempt.
        #[must_use]
        pub fn new(elements: &'d mut [T]) -> Self {
            let len = elements.len();
            // SAFETY: the same elements, as exclusively borrowed; they are values again when that borrow ends (I7
            // checked).
            let elements =
                unsafe { core::slice::from_raw_parts_mut(elements.as_mut_ptr().cast::<MaybeUninit<T>>(), len) };
            let mut first = K::new();
            if let (true, Some(value)) = (K::EARLY, elements.first()) {
                first.keep(value);
            }
            Overwritten { elements, first, touched: 0, read: 0 }
        }

        /// The place of the first `count`, which is not more than there are.
        pub fn place(&mut self, count: usize) -> *mut T {
            if !K::EARLY && self.touched == 0 && count != 0 {
                if let Some(value) = self.elements.first() {
                    self.first.keep(value);
                }
            }
            self.touched = self.touched.max(count);
            self.elements.as_mut_ptr().cast()
        }

        /// The first `count`, as an attempt left them.
        #[must_use]
        pub fn bits(&self, count: usize) -> &[MaybeUninit<T>] {
            &self.elements[..count]
        }
    }

    impl<T, K: Keep<T>> Drop for Overwritten<'_, T, K> {
        fn drop(&mut self) {
            let first = self.first.kept();
            for element in self.elements.iter_mut().take(self.touched).skip(self.read) {
                // SAFETY: kept, since an element was to be overwritten, and elsewhere; it may exist any number of times
                // (P20 bitwise).
                unsafe { first.copy_to_nonoverlapping(element, 1) };
            }
        }
    }
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

    /// What attempts leave: two that failed, the second one with fewer elements, and one that read one.
    #[cfg(feature = "alloc")]
    fn elements_are_values_again<const N: usize, K: Keep<[bool; N]>>() {
        let value = |bits: usize| core::array::from_fn::<bool, N, _>(|i| i % 4 == bits);
        let mut elements = [value(0), value(1), value(2), value(3)];
        let mut overwritten = Overwritten::<_, K>::new(&mut elements);
        for count in [3, 2, 1] {
            let place = overwritten.place(count);
            // SAFETY: the place of as many elements (I4 private).
            unsafe { place.cast::<u8>().write_bytes(7, count * N) };
        }
        // SAFETY: the place of one element (I4 private).
        unsafe { overwritten.place(1).write(value(2)) };
        overwritten.read = 1;
        drop(overwritten);
        assert_eq!(elements, [value(2), value(0), value(0), value(3)]);

        let mut overwritten = Overwritten::<_, K>::new(&mut elements);
        let place = overwritten.place(4);
        // SAFETY: the place of four elements, borrowed (I4 private).
        unsafe { place.cast::<u8>().write_bytes(7, 4 * N) };
        drop(overwritten);
        assert_eq!(elements, [value(2); 4]);

        // There is no element to keep.
        drop(Overwritten::<[bool; N], K>::new(&mut []));
        assert_eq!(Overwritten::<_, K>::new(&mut elements[..1]).bits(1).len(), 1);
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn overwritten_elements_are_values_again() {
        elements_are_values_again::<5, OnStack<_>>();
        elements_are_values_again::<5, OnHeap<_>>();
        elements_are_values_again::<4100, OnHeap<_>>();
    }
}
