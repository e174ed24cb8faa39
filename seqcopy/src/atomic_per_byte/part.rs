//! The bits of one field.

use crate::{AtomicPerByte, MaybeInvalid, Part, SeqCopy, raw};

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
        // SAFETY: the storage is aligned, readable and initialised (I2 init), and the pointer not derived from a `&T`
        // (P18 shared-ref, P19 retag); shared accesses follow the partition of `T` (I1 partition).
        unsafe { raw::load_part(self.as_ptr(), part) }
    }
}
