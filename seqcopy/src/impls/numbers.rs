//! Numbers, `bool`, `char`, `NonZero` and its `Option`, orderings, and SIMD vectors: plain bytes, which are copied as
//! integers, never as floats.

use core::cmp::Ordering;
use core::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128, NonZeroUsize,
};

use crate::layout::{self, Layout, Scalar};
use crate::seq_copy::SeqCopy;
use crate::validity::{self, Bits, InvalidValue, Validate, broken_rule};

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
        // SAFETY: every byte of every value, of a vector those of its lanes, is initialised and none belongs to a
        // pointer (P5 scalar, P12 niche).
        #[diagnostic::do_not_recommend]
        unsafe impl SeqCopy for $type {
            const LAYOUT: &'static Layout = &$layout;
        }
    )*};
}

macro_rules! any_bits {
    ($($type:ty: $layout:expr;)*) => {$(
        leaves! { $type: $layout; }

        // SAFETY: a number, or lanes that are: all bits are valid (P5 scalar), and there is no further invariant.
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

macro_rules! numbers {
    ($($type:ty: $kind:ident;)*) => {
        any_bits! { $($type: layout::scalar::<$type>(stringify!($type), Scalar::$kind);)* }
    };
}

numbers! {
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

/// A type whose `Option` has the same size, with all zeros for `None`.
///
/// # Safety
/// The documentation of `core::option` ("Representation") guarantees that layout, and `OPTION` describes it
/// (P12 niche).
#[diagnostic::on_unimplemented(
    message = "the layout of `Option<{Self}>` is not specified",
    label = "unspecified layout",
    note = "use `seqcopy::SeqOption<{Self}>`: the same enum with a specified layout, with `From` in both directions",
    note = "the layout of `Option` is specified for `NonZero` integers, `NonNull<T>`, `&'static T` and function pointers"
)]
pub unsafe trait Niche: Sized {
    const OPTION: Layout;
}

// SAFETY: a number or a pointer, initialised in every value (P12 niche).
unsafe impl<T: Niche> SeqCopy for Option<T> {
    const LAYOUT: &'static Layout = &T::OPTION;
}

/// A [`Niche`] that is a number.
///
/// # Safety
/// Any bits are a valid and safe `Option<Self>`.
#[diagnostic::on_unimplemented(
    message = "bits of `Option<{Self}>` cannot be checked",
    label = "an address means nothing in another process",
    note = "store an index or an offset"
)]
pub unsafe trait NumberNiche: Niche {}

// SAFETY: 0 is `None`, any other number is `Some` (P12 niche).
unsafe impl<T: NumberNiche> Validate for Option<T> {
    const ANY_BITS: bool = true;

    #[inline(always)]
    fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        Ok(())
    }
}

/// The byte that the compiler uses for a variant.
const fn tag(ordering: Ordering) -> i8 {
    // SAFETY: of the same size, and the tag of an enum is initialised; a constant, so the compiler would reject
    // anything else (P14 tag).
    unsafe { core::mem::transmute(ordering) }
}

/// Does not compile if the enum has other variants.
const fn is_known(ordering: Ordering) -> bool {
    match ordering {
        Ordering::Less | Ordering::Equal | Ordering::Greater => true,
    }
}

// SAFETY: one byte, the tag, initialised in every value (P14 tag).
#[diagnostic::do_not_recommend]
unsafe impl SeqCopy for Ordering {
    const LAYOUT: &'static Layout = {
        assert!(tag(Ordering::Less) == -1 && tag(Ordering::Equal) == 0 && tag(Ordering::Greater) == 1);
        assert!(is_known(Ordering::Equal));
        &layout::tags::<Self>(
            "Ordering",
            true,
            const { &[layout::tag("Less", -1), layout::tag("Equal", 0), layout::tag("Greater", 1)] },
        )
    };
}

// SAFETY: bits pass if they are the tag of a variant (P6 validity); the tags were asked of the compiler above.
#[diagnostic::do_not_recommend]
unsafe impl Validate for Ordering {
    #[inline(always)]
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        validity::check_tag(bits)
    }
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64", target_arch = "wasm32"))]
macro_rules! vectors {
    ($($type:ident)*) => {
        any_bits! { $($type: layout::plain::<$type>(stringify!($type));)* }
    };
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod x86 {
    use super::{Bits, InvalidValue, Layout, SeqCopy, Validate, layout};
    #[cfg(target_arch = "x86")]
    use core::arch::x86::{__m128, __m128d, __m128i, __m256, __m256d, __m256i, __m512, __m512d, __m512i};
    #[cfg(target_arch = "x86_64")]
    use core::arch::x86_64::{__m128, __m128d, __m128i, __m256, __m256d, __m256i, __m512, __m512d, __m512i};

    vectors! { __m128 __m128d __m128i __m256 __m256d __m256i __m512 __m512d __m512i }
}

#[cfg(target_arch = "aarch64")]
mod aarch64 {
    use super::{Bits, InvalidValue, Layout, SeqCopy, Validate, layout};
    use core::arch::aarch64::{
        float32x2_t, float32x4_t, float64x1_t, float64x2_t, int8x8_t, int8x16_t, int16x4_t, int16x8_t, int32x2_t,
        int32x4_t, int64x1_t, int64x2_t, poly8x8_t, poly8x16_t, poly16x4_t, poly16x8_t, uint8x8_t, uint8x16_t,
        uint16x4_t, uint16x8_t, uint32x2_t, uint32x4_t, uint64x1_t, uint64x2_t,
    };

    vectors! {
        int8x8_t int8x16_t int16x4_t int16x8_t int32x2_t int32x4_t int64x1_t int64x2_t
        uint8x8_t uint8x16_t uint16x4_t uint16x8_t uint32x2_t uint32x4_t uint64x1_t uint64x2_t
        float32x2_t float32x4_t float64x1_t float64x2_t poly8x8_t poly8x16_t poly16x4_t poly16x8_t
    }
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use super::{Bits, InvalidValue, Layout, SeqCopy, Validate, layout};
    use core::arch::wasm32::v128;

    vectors! { v128 }
}
