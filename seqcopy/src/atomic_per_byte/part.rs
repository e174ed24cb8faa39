//! The bits of one field.

use core::mem::MaybeUninit;

use crate::{AtomicPerByte, MaybeInvalid, Part, SeqCopy, copy};

impl<T> AtomicPerByte<T> {
    /// Loads the bits of one field, by those accesses of [`load`](Self::load) that touch it, in unspecified order.
    ///
    /// A field may be torn as a whole value may: each byte is one that some store wrote.
    ///
    /// ```
    /// # use seqcopy::{AtomicPerByte, part};
    /// let cell = AtomicPerByte::new([1u16, 2, 3]);
    /// assert_eq!(cell.load_part(part!([u16; 3]).index(2)).validate(), Ok(3));
    /// ```
    #[inline]
    pub fn load_part<F>(&self, part: Part<T, F>) -> MaybeInvalid<F>
    where
        T: SeqCopy,
    {
        let mut buf = MaybeUninit::<F>::uninit();
        // SAFETY: the storage is aligned, readable and initialised (I2 init), and the pointer not derived from a `&T`
        // (P18 shared-ref, P19 retag); shared accesses follow the partition of `T` (I1 partition). An `F` lies there in a `T` (I3 exact),
        // for which the local has space (I4 private).
        unsafe { copy::load_part::<T>(self.as_ptr(), buf.as_mut_ptr().cast(), part.offset(), size_of::<F>()) };
        // SAFETY: every data byte of the field was written (I3 exact, I6 maybe-invalid); a move keeps them (P8 maybe-uninit,
        // P25 enum-move).
        unsafe { MaybeInvalid::assume_written(buf) }
    }
}
