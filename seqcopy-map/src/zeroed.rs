//! [`Zeroed`]: memory that the system gives as zeros, so that a large table costs nothing before it is filled.

/// What may begin as zeros, and has nothing to drop.
///
/// # Safety
/// All zeros is a value, and `Drop` does nothing.
pub(crate) unsafe trait Zero {
    /// For models, in which an atomic is more than its bits.
    #[cfg(loom)]
    fn zero() -> Self;
}

// SAFETY: the number 0 (P20 bitwise).
unsafe impl Zero for crate::primitive::AtomicU64 {
    #[cfg(loom)]
    fn zero() -> Self {
        Self::new(0)
    }
}

/// A number of `T`s that is a power of two, at first zeros.
pub(crate) struct Zeroed<T> {
    items: *mut T,
    mask: usize,
}

impl<T> Zeroed<T> {
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.mask + 1
    }

    /// The item of a number, from which multiples of the length are taken away.
    #[inline(always)]
    pub(crate) fn at(&self, index: usize) -> &T {
        // SAFETY: the index is masked, so it lies in the allocation (P10 raw-place).
        let item = unsafe { self.items.add(index & self.mask) };
        // SAFETY: zeroed in place, which is a value, and lent out shared only (I2 init, P18 shared-ref).
        unsafe { &*item }
    }
}

#[cfg(not(loom))]
impl<T: Zero> Zeroed<T> {
    /// 2 to the power `bits` of them.
    ///
    /// # Panics
    /// If that is more than fits the address space.
    pub(crate) fn allocate(bits: u32) -> Self {
        use alloc::alloc::{alloc_zeroed, handle_alloc_error};

        let layout = Self::layout(1 << bits);
        // SAFETY: no `T` here has the size zero (P9 layout).
        let items = unsafe { alloc_zeroed(layout) };
        if items.is_null() {
            handle_alloc_error(layout);
        }
        Zeroed { items: items.cast(), mask: (1 << bits) - 1 }
    }
}

#[cfg(not(loom))]
impl<T> Zeroed<T> {
    fn layout(len: usize) -> alloc::alloc::Layout {
        const { assert!(size_of::<T>() != 0) };
        alloc::alloc::Layout::array::<T>(len).expect("a capacity that fits the address space")
    }
}

#[cfg(not(loom))]
impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: allocated by this layout; the items have nothing to drop (P20 bitwise), and no reference to one is left (I4 private).
        unsafe { alloc::alloc::dealloc(self.items.cast(), Self::layout(self.len())) };
    }
}

#[cfg(loom)]
impl<T: Zero> Zeroed<T> {
    pub(crate) fn allocate(bits: u32) -> Self {
        let items: alloc::boxed::Box<[T]> = (0..1 << bits).map(|_| T::zero()).collect();
        Zeroed { items: alloc::boxed::Box::into_raw(items).cast(), mask: (1 << bits) - 1 }
    }
}

#[cfg(loom)]
impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw` with this length (I4 private).
        drop(unsafe { alloc::boxed::Box::from_raw(core::ptr::slice_from_raw_parts_mut(self.items, self.len())) });
    }
}
