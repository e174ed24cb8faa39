//! SIMD vectors: plain bytes, copied as integers, never as floats.

use crate::layout::{self, Layout};
use crate::seq_copy::SeqCopy;
use crate::validity::{Bits, InvalidValue, Validate};

macro_rules! vectors {
    ($($type:ident)*) => {$(
        // SAFETY: the bytes of a vector are those of its lanes, which are numbers: all initialised, none part of a pointer
        // (P5 scalar).
        #[diagnostic::do_not_recommend]
        unsafe impl SeqCopy for $type {
            const LAYOUT: &'static Layout = &layout::plain::<Self>(stringify!($type));
        }

        // SAFETY: lanes are numbers, for which any bits are valid (P5 scalar).
        #[diagnostic::do_not_recommend]
        unsafe impl Validate for $type {
            #[inline(always)]
            fn check(_bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
                Ok(())
            }
        }
    )*};
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
