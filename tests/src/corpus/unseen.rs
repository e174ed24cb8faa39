//! Types that are copied as plain bytes, some of size zero, in every kind of position.

use core::fmt;

use seqcopy::{Aligned8, SeqCopy, SeqOption};

use super::Sample;

/// Four bytes, of either number type.
#[derive(Clone, Copy, SeqCopy)]
// SAFETY: both fields cover all bytes, and neither is a pointer.
#[seqcopy(unsafe(plain))]
#[repr(C)]
pub union Bits {
    pub float: f32,
    pub int: u32,
}

impl Bits {
    pub const fn new(int: u32) -> Self {
        Bits { int }
    }
}

impl PartialEq for Bits {
    fn eq(&self, other: &Self) -> bool {
        // SAFETY: both fields are the same four bytes.
        unsafe { self.int == other.int }
    }
}

impl fmt::Debug for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bits")
    }
}

/// Zero-size types of several alignments.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: it has no bytes.
#[seqcopy(unsafe(plain))]
pub struct Mark1;
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: as above.
#[seqcopy(unsafe(plain))]
#[repr(align(2))]
pub struct Mark2;
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: as above.
#[seqcopy(unsafe(plain))]
#[repr(align(4))]
pub struct Mark4;
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: as above.
#[seqcopy(unsafe(plain))]
#[repr(align(16))]
pub struct Mark16;

/// An enum of one variant has no bytes, either.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: as above.
#[seqcopy(unsafe(plain))]
pub enum OnlyOne {
    This,
}

/// Bytes of any type, or no bytes with its alignment.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
// SAFETY: an array is what its elements are, and these are numbers here.
#[seqcopy(unsafe(plain))]
#[repr(transparent)]
pub struct Slots<T, const N: usize>(pub [T; N]);

/// Its zero-size field lies after a run, and must not end it.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct Marked {
    pub a: u8,
    pub mark: Mark4,
    pub b: u32,
}

/// The compiler chooses the order of its fields.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
pub struct MarkedRusty<M> {
    pub a: u8,
    pub mark: M,
    pub b: u32,
    pub again: M,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, packed)]
pub struct MarkedPacked {
    pub first: Mark1,
    pub a: u8,
    pub mark: Mark1,
    pub b: u32,
    pub none: [Bits; 0],
    pub c: Bits,
    pub last: Mark1,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(transparent)]
pub struct MarkedTransparent(pub Mark1, pub u32, pub [Mark1; 3]);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, align(32))]
pub struct MarkedEverywhere {
    pub first: Mark16,
    pub a: u8,
    pub marks: [Mark2; 3],
    pub b: [u16; 11],
    pub none: [Bits; 0],
    pub c: Bits,
    pub inner: Marked,
    pub pair: (u8, Mark4, u16),
    pub last: [Mark16; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct OnlyMarks(pub Mark4, pub [Bits; 0], pub Mark1);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(u8)]
pub enum Marking {
    None,
    Mark(Mark16),
    Between(u8, Mark2, u16, Mark4, u8),
    Bits { first: Mark4, a: u8, bits: Bits, none: [Bits; 0], b: bool },
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C, i16)]
pub enum MarkingC {
    Bits(Bits, Mark16),
    Mark(Mark4),
    Pointer(Mark1, Option<&'static u32>, Mark2),
}

const BETWEEN: Marking = Marking::Between(1, Mark2, 0x0203, Mark4, 4);
const BITS: Marking = Marking::Bits { first: Mark4, a: 5, bits: Bits::new(0x0607_0809), none: [], b: true };

fn everywhere(n: u8) -> MarkedEverywhere {
    MarkedEverywhere {
        first: Mark16,
        a: n,
        marks: [Mark2; 3],
        b: [0x0101 * u16::from(n); 11],
        none: [],
        c: Bits::new(0x0101_0101 * u32::from(n)),
        inner: Marked { a: n, mark: Mark4, b: n.into() },
        pair: (n, Mark4, n.into()),
        last: [Mark16; 2],
    }
}

fn rusty<M: Copy>(mark: M) -> Vec<MarkedRusty<M>> {
    vec![MarkedRusty { a: 1, mark, b: 2, again: mark }, MarkedRusty { a: 3, mark, b: u32::MAX, again: mark }]
}

samples! {
    Bits: [Bits::new(0), Bits { float: 1.5 }]; [Bits; 0]: [[]]; [Bits; 7]: [[Bits::new(0x1234_5678); 7]];
    OnlyOne: [OnlyOne::This]; Slots<u64, 0>: [Slots([])]; Slots<u16, 3>: [Slots([1, 2, 0xffff])];
    MarkedRusty<OnlyOne>: rusty(OnlyOne::This); MarkedRusty<Slots<u64, 0>>: rusty(Slots([]));
    Mark1: [Mark1]; Mark4: [Mark4]; Mark16: [Mark16]; [Mark4; 5]: [[Mark4; 5]];
    Marked: [Marked { a: 1, mark: Mark4, b: 2 }, Marked { a: 255, mark: Mark4, b: u32::MAX }];
    [Marked; 3]: [[Marked { a: 1, mark: Mark4, b: 2 }; 3]];
    MarkedRusty<Mark1>: rusty(Mark1); MarkedRusty<Mark2>: rusty(Mark2); MarkedRusty<Mark4>: rusty(Mark4);
    MarkedRusty<Mark16>: rusty(Mark16); MarkedRusty<[Bits; 0]>: rusty([]); MarkedRusty<Bits>: rusty(Bits::new(9));
    MarkedPacked: [MarkedPacked { first: Mark1, a: 1, mark: Mark1, b: 2, none: [], c: Bits::new(3), last: Mark1 }];
    MarkedTransparent: [MarkedTransparent(Mark1, 7, [Mark1; 3])];
    MarkedEverywhere: [everywhere(1), everywhere(200)];
    OnlyMarks: [OnlyMarks(Mark4, [], Mark1)]; (u8, OnlyMarks, u32): [(1, OnlyMarks(Mark4, [], Mark1), 2)];
    (u8, Mark4, u32): [(1, Mark4, 2)];
    Marking: [Marking::None, BITS, Marking::Mark(Mark16), BETWEEN, Marking::None];
    [Marking; 3]: [[BETWEEN, Marking::Mark(Mark16), BITS]];
    MarkingC: [MarkingC::Bits(Bits::new(1), Mark16), MarkingC::Pointer(Mark1, Some(&7), Mark2), MarkingC::Mark(Mark4)];
    SeqOption<Mark16>: [SeqOption::Some(Mark16), SeqOption::None];
    SeqOption<Marked>: [SeqOption::None, SeqOption::Some(Marked { a: 1, mark: Mark4, b: 2 })];
    Aligned8<Mark4>: [Aligned8(Mark4)]; Aligned8<(u8, Mark2, u16)>: [Aligned8((1, Mark2, 2))];
}
