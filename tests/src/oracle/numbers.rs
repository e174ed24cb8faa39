//! [`Model`] for numbers, `bool`, `char`, `NonZero` and its `Option`.

use core::num::NonZero;

use super::{Model, Node, Rng, Rule};

#[cfg(target_arch = "x86")]
use core::arch::x86::__m128i;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::__m128i;

/// A SIMD vector, or `u128` on targets without one.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
pub type Vector = __m128i;
/// A SIMD vector, or `u128` on targets without one.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
pub type Vector = u128;

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
impl Model for Vector {
    fn node() -> Node {
        Node::Leaf { size: 16, rule: Rule::Any }
    }

    fn make(rng: &mut Rng) -> Self {
        // SAFETY: of the same size, and any bits are a valid vector.
        unsafe { core::mem::transmute::<u128, Self>(u128::make(rng)) }
    }
}

/// Some number that is not `poison`.
pub fn other_than<T: Model + PartialEq>(rng: &mut Rng, poison: &T) -> T {
    loop {
        let value = T::make(rng);
        if value != *poison {
            return value;
        }
    }
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl Model for $type {
            fn node() -> Node {
                Node::Leaf { size: size_of::<Self>(), rule: Rule::Any }
            }

            #[allow(clippy::cast_possible_truncation, clippy::cast_lossless, clippy::cast_possible_wrap)] // any bits will do
            fn make(rng: &mut Rng) -> Self {
                match rng.below(8) {
                    0 => 0,
                    1 => 1,
                    2 => $type::MAX,
                    3 => $type::MIN,
                    4 => (rng.bits() % 300) as $type,
                    _ => ((u128::from(rng.bits()) << 64) | u128::from(rng.bits())) as $type,
                }
            }
        }

        impl Model for NonZero<$type> {
            fn node() -> Node {
                Node::Leaf { size: size_of::<Self>(), rule: Rule::NonZero }
            }

            fn make(rng: &mut Rng) -> Self {
                NonZero::new(other_than(rng, &0)).expect("not 0")
            }
        }

        impl Model for Option<NonZero<$type>> {
            fn node() -> Node {
                Node::Leaf { size: size_of::<Self>(), rule: Rule::Any }
            }

            fn make(rng: &mut Rng) -> Self {
                NonZero::new($type::make(rng))
            }
        }
    )*};
}

integers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize }

macro_rules! floats {
    ($($type:ident $bits:ident $quiet:literal $signalling:literal;)*) => {$(
        impl Model for $type {
            fn node() -> Node {
                Node::Leaf { size: size_of::<Self>(), rule: Rule::Any }
            }

            fn make(rng: &mut Rng) -> Self {
                match rng.below(8) {
                    0 => 0.0,
                    1 => -0.0,
                    2 => $type::INFINITY,
                    3 => $type::from_bits(1),
                    4 => $type::from_bits($quiet | ($bits::make(rng) & 0xffff)),
                    5 => $type::from_bits($signalling | ($bits::make(rng) & 0xffff)),
                    _ => $type::from_bits($bits::make(rng)),
                }
            }
        }
    )*};
}

floats! {
    f32 u32 0xffc0_0000 0x7f80_0001;
    f64 u64 0xfff8_0000_0000_0000 0x7ff0_0000_0000_0001;
}

impl Model for bool {
    fn node() -> Node {
        Node::Leaf { size: 1, rule: Rule::Bool }
    }

    fn make(rng: &mut Rng) -> Self {
        rng.chance(1, 2)
    }
}

impl Model for char {
    fn node() -> Node {
        Node::Leaf { size: 4, rule: Rule::Char }
    }

    #[allow(clippy::cast_possible_truncation)] // any bits will do
    fn make(rng: &mut Rng) -> Self {
        match rng.below(6) {
            0 => '\0',
            1 => char::MAX,
            2 => '\u{d7ff}',
            3 => '\u{e000}',
            _ => char::from_u32(rng.bits() as u32 % 0x11_0000).unwrap_or('x'),
        }
    }
}
