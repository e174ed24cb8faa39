//! The memory of a map: [`Cell`], the racy bytes of a key or of a value, and [`Zeroed`], memory that the system gives as zeros, so that a large
//! table costs nothing before it is filled.

#[cfg(not(loom))]
mod chosen {
    use seqcopy::{Aligned8, AtomicPerByte, MaybeInvalid, SeqCopy};

    /// Storage of a `T`. All zeros is a cell that has no value yet.
    #[repr(transparent)]
    pub(crate) struct Cell<T>(AtomicPerByte<Aligned8<T>>);

    impl<T: SeqCopy> Cell<T> {
        #[inline(always)]
        pub(crate) fn load(&self) -> MaybeInvalid<T> {
            self.0.load_inner()
        }

        #[inline(always)]
        pub(crate) fn store(&self, value: &T) {
            self.0.store_inner(value);
        }
    }
}

/// Loom supports neither accesses by address nor of several sizes: in models a cell is two of loom's words, and its value has
/// 8 bytes.
#[cfg(loom)]
mod chosen {
    use core::marker::PhantomData;
    use core::mem::{MaybeUninit, transmute_copy};

    use seqcopy::{MaybeInvalid, SeqCopy};

    use crate::primitive::{AtomicU32, Relaxed};

    pub(crate) struct Cell<T>([AtomicU32; 2], PhantomData<T>);

    impl<T> Cell<T> {
        pub(crate) fn zeroed() -> Self {
            Cell([0, 0].map(AtomicU32::new), PhantomData)
        }
    }

    impl<T: SeqCopy> Cell<T> {
        pub(crate) fn load(&self) -> MaybeInvalid<T> {
            assert_eq!(size_of::<T>(), 8);
            let words = [self.0[0].load(Relaxed), self.0[1].load(Relaxed)];
            // SAFETY: of the same size; a `MaybeUninit` may have any bytes (P8 maybe-uninit).
            let bits: MaybeUninit<T> = unsafe { transmute_copy(&words) };
            // SAFETY: all bytes are initialised (I6 maybe-invalid).
            unsafe { MaybeInvalid::assume_written(bits) }
        }

        pub(crate) fn store(&self, value: &T) {
            assert_eq!(size_of::<T>(), 8);
            // SAFETY: models have values of 8 bytes without padding (I4 private).
            let words: [u32; 2] = unsafe { transmute_copy(value) };
            self.0[0].store(words[0], Relaxed);
            self.0[1].store(words[1], Relaxed);
        }
    }
}

pub(crate) use chosen::Cell;

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

/// The bytes of a cache line.
const LINE: usize = 64;

/// A number of `T`s that is a power of two, at first zeros.
///
/// A `T` that fits a line of the cache lies in one, if that takes at most a third more memory.
pub(crate) struct Zeroed<T> {
    items: *mut T,
    mask: usize,
    /// What the allocator gave, in which the items begin at a line.
    #[cfg(not(loom))]
    allocated: *mut u8,
}

impl<T> Zeroed<T> {
    /// The bytes from an item to the next.
    const STRIDE: usize = {
        let (size, even) = (size_of::<T>(), size_of::<T>().next_power_of_two());
        if cfg!(not(loom)) && even <= LINE && even - size <= size / 3 { even } else { size }
    };

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.mask + 1
    }

    /// The item of a number, from which multiples of the length are taken away.
    #[inline(always)]
    pub(crate) fn at(&self, index: usize) -> &T {
        // SAFETY: the index is masked, so it lies in the allocation (P10 raw-place).
        let item = unsafe { self.items.byte_add((index & self.mask) * Self::STRIDE) };
        // SAFETY: zeroed in place, which is a value (I2 init), lent out shared only, and freed with `self` (I10 handle).
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
        let allocated = unsafe { alloc_zeroed(layout) };
        if allocated.is_null() {
            handle_alloc_error(layout);
        }
        let skipped = allocated.align_offset(LINE);
        debug_assert!(skipped + (Self::STRIDE << bits) <= layout.size(), "space for the alignment");
        let items = allocated.wrapping_add(skipped).cast();
        Zeroed { items, mask: (1 << bits) - 1, allocated }
    }
}

#[cfg(not(loom))]
impl<T> Zeroed<T> {
    /// With space to begin at a line. Not with its alignment: the allocator would then write the zeros.
    fn layout(len: usize) -> alloc::alloc::Layout {
        const {
            assert!(size_of::<T>() != 0);
            assert!(
                align_of::<T>() <= LINE,
                "a `SeqMap` has keys and values of at most the alignment of a cache line, 64: use a type without a larger `repr(align)`"
            );
        }
        let size = len.checked_mul(Self::STRIDE).and_then(|size| size.checked_add(LINE - 1));
        let layout = size.and_then(|size| alloc::alloc::Layout::from_size_align(size, align_of::<T>()).ok());
        layout.expect("a capacity that fits the address space")
    }
}

#[cfg(not(loom))]
impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: allocated by this layout; the items have nothing to drop (P20 bitwise), and no reference to one is left (I4 private).
        unsafe { alloc::alloc::dealloc(self.allocated, Self::layout(self.len())) };
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
