//! A type with a field of each kind, for tests.

use core::num::{NonZeroU16, NonZeroU32};

use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Sample {
    open: bool,
    mode: Mode,
    level: i16,
    ratio: f32,
    letter: char,
    id: NonZeroU16,
    parent: Option<NonZeroU32>,
    limit: SeqOption<f64>,
    outline: Outline,
    wide: u128,
    history: [u16; 40],
    legs: [Leg; 3],
    name: SeqStr<7>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
pub(super) enum Mode {
    Calm = 0,
    Fast = 3,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // only its layout is used
pub(super) enum Outline {
    Nowhere,
    Circle { radius: u32, filled: bool },
    Square(u16),
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Leg {
    id: u8,
    length: u32,
    ready: SeqOption<Leap>,
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
pub(super) struct Leap {
    height: u16,
    far: bool,
}
