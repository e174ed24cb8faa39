//! [`Overwritten`]: elements of the caller's, between the attempts that overwrite them.

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
    /// Whether it is kept from the start, and not only before an element is first overwritten.
    const EARLY: bool;

    fn new() -> Self;

    fn keep(&mut self, value: &MaybeUninit<T>);

    /// Null if none was kept.
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
        // SAFETY: a box for one; a value of a `SeqCopy` type may exist twice (P20 bitwise). By reference: a move may go over the stack.
        unsafe { core::ptr::from_ref(value).copy_to_nonoverlapping(kept.as_mut_ptr().cast(), 1) };
    }

    fn kept(&self) -> *const MaybeUninit<T> {
        self.0.as_deref().map_or(core::ptr::null(), |kept| kept)
    }
}

/// Values of the caller's that attempts overwrite, by any bits. On drop they are values again, those that are read, or else copies of
/// what was the first one.
#[derive(Debug)]
pub struct Overwritten<'d, T, K: Keep<T>> {
    elements: &'d mut [MaybeUninit<T>],
    first: K,
    /// How many may have been overwritten.
    touched: usize,
    /// How many of these are values.
    pub read: usize,
}

impl<'d, T: SeqCopy, K: Keep<T>> Overwritten<'d, T, K> {
    /// Before the first attempt.
    #[must_use]
    pub fn new(elements: &'d mut [T]) -> Self {
        let len = elements.len();
        // SAFETY: the same elements, as exclusively borrowed; they are values again when that borrow ends (I7 checked).
        let elements = unsafe { core::slice::from_raw_parts_mut(elements.as_mut_ptr().cast::<MaybeUninit<T>>(), len) };
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
            // SAFETY: kept, since an element was to be overwritten, and elsewhere; it may exist any number of times (P20 bitwise).
            unsafe { first.copy_to_nonoverlapping(element, 1) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What attempts leave: two that failed, the second one with fewer elements, and one that read one.
    fn elements_are_values_again<const N: usize, K: Keep<[bool; N]>>() {
        let value = |bits: usize| core::array::from_fn::<bool, N, _>(|i| i % 4 == bits);
        let mut elements = [value(0), value(1), value(2), value(3)];
        let mut overwritten = Overwritten::<_, K>::new(&mut elements);
        for count in [3, 2, 1] {
            let place = overwritten.place(count);
            // SAFETY: the place of as many elements (I4 private).
            unsafe { place.cast::<u8>().write_bytes(7, count * N) };
        }
        overwritten.elements[0].write(value(2));
        overwritten.read = 1;
        drop(overwritten);
        assert_eq!(elements, [value(2), value(0), value(0), value(3)]);

        let mut overwritten = Overwritten::<_, K>::new(&mut elements);
        let place = overwritten.place(4);
        // SAFETY: the place of four elements, borrowed (I4 private).
        unsafe { place.cast::<u8>().write_bytes(7, 4 * N) };
        drop(overwritten);
        assert_eq!(elements, [value(2); 4]);

        // Nothing to keep.
        drop(Overwritten::<[bool; N], K>::new(&mut []));
        assert_eq!(Overwritten::<_, K>::new(&mut elements[..1]).bits(1).len(), 1);
    }

    #[test]
    fn overwritten_elements_are_values_again() {
        elements_are_values_again::<5, OnStack<_>>();
        elements_are_values_again::<5, OnHeap<_>>();
        elements_are_values_again::<4100, OnHeap<_>>();
    }
}
