//! [`Payload`]: racy storage as an algorithm sees it.

use core::mem::MaybeUninit;

use crate::{Aligned8, AtomicPerByte, Part, SeqCopy, copy};

/// Storage of one `T` that any number of threads may load from while one stores.
///
/// The algorithms are generic over it, so that the model checker can run them with a payload that it supports.
///
/// # Safety
/// `store` and `load_into` make relaxed atomic accesses to the same parts of the value. If every part of a load saw the same
/// store, `buf` then holds that store's value. After `copy_into`, `buf` holds the value stored last.
///
/// `store_part` and `load_part` make accesses of those. If every access of a load saw the same store of a whole value, or later stores of
/// parts of it that all accesses of the load saw as well, `buf` then holds the part of that value.
#[allow(unreachable_pub)] // a bound of a public trait, but not nameable
pub unsafe trait Payload<T> {
    /// Copies the bits, which may be torn.
    #[doc(hidden)]
    fn load_into(&self, buf: &mut MaybeUninit<T>);

    /// The same for a value that the caller is given by value.
    #[doc(hidden)]
    #[inline(always)]
    fn load_value(&self, buf: &mut MaybeUninit<T>) {
        self.load_into(buf);
    }

    /// Copies the value stored last, by plain accesses where it can: the compiler leaves them out where the copy is overwritten.
    ///
    /// # Safety
    /// Nothing is stored during the call, and the last store happens-before it.
    #[doc(hidden)]
    unsafe fn copy_into(&self, buf: &mut MaybeUninit<T>) {
        self.load_into(buf);
    }

    /// Stores a value.
    #[doc(hidden)]
    fn store(&self, value: &T);

    /// The same of a value that the caller was given by value.
    #[doc(hidden)]
    #[inline(always)]
    fn store_value(&self, value: &T) {
        self.store(value);
    }

    /// Copies the bits of a part, which may be torn.
    #[doc(hidden)]
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>);

    /// Stores a part.
    ///
    /// # Safety
    /// The caller holds the claim (I5 one-writer).
    #[doc(hidden)]
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F);
}

// SAFETY: the accesses of one partition (I1 partition), each relaxed and atomic; every data byte of the value is copied
// (I3 exact), and of a part those that touch a data byte of it. A store of a part leaves the other bytes of these accesses as they are:
// only the holder of the claim stores (I5 one-writer). The lock owns the storage, so nothing else accesses it.
unsafe impl<T: SeqCopy> Payload<T> for AtomicPerByte<Aligned8<T>> {
    #[inline(always)]
    fn load_into(&self, buf: &mut MaybeUninit<T>) {
        self.load_inner_into(buf);
    }

    #[inline(always)]
    fn load_value(&self, buf: &mut MaybeUninit<T>) {
        // SAFETY: as in `AtomicPerByte::load_inner_into`, of this storage (I1 partition, I2 init, I4 private).
        unsafe { copy::load_value::<Aligned8<T>>(self.as_ptr(), buf.as_mut_ptr().cast()) };
    }

    #[inline(always)]
    unsafe fn copy_into(&self, buf: &mut MaybeUninit<T>) {
        let from = self.as_ptr().cast::<MaybeUninit<T>>();
        if copy::BY_TABLE {
            // SAFETY: as below; the buffer is the caller's (I4 private).
            unsafe { copy::copy_private(from.cast(), buf.as_mut_ptr().cast(), size_of::<T>()) };
        } else {
            // SAFETY: a `T` lies at offset 0 of the storage, in memory for which any bytes will do (P8 maybe-uninit); the pointer
            // comes from its `UnsafeCell` (P18 shared-ref). By this function's contract other threads only load it meanwhile, which
            // may race with reads of any kind (P3 read-read, P2 mixed-size). The data bytes of the last value are kept
            // (P8 maybe-uninit).
            *buf = unsafe { from.read() };
        }
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        // SAFETY: the storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow the
        // partition (I1 partition), and the lock owns the storage, so nothing else accesses its padding. The data of an
        // `Aligned8<T>` is that of its `T` at offset 0, and `value` is a valid `T`, borrowed (I3 exact), not in the storage
        // (R1 copy-layer).
        unsafe { copy::store_owned::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    #[inline(always)]
    fn store_value(&self, value: &T) {
        // SAFETY: as in `store` (I1 partition, I3 exact, R1 copy-layer).
        unsafe { copy::store_owned_value::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    #[inline(always)]
    fn load_part<F>(&self, part: Part<T, F>, buf: &mut MaybeUninit<F>) {
        let buf = buf.as_mut_ptr().cast();
        // SAFETY: the lock's storage is aligned, readable and initialised (I2 init); shared accesses follow the partition (I1 partition).
        // The data of an `Aligned8<T>` is that of its `T` at offset 0; an `F` lies there, for which `buf` has space (I4 private).
        unsafe { copy::load_part::<Aligned8<T>>(self.as_ptr(), buf, part.offset(), size_of::<F>()) };
    }

    #[inline(always)]
    unsafe fn store_part<F>(&self, part: Part<T, F>, value: &F) {
        let value = core::ptr::from_ref(value).cast();
        // SAFETY: the lock's storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow the
        // partition (I1 partition); the caller is the only writer (I5 one-writer). `value` is a valid part of a `T`, borrowed (I4 private).
        unsafe { copy::store_part::<Aligned8<T>>(value, self.as_ptr(), part.offset(), size_of::<F>()) };
    }
}
