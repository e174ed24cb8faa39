//! [`Bits`] is the place of bits that are being validated.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use crate::layout;
use crate::seq_copy::SeqCopy;
use crate::validity::invalid_value::{InvalidValue, Reason};
use crate::validity::maybe_invalid::MaybeInvalid;

/// The bits that [`Validate::check`](crate::Validate::check) examines: a place in private memory, possibly unaligned,
/// that holds a [`MaybeInvalid<T>`].
///
/// ```
/// use seqcopy::{Bits, MaybeInvalid, Validate};
///
/// let bits = MaybeInvalid::new(true);
/// assert!(bool::check(&Bits::of(&bits)).is_ok());
/// ```
pub struct Bits<'a, T> {
    /// Readable for `size_of::<T>()` bytes, for which I6 maybe-invalid holds.
    start: *const T,
    life: PhantomData<&'a MaybeInvalid<T>>,
}

impl<'a, T> Bits<'a, T> {
    /// The bits of a private copy.
    ///
    /// ```
    /// # use seqcopy::{Bits, MaybeInvalid};
    /// let bits = MaybeInvalid::new(7u8);
    /// let _ = Bits::of(&bits);
    /// ```
    #[must_use]
    pub const fn of(bits: &'a MaybeInvalid<T>) -> Self {
        Bits { start: bits.as_ptr(), life: PhantomData }
    }

    /// An aligned copy, whose fields [`field!`](crate::field) can read.
    ///
    /// ```
    /// # use seqcopy::{Bits, MaybeInvalid};
    /// let bits = MaybeInvalid::new(7u8);
    /// assert_eq!(Bits::of(&bits).copy().validate(), Ok(7));
    /// ```
    #[must_use]
    pub const fn copy(&self) -> MaybeInvalid<T> {
        // SAFETY: readable for the type's size; any bits are a valid `MaybeUninit` (P8 maybe-uninit).
        let bits = unsafe { self.start.cast::<MaybeUninit<T>>().read_unaligned() };
        // SAFETY: I6 maybe-invalid holds for the original, and a move keeps data bytes (P8 maybe-uninit,
        // P25 enum-move).
        unsafe { MaybeInvalid::assume_written(bits) }
    }

    /// The address of the bits: readable for `size_of::<T>()` bytes, possibly unaligned.
    ///
    /// ```
    /// # use seqcopy::{Bits, MaybeInvalid};
    /// let bits = MaybeInvalid::new(7u8);
    /// assert_eq!(Bits::of(&bits).as_ptr(), bits.as_ptr());
    /// ```
    #[must_use]
    pub const fn as_ptr(&self) -> *const T {
        self.start
    }

    /// The bits of a part.
    ///
    /// # Safety
    /// At `offset`, inside the `T`, there is an `F` for which I6 maybe-invalid holds.
    pub(crate) const unsafe fn part<F>(&self, offset: usize) -> Bits<'a, F> {
        // SAFETY: inside the `T` by this function's contract.
        let start = unsafe { self.start.byte_add(offset) };
        Bits { start: start.cast(), life: PhantomData }
    }
}

impl<T: SeqCopy> Bits<'_, T> {
    /// An error that rejects these bits as a whole, for handwritten implementations.
    ///
    /// ```
    /// # use seqcopy::{Bits, MaybeInvalid};
    /// let bits = MaybeInvalid::new(7u8);
    /// assert_eq!(Bits::of(&bits).refuse("unlucky").to_string(), "invalid `u8`: unlucky");
    /// ```
    #[must_use]
    pub const fn refuse(&self, reason: &'static str) -> InvalidValue {
        InvalidValue::new(T::LAYOUT, 0, Reason::Custom(reason))
    }

    /// The bits of a scalar of at most eight bytes, as an unsigned number.
    ///
    /// # Safety
    /// `T` is a scalar or an enum without fields, at most eight bytes wide; so all its bytes are data, and initialised.
    pub(crate) const unsafe fn number(&self) -> u64 {
        // SAFETY: the contract of `read_tag` is this function's.
        unsafe { layout::read_tag(T::LAYOUT, self.start.cast()) }
    }
}

impl<T> core::fmt::Debug for Bits<'_, T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bits").finish_non_exhaustive()
    }
}
