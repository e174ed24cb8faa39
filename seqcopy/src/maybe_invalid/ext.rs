//! [`MaybeUninitExt`]: conversions between `MaybeUninit` and `MaybeInvalid`.

use core::mem::MaybeUninit;

use super::MaybeInvalid;

mod sealed {
    pub trait Sealed {}
    impl<T> Sealed for core::mem::MaybeUninit<T> {}
}

/// Conversions between [`MaybeUninit`] and [`MaybeInvalid`], under the names proposed on the Rust Internals forum ("Include racy
/// reads in Rust memory model with `MaybeInvalid<T>`", 2026).
///
/// There is no `freeze`: today's language has no operation that turns uninitialised bytes into arbitrary but fixed ones (RFC
/// 4001 proposes one). A `MaybeInvalid` is created by a load, by [`zeroed`](MaybeInvalid::zeroed) or from a value.
///
/// ```
/// use core::mem::MaybeUninit;
/// use seqcopy::{MaybeInvalid, MaybeUninitExt};
///
/// let mut buf = MaybeUninit::<u16>::uninit();
/// buf.write_raw(MaybeInvalid::new(7));
/// // SAFETY: written just now.
/// assert_eq!(unsafe { buf.assume_written() }.validate(), Ok(7));
/// ```
pub trait MaybeUninitExt<T>: sealed::Sealed + Sized {
    /// [`MaybeInvalid::written`].
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{MaybeInvalid, MaybeUninitExt}};
    /// let _ = <MaybeUninit<u8> as MaybeUninitExt<u8>>::written(MaybeInvalid::new(7));
    /// ```
    fn written(bits: MaybeInvalid<T>) -> Self;

    /// [`MaybeInvalid::assume_written`].
    ///
    /// # Safety
    /// As for that function.
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{MaybeInvalid, MaybeUninitExt}};
    /// // SAFETY: written.
    /// assert_eq!(unsafe { MaybeUninit::new(7u8).assume_written() }.validate(), Ok(7));
    /// ```
    unsafe fn assume_written(self) -> MaybeInvalid<T>;

    /// [`MaybeInvalid::assume_written_ref`].
    ///
    /// # Safety
    /// As for that function.
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{MaybeInvalid, MaybeUninitExt}};
    /// let buf = MaybeUninit::new(7u8);
    /// // SAFETY: written.
    /// assert_eq!(unsafe { buf.assume_written_ref() }.validate_ref(), Ok(&7));
    /// ```
    unsafe fn assume_written_ref(&self) -> &MaybeInvalid<T>;

    /// [`MaybeInvalid::assume_written_mut`].
    ///
    /// # Safety
    /// As for that function.
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{MaybeInvalid, MaybeUninitExt}};
    /// let mut buf = MaybeUninit::new(7u8);
    /// // SAFETY: written.
    /// unsafe { buf.assume_written_mut() }.write(8);
    /// ```
    unsafe fn assume_written_mut(&mut self) -> &mut MaybeInvalid<T>;

    /// Writes bits that may be invalid, and returns a view of them.
    ///
    /// ```
    /// # use {core::mem::MaybeUninit, seqcopy::{MaybeInvalid, MaybeUninitExt}};
    /// let mut buf = MaybeUninit::<u8>::uninit();
    /// assert_eq!(buf.write_raw(MaybeInvalid::new(7)).validate_ref(), Ok(&7));
    /// ```
    fn write_raw(&mut self, bits: MaybeInvalid<T>) -> &mut MaybeInvalid<T>;
}

impl<T> MaybeUninitExt<T> for MaybeUninit<T> {
    fn written(bits: MaybeInvalid<T>) -> Self {
        bits.written()
    }

    unsafe fn assume_written(self) -> MaybeInvalid<T> {
        // SAFETY: the same contract.
        unsafe { MaybeInvalid::assume_written(self) }
    }

    unsafe fn assume_written_ref(&self) -> &MaybeInvalid<T> {
        // SAFETY: the same contract.
        unsafe { MaybeInvalid::assume_written_ref(self) }
    }

    unsafe fn assume_written_mut(&mut self) -> &mut MaybeInvalid<T> {
        // SAFETY: the same contract.
        unsafe { MaybeInvalid::assume_written_mut(self) }
    }

    fn write_raw(&mut self, bits: MaybeInvalid<T>) -> &mut MaybeInvalid<T> {
        *self = bits.written();
        // SAFETY: written just now; a move keeps data bytes (P8 maybe-uninit, P25 enum-move).
        unsafe { MaybeInvalid::assume_written_mut(self) }
    }
}
