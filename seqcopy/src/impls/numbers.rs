//! Numbers, `bool`, `char`, `NonZero` and its `Option`: leaves of which every byte is data.

use core::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128, NonZeroUsize,
};

use super::option::{Niche, NumberNiche};
use crate::SeqCopy;
use crate::bits::Bits;
use crate::invalid_value::InvalidValue;
use crate::layout::{self, Layout, Scalar};
use crate::validate::Validate;
use crate::validate_bytes::broken_rule;

/// Checks a scalar against the rule of its kind.
#[inline(always)]
fn checked<T: SeqCopy>(kind: Scalar, found: u64) -> Result<(), InvalidValue> {
    match broken_rule(kind, found) {
        None => Ok(()),
        Some(reason) => Err(InvalidValue::new(T::LAYOUT, found, reason)),
    }
}

macro_rules! leaves {
    ($($type:ty: $layout:expr;)*) => {$(
        // SAFETY: every byte of every value is initialised and none belongs to a pointer (P5 scalar, P12 niche).
        #[diagnostic::do_not_recommend]
        unsafe impl SeqCopy for $type {
            const LAYOUT: &'static Layout = &$layout;
        }
    )*};
}

macro_rules! any_bits {
    ($($type:ty: $kind:ident;)*) => {$(
        leaves! { $type: layout::scalar::<$type>(stringify!($type), Scalar::$kind); }

        // SAFETY: all bits are valid (P5 scalar), and a number has no further invariant.
        #[diagnostic::do_not_recommend]
        unsafe impl Validate for $type {
            const ANY_BITS: bool = true;

            #[inline(always)]
            fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                Ok(())
            }
        }
    )*};
}

any_bits! {
    u8: Unsigned; u16: Unsigned; u32: Unsigned; u64: Unsigned; u128: Unsigned; usize: Unsigned;
    i8: Signed; i16: Signed; i32: Signed; i64: Signed; i128: Signed; isize: Signed;
    f32: Float; f64: Float;
}

leaves! {
    bool: layout::scalar::<bool>("bool", Scalar::Bool);
    char: layout::scalar::<char>("char", Scalar::Char);
}

// SAFETY: 0 and 1 are the valid bytes (P6 validity).
#[diagnostic::do_not_recommend]
unsafe impl Validate for bool {
    #[inline(always)]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: a scalar of one byte (P5 scalar).
        let found = unsafe { bits.number() };
        checked::<Self>(Scalar::Bool, found)
    }
}

// SAFETY: Unicode scalar values are the valid numbers (P6 validity).
#[diagnostic::do_not_recommend]
unsafe impl Validate for char {
    #[inline(always)]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: a scalar of four bytes (P5 scalar).
        let found = unsafe { bits.number() };
        checked::<Self>(Scalar::Char, found)
    }
}

macro_rules! nonzero {
    ($($type:ident($number:ty) $signed:literal;)*) => {$(
        leaves! {
            $type: layout::nonzero::<$type>(concat!("NonZero<", stringify!($number), ">"), $signed, false);
        }

        // SAFETY: all numbers but 0 are valid (P6 validity).
        #[diagnostic::do_not_recommend]
        unsafe impl Validate for $type {
            #[inline(always)]
            fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                // SAFETY: the bytes are those of the number (P5 scalar, P12 niche), for which any bits are valid.
                let found = unsafe { bits.as_ptr().cast::<$number>().read_unaligned() };
                checked::<Self>(Scalar::NonZeroUnsigned, u64::from(found != 0))
            }
        }

        // SAFETY: `Option<NonZero<_>>` is documented to have this layout (P12 niche).
        #[diagnostic::do_not_recommend]
        unsafe impl Niche for $type {
            const OPTION: Layout =
                layout::nonzero::<Option<$type>>(concat!("Option<NonZero<", stringify!($number), ">>"), $signed, true);
        }

        // SAFETY: 0 is `None`, any other number is `Some` (P12 niche).
        #[diagnostic::do_not_recommend]
        unsafe impl NumberNiche for $type {}
    )*};
}

nonzero! {
    NonZeroU8(u8) false; NonZeroU16(u16) false; NonZeroU32(u32) false; NonZeroU64(u64) false;
    NonZeroU128(u128) false; NonZeroUsize(usize) false;
    NonZeroI8(i8) true; NonZeroI16(i16) true; NonZeroI32(i32) true; NonZeroI64(i64) true;
    NonZeroI128(i128) true; NonZeroIsize(isize) true;
}
