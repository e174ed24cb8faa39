//! Arrays, tuples, transparent wrappers and zero-sized types.

use core::cmp::Reverse;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::{ManuallyDrop, offset_of};
use core::num::{Saturating, Wrapping};

use crate::SeqCopy;
use crate::bits::Bits;
use crate::invalid_value::InvalidValue;
use crate::layout::{self, Field, Layout};
use crate::validate::Validate;

// SAFETY: element `i` is at `i * size_of::<T>()` (P9 layout), and the array has no other bytes.
unsafe impl<T: SeqCopy, const N: usize> SeqCopy for [T; N] {
    const LAYOUT: &'static Layout = &layout::array::<T, N>(T::LAYOUT);
}

// SAFETY: an array is valid and safe if its elements are (P6 validity, P24 safety).
unsafe impl<T: Validate, const N: usize> Validate for [T; N] {
    const ANY_BITS: bool = T::ANY_BITS;

    #[inline]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        if const { T::ANY_BITS } {
            return Ok(());
        }
        // All elements without bytes are the same, so one is enough.
        let len = if size_of::<T>() == 0 { N.min(1) } else { N };
        for i in 0..len {
            // SAFETY: element `i` is inside the array, and I6 maybe-invalid for the array implies I6 for the element.
            let element = unsafe { bits.part::<T>(i * size_of::<T>()) };
            T::check(&element).map_err(|error| error.inside(Self::LAYOUT, Self::LAYOUT.node_of_element(i)))?;
        }
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($name:ident $index:tt),+))*) => {$(
        // SAFETY: the offsets are the compiler's, and a tuple has no data outside its fields (P9 layout).
        unsafe impl<$($name: SeqCopy),+> SeqCopy for ($($name,)+) {
            const LAYOUT: &'static Layout = &layout::structure::<Self>("tuple", false, const { &[
                $(layout::field(stringify!($index), offset_of!(Self, $index), $name::LAYOUT)),+
            ] });
        }
    )*};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11)
}

macro_rules! transparent {
    ($($type:ident)*) => {$(
        // SAFETY: `repr(transparent)` over `T`, by its documentation or definition; it has no bytes but those of `T`
        // (P9 layout).
        unsafe impl<T: SeqCopy> SeqCopy for $type<T> {
            const LAYOUT: &'static Layout = {
                assert!(size_of::<Self>() == size_of::<T>() && align_of::<Self>() == align_of::<T>());
                T::LAYOUT
            };
        }

        // SAFETY: the wrapper has no invariant of its own (P6 validity, P24 safety).
        unsafe impl<T: Validate> Validate for $type<T> {
            const ANY_BITS: bool = T::ANY_BITS;

            #[inline(always)]
            fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                // SAFETY: the only field, at offset 0 (P9 layout).
                T::check(&unsafe { bits.part::<T>(0) })
            }
        }
    )*};
}

transparent! { Wrapping Saturating Reverse ManuallyDrop }

macro_rules! empty {
    ($([$($parameter:tt)*] $type:ty, $name:literal;)*) => {$(
        // SAFETY: there are no bytes to name (I3 exact).
        unsafe impl<$($parameter)*> SeqCopy for $type {
            const LAYOUT: &'static Layout = {
                const NONE: &[Field] = &[];
                &layout::structure::<Self>($name, true, NONE)
            };
        }

        // SAFETY: the only value is valid (P6 validity).
        unsafe impl<$($parameter)*> Validate for $type {
            const ANY_BITS: bool = true;

            #[inline(always)]
            fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                Ok(())
            }
        }
    )*};
}

empty! {
    [] (), "()";
    [T: ?Sized] PhantomData<T>, "PhantomData";
    [] PhantomPinned, "PhantomPinned";
}
