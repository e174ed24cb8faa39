//! Types with padding in spans, and types that are almost that: `tests/tests/spans.rs` copies them.

use core::mem::MaybeUninit;
use core::ptr::NonNull;

use seqcopy::{SeqCopy, SeqOption, Validate};

use super::Sample;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub struct Hole {
    pub a: u32,
    pub b: u8,
}

/// Exactly as long as a span must be, and one byte shorter.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct Sixteen {
    pub a: u8,
    pub b: [u16; 7],
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct Fifteen {
    pub a: u8,
    pub b: [u16; 6],
    pub c: u8,
}

/// As people write them: data and padding, then a pointer.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct Labelled {
    pub kind: u8,
    pub id: u64,
    pub levels: [u16; 5],
    pub open: bool,
    pub ratio: f32,
    pub name: Option<&'static u32>,
}

/// Spans between pointers, and a nested struct in one of them.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct Between {
    pub a: u8,
    pub b: u64,
    pub first: Option<&'static u32>,
    pub c: u8,
    pub d: u32,
    pub e: [u16; 7],
    pub second: NonNull<u32>,
    pub f: [Hole; 9],
    pub g: u16,
}

/// Skipped fields between data, and in the elements of an array.
#[derive(Clone, Copy, Debug, SeqCopy)]
#[repr(C)]
pub struct Skips {
    pub a: u8,
    pub b: u64,
    #[seqcopy(skip)]
    pub word: MaybeUninit<u32>,
    pub c: u8,
    pub d: [Hole; 9],
    pub e: [SkipsInside; 3],
}

#[derive(Clone, Copy, Debug, SeqCopy)]
#[repr(C)]
pub struct SkipsInside {
    pub a: u16,
    pub b: [u64; 2],
    #[seqcopy(skip)]
    pub hole: MaybeUninit<u8>,
    pub c: u32,
    pub d: [u64; 2],
}

impl PartialEq for Skips {
    fn eq(&self, other: &Self) -> bool {
        (self.a, self.b, self.c, self.d, self.e) == (other.a, other.b, other.c, other.d, other.e)
    }
}

impl PartialEq for SkipsInside {
    fn eq(&self, other: &Self) -> bool {
        (self.a, self.b, self.c, self.d) == (other.a, other.b, other.c, other.d)
    }
}

/// Enums with fields before, between and after.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub struct Chooses {
    pub first: SeqOption<u64>,
    pub a: u8,
    pub b: [u64; 9],
    pub second: [SeqOption<[Hole; 5]>; 2],
    pub c: u8,
    pub d: [u64; 2],
}

/// In memory in another order than declared, whatever the compiler decides.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
pub struct Shuffled {
    pub a: u8,
    pub name: Option<&'static u32>,
    pub b: u64,
    pub c: [Hole; 3],
    pub d: (u16, u64),
    pub e: bool,
    pub other: Option<&'static u32>,
    pub f: u32,
}

static NUMBERS: [u32; 2] = [7, 8];

/// One of which every byte is known.
pub const fn hole(n: u8) -> Hole {
    Hole { a: 0x0101_0101 * n as u32, b: !n }
}

const fn labelled(n: u8) -> Labelled {
    Labelled {
        kind: n,
        id: 0x0101_0101_0101_0101 * n as u64,
        levels: [n as u16; 5],
        open: n % 2 == 1,
        ratio: n as f32,
        name: Some(&NUMBERS[n as usize % 2]),
    }
}

const INSIDE: SkipsInside = SkipsInside { a: 1, b: [2; 2], hole: MaybeUninit::new(0x99), c: 3, d: [4; 2] };

samples! {
    Sixteen: [Sixteen { a: 1, b: [2; 7] }];
    Fifteen: [Fifteen { a: 1, b: [2; 6], c: 3 }];
    [Hole; 2]: [[hole(1), hole(2)]];
    [Hole; 3]: [[hole(1), hole(2), hole(3)]];
    [[Hole; 3]; 7]: [[[hole(1), hole(2), hole(3)]; 7]];
    [Hole; 41]: [[hole(9); 41]];
    Labelled: [labelled(1), labelled(2)];
    [Labelled; 7]: [[1, 2, 3, 4, 5, 6, 7].map(labelled)];
    Between: [Between {
        a: 1, b: u64::MAX, first: Some(&NUMBERS[0]), c: 2, d: 3, e: [4; 7], second: NonNull::from(&NUMBERS[1]), f: [hole(5); 9],
        g: 6,
    }];
    [Between; 2]: [[Between {
        a: 1, b: 7, first: None, c: 2, d: 3, e: [4; 7], second: NonNull::from(&NUMBERS[0]), f: [hole(5); 9], g: 6,
    }; 2]];
    [Skips; 2]: [[Skips { a: 1, b: 2, word: MaybeUninit::new(0x9999_9999), c: 3, d: [hole(4); 9], e: [INSIDE; 3] }; 2]];
    [Chooses; 2]: [[Chooses {
        first: SeqOption::Some(1), a: 2, b: [3; 9], second: [SeqOption::None, SeqOption::Some([hole(4); 5])], c: 5, d: [6; 2],
    }; 2]];
    Shuffled: [Shuffled {
        a: 1, name: Some(&NUMBERS[1]), b: 2, c: [hole(3); 3], d: (4, 5), e: true, other: None, f: 6,
    }];
    (u8, [Hole; 40], u16): [(1, [hole(2); 40], 3)];
}
