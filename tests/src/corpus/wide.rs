//! What lies at a limit, or has two kinds of one thing: tags of two bytes with fields, both numbers of 16 bytes, 24
//! fields.

use core::mem::MaybeUninit;
use core::num::{NonZeroI8, NonZeroI32, NonZeroI64};

use seqcopy::{SeqCopy, Validate};

use super::Sample;

/// What is skipped has the greatest alignment.
#[derive(Clone, Copy, Debug, SeqCopy, Validate)]
#[repr(C)]
pub struct SkipsAligned {
    pub a: u8,
    #[seqcopy(skip)]
    pub rest: MaybeUninit<u64>,
    pub b: u16,
}

impl PartialEq for SkipsAligned {
    fn eq(&self, other: &Self) -> bool {
        (self.a, self.b) == (other.a, other.b)
    }
}

/// Each byte of a tag counts.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u16)]
pub enum LongTag {
    Low(u8) = 0x0001,
    High { a: u32, b: bool } = 0x0100,
    Both = 0x0101,
}

/// The greatest tag of four bytes, and the least of those with a sign.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(i32)]
pub enum LastTag {
    Least(u16) = -0x8000_0000,
    Most(NonZeroI8) = 0x7fff_ffff,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct BothWide {
    pub unsigned: u128,
    pub signed: i128,
    pub less: NonZeroI32,
    pub none: Option<NonZeroI64>,
}

/// As many names as a message has, and one more.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub enum Six {
    A,
    B,
    C,
    D,
    E,
    F = 9,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(i8)]
pub enum Seven {
    A = -128,
    B,
    C,
    D,
    E,
    F,
    G = 127,
}

macro_rules! fields {
    ($($name:ident: $($field:ident)*;)*) => {$(
        /// As many fields as a listing has, or one more.
        #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
        #[repr(C)]
        #[allow(clippy::many_single_char_names)]
        pub struct $name {
            $(pub $field: u8,)*
        }

        impl Sample for $name {
            fn samples() -> Vec<Self> {
                let mut last = 0;
                let mut next = || { last += 1; last };
                vec![$name { $($field: next(),)* }]
            }
        }
    )*};
}

fields! {
    Fields24: a b c d e f g h i j k l m n o p q r s t u v w x;
    Fields25: a b c d e f g h i j k l m n o p q r s t u v w x y;
}

samples! {
    SkipsAligned: [SkipsAligned { a: 1, rest: MaybeUninit::new(2), b: 3 }];
    LongTag: [LongTag::Low(1), LongTag::High { a: 2, b: true }, LongTag::Both];
    [LongTag; 2]: [[LongTag::High { a: 2, b: true }, LongTag::Low(9)]];
    LastTag: [LastTag::Least(1), LastTag::Most(NonZeroI8::MIN)];
    BothWide: [
        BothWide { unsigned: u128::MAX, signed: i128::MIN, less: NonZeroI32::MIN, none: None },
        BothWide { unsigned: 1, signed: -1, less: NonZeroI32::MAX, none: Some(NonZeroI64::MIN) },
    ];
    Six: [Six::A, Six::F]; Seven: [Seven::A, Seven::G];
}
