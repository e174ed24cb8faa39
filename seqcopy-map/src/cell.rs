//! [`Cell`]: the racy bytes of a key or of a value.

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
