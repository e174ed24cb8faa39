//! What is written: every byte of data differs from each write to the next, and whole values within seven writes.

use core::ops::Range;

use seqcopy::layout::{Access, AccessKind};
use seqcopy::{Layout, SeqCopy, Validate};

pub(crate) trait Val: SeqCopy + Copy + PartialEq + 'static {
    const NAME: &'static str;
    /// Where it is a span of seqcopy/docs/reference/soundness.md: builds with vectors may change padding in it.
    const SPAN: Range<usize> = 0..0;
    /// The value of the `n`th write.
    fn of(n: u64) -> Self;
}

/// Where this build may change padding: nowhere without vectors.
pub(crate) fn span<T: Val>() -> Range<usize> {
    let has_vectors = accesses(<[u64; 4]>::LAYOUT, 8)[0].kind == AccessKind::Vector;
    if has_vectors { T::SPAN } else { 0..0 }
}

/// The accesses of a copy. Not those of the crate of the tests: this program is also built without that.
pub(crate) fn accesses(layout: &Layout, base: usize) -> Vec<Access> {
    let mut accesses = Vec::new();
    layout.each_access(base, |access| accesses.push(access));
    accesses
}

/// Bytes that are data in no value and that no write may change.
pub(crate) fn fixed_padding<T: Val>() -> Vec<usize> {
    T::LAYOUT.holes().flatten().filter(|byte| !span::<T>().contains(byte)).collect()
}

/// All bytes of it differ from one `n` to the next.
fn mix(n: u64) -> u64 {
    n.wrapping_mul(0x2525_2525_2525_2525).wrapping_add(0x0102_0304_0506_0708)
}

fn byte(n: u64, at: usize) -> u8 {
    (mix(n) as u8).wrapping_add(at as u8)
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Padded24 {
    pub(crate) open: bool,
    pub(crate) at: u64,
    pub(crate) bid: f32,
    pub(crate) ask: f32,
}

impl Val for Padded24 {
    const NAME: &'static str = "24 B padded";
    const SPAN: Range<usize> = 0..24;
    fn of(n: u64) -> Self {
        Padded24 { open: n % 2 == 1, at: mix(n), bid: n as f32, ask: n as f32 + 0.5 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    First = 1,
    Second = 2,
    Third = 9,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Mixed40 {
    flag: bool,
    mode: Mode,
    small: [u16; 3],
    half: u32,
    whole: u64,
    bytes: [u8; 9],
    last: bool,
}

impl Val for Mixed40 {
    const NAME: &'static str = "40 B mixed";
    const SPAN: Range<usize> = 0..34;
    fn of(n: u64) -> Self {
        let mixed = mix(n);
        Mixed40 {
            flag: n % 2 == 0,
            mode: [Mode::First, Mode::Second, Mode::Third][(n % 3) as usize],
            small: [mixed as u16, (mixed >> 8) as u16, (mixed >> 16) as u16],
            half: mixed as u32,
            whole: mixed,
            bytes: core::array::from_fn(|at| byte(n, at)),
            last: n % 2 == 1,
        }
    }
}

/// An enum with fields.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
pub(crate) enum Data {
    Unit,
    Pair { x: u64, y: u8 },
    Words([u16; 5]),
    Flag(bool),
    Wide(u32, u64, u8),
}

impl Val for Data {
    const NAME: &'static str = "enum with fields";
    fn of(n: u64) -> Self {
        let mixed = mix(n);
        // A latch of four is written six times during a read.
        match n % 7 {
            0 | 4 => Data::Pair { x: mixed, y: mixed as u8 },
            1 | 5 => Data::Words(core::array::from_fn(|at| (mixed >> at) as u16)),
            2 => Data::Flag(n % 2 == 0),
            3 => Data::Wide(mixed as u32, mixed, mixed as u8),
            _ => Data::Unit,
        }
    }
}

/// Pointers, and padding in no span.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
#[repr(C)]
pub(crate) struct Linked32 {
    open: bool,
    next: *const u8,
    count: u16,
    last: *const u8,
}

impl Val for Linked32 {
    const NAME: &'static str = "32 B with pointers";
    fn of(n: u64) -> Self {
        let pointer = |n: u64| core::ptr::without_provenance(mix(n) as usize);
        Linked32 { open: n % 2 == 1, next: pointer(n), count: mix(n) as u16, last: pointer(n + 1) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Element {
    small: u8,
    word: u32,
    half: u16,
}

/// A padded array: a span.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(transparent)]
pub(crate) struct Padded<const N: usize>(pub(crate) [Element; N]);

impl<const N: usize> Val for Padded<N> {
    const NAME: &'static str = match N {
        25 => "300 B padded",
        256 => "3 KiB padded",
        _ => "padded array",
    };
    const SPAN: Range<usize> = 0..N * 12 - 2;
    fn of(n: u64) -> Self {
        Padded(core::array::from_fn(|at| Element {
            small: byte(n, at),
            word: (mix(n) as u32).wrapping_add(at as u32),
            half: (mix(n) as u16).wrapping_add(at as u16),
        }))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(transparent)]
pub(crate) struct Dense<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Val for Dense<N> {
    const NAME: &'static str = match N {
        8 => "8 B dense",
        31 => "31 B dense",
        47 => "47 B dense",
        64 => "64 B dense",
        191 => "191 B dense",
        193 => "193 B dense",
        200 => "200 B dense",
        1024 => "1 KiB dense",
        5120 => "5 KiB dense",
        32768 => "32 KiB dense",
        65536 => "64 KiB dense",
        _ => "dense",
    };
    fn of(n: u64) -> Self {
        Dense(core::array::from_fn(|at| byte(n, at).wrapping_add((at >> 8) as u8)))
    }
}
