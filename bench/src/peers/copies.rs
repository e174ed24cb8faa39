//! Peers without a lock: atomic-memcpy and iceoryx2's `FixedSizeByteAtomic`.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::Relaxed;

use iceoryx2_bb_container::byte_atomic::FixedSizeByteAtomic;
use iceoryx2_bb_elementary_traits::atomic_copy::AtomicCopy;

use super::Copier;
use crate::shapes::Shape;

/// atomic-memcpy: copies words, padding included, so only for shapes without padding. Loads and stores by value.
#[repr(C, align(8))]
pub struct AtomicMemcpy<T>(UnsafeCell<T>);

// SAFETY: accessed atomically.
unsafe impl<T: Send> Sync for AtomicMemcpy<T> {}

impl<T: Shape> Copier<T> for AtomicMemcpy<T> {
    const NAME: &'static str = "atomic-memcpy";

    fn new(value: T) -> Self {
        AtomicMemcpy(UnsafeCell::new(value))
    }

    #[inline(always)]
    fn load(&self, buf: &mut MaybeUninit<T>) {
        // SAFETY: aligned and alive; all accesses are by atomic-memcpy; it is not used for shapes with padding.
        *buf = unsafe { atomic_memcpy::atomic_load(self.0.get(), Relaxed) };
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        // SAFETY: as above.
        unsafe { atomic_memcpy::atomic_store(self.0.get(), *value, Relaxed) };
    }
}

/// iceoryx2: one access per byte. Loads and stores by value.
pub struct ByteAtomic<T: AtomicCopy, const SIZE: usize>(FixedSizeByteAtomic<T, SIZE>);

impl<T: Shape + AtomicCopy, const SIZE: usize> Copier<T> for ByteAtomic<T, SIZE> {
    const NAME: &'static str = "iceoryx2-byteatomic";

    fn new(value: T) -> Self {
        ByteAtomic(FixedSizeByteAtomic::new(value))
    }

    #[inline(always)]
    fn load(&self, buf: &mut MaybeUninit<T>) {
        // SAFETY: one thread writes and reads, so nothing is torn.
        buf.write(unsafe { self.0.read().assume_consistent() });
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        self.0.write(*value);
    }
}
