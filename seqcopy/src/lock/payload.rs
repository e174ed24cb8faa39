//! [`Payload`]: racy storage as an algorithm sees it.

use core::mem::MaybeUninit;

use crate::{Aligned8, AtomicPerByte, SeqCopy};

/// Storage of one `T` that any number of threads may read while one writes.
///
/// The algorithms are written against this, so that the model checker can run them over a payload that it understands.
///
/// # Safety
/// `store` and `load_into` make relaxed atomic accesses to the same parts of the value. A load of which every part saw the
/// same store leaves that store's value in `buf`.
pub(crate) unsafe trait Payload<T> {
    /// Copies the bits, which may be a mix of several values.
    #[doc(hidden)]
    fn load_into(&self, buf: &mut MaybeUninit<T>);

    /// Stores a value.
    #[doc(hidden)]
    fn store(&self, value: &T);
}

// SAFETY: the accesses of one cut (I1), each relaxed and atomic; every data byte of the value is copied (I3). The cell is
// the lock's own, so nothing else accesses it.
unsafe impl<T: SeqCopy> Payload<T> for AtomicPerByte<Aligned8<T>> {
    #[inline(always)]
    fn load_into(&self, buf: &mut MaybeUninit<T>) {
        self.load_inner_into(buf);
    }

    #[inline(always)]
    fn store(&self, value: &T) {
        self.store_inner(value);
    }
}
