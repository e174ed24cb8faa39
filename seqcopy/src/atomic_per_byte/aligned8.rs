//! [`Aligned8`], in a file of its own as a type of one field: by it a type of small alignment is copied by wide accesses. And the access to what is in one.

use core::mem::{MaybeUninit, offset_of};

use super::AtomicPerByte;
use crate::copy;
use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{self, Bits, InvalidValue, MaybeInvalid, Validate};

/// A value aligned to at least 8 bytes, so that it is copied by the widest accesses.
///
/// ```
/// use seqcopy::{Aligned8, AtomicPerByte, SeqCopy};
///
/// // With an alignment of 1 it is copied byte by byte ...
/// assert_eq!(<[u8; 12]>::LAYOUT.access_count(align_of::<[u8; 12]>()), 12);
/// // ... and with an alignment of 8 by words.
/// let cell = AtomicPerByte::new(Aligned8([7u8; 12]));
/// assert_eq!(Aligned8::<[u8; 12]>::LAYOUT.access_count(8), 12usize.div_ceil(size_of::<usize>()));
/// # let _ = cell;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, align(8))]
pub struct Aligned8<T>(
    /// The value.
    pub T,
);

// What the derives would write, by hand: the crate works without them. A test holds both impls to that (`tests/tests/values/by_hand.rs`).

// SAFETY: the only field keeps what an implementation promises, and is named at its true offset (I3 exact); the rest is
// padding.
unsafe impl<T> SeqCopy for Aligned8<T>
where
    T: SeqCopy,
{
    const LAYOUT: &'static Layout =
        &layout::structure::<Self>("Aligned8", true, &[layout::field("0", offset_of!(Self, 0), T::LAYOUT)]);
}

// SAFETY: the layout is specified, and a value is as valid and safe as its only field, which is checked
// (I6 maybe-invalid).
unsafe impl<T> Validate for Aligned8<T>
where
    T: Validate,
{
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        validity::inside::<Self, 0>(T::check(&validity::part_of::<Self, T, 0>(bits)))
    }
}

impl<T> AtomicPerByte<Aligned8<T>> {
    /// [`store`](Self::store) of a `T`, which need not be moved into an [`Aligned8`] first.
    ///
    /// ```
    /// # use seqcopy::{Aligned8, AtomicPerByte};
    /// let cell = AtomicPerByte::new(Aligned8([1u8; 12]));
    /// cell.store_inner(&[2; 12]);
    /// assert_eq!(cell.load_inner().validate(), Ok([2; 12]));
    /// ```
    #[inline(always)]
    pub fn store_inner(&self, value: &T)
    where
        T: SeqCopy,
    {
        // SAFETY: the storage is aligned and writable through its UnsafeCell (P18 shared-ref); shared accesses follow the
        // partition (I1 partition). The data of an `Aligned8<T>` is that of its `T` at offset 0, and `value` is a valid `T`,
        // borrowed (I3 exact), not in the storage (R1 copy-layer).
        unsafe { copy::store::<Aligned8<T>>(core::ptr::from_ref(value).cast(), self.as_ptr()) };
    }

    /// [`load`](Self::load) of the `T` inside.
    ///
    /// ```
    /// # use seqcopy::{Aligned8, AtomicPerByte};
    /// assert_eq!(AtomicPerByte::new(Aligned8(7u16)).load_inner().validate(), Ok(7));
    /// ```
    #[inline]
    pub fn load_inner(&self) -> MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        // SAFETY: the data of an `Aligned8<T>` is that of its `T` at offset 0 (P9 layout).
        unsafe { self.load_start() }
    }

    /// [`load_into`](Self::load_into) of the `T` inside.
    ///
    /// ```
    /// # use core::mem::MaybeUninit;
    /// # use seqcopy::{Aligned8, AtomicPerByte};
    /// let mut dst = MaybeUninit::uninit();
    /// let bits = AtomicPerByte::new(Aligned8(7u16)).load_inner_into(&mut dst).validate_ref();
    /// assert_eq!(bits, Ok(&7));
    /// ```
    #[inline(always)]
    pub fn load_inner_into<'a>(&self, dst: &'a mut MaybeUninit<T>) -> &'a mut MaybeInvalid<T>
    where
        T: SeqCopy,
    {
        // SAFETY: the storage is aligned, readable and initialised (I2 init); shared accesses follow the partition
        // (I1 partition). The data of an `Aligned8<T>` is that of its `T` at offset 0, for which `dst` has space, exclusively
        // borrowed (I4 private).
        unsafe { copy::load::<Aligned8<T>>(self.as_ptr(), dst.as_mut_ptr().cast()) };
        // SAFETY: `load` wrote every data byte (I3 exact, I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written_mut(dst) }
    }
}
