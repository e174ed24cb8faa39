//! A type for the tests of this program, and the bytes of a value of it.

use core::num::{NonZeroU16, NonZeroU32};

use seqcopy::{SeqCopy, SeqOption, Validate};

/// A field of each kind.
#[derive(SeqCopy, Validate)]
#[repr(C)]
#[allow(dead_code)] // only its layout is used
pub(in super::super) struct Sample {
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
    name: [u8; 8],
}

#[derive(SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)]
pub(in super::super) enum Mode {
    Calm = 0,
    Fast = 3,
}

#[derive(SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)]
pub(in super::super) enum Outline {
    Nowhere,
    Circle { radius: u32, filled: bool },
    Square(u16),
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[allow(dead_code)]
pub(in super::super) struct Leg {
    id: u8,
    length: u32,
    ready: SeqOption<Leap>,
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[allow(dead_code)]
pub(in super::super) struct Leap {
    height: u16,
    far: bool,
}

/// Where a field of [`Sample`] lies.
pub(in super::super) fn offset(name: &str) -> usize {
    Sample::LAYOUT.fields().iter().find(|field| field.name() == name).expect("a field").offset()
}

/// A valid [`Sample`] as it lies in memory, its padding zero.
pub(in super::super) fn image() -> Vec<u8> {
    let mut bytes = vec![0; Sample::LAYOUT.size()];
    let mut put = |at: usize, part: &[u8]| bytes[at..at + part.len()].copy_from_slice(part);
    put(offset("open"), &[1]);
    put(offset("mode"), &[3]);
    put(offset("level"), &(-2i16).to_ne_bytes());
    put(offset("ratio"), &0.1f32.to_ne_bytes());
    put(offset("letter"), &u32::from('ß').to_ne_bytes());
    put(offset("id"), &7u16.to_ne_bytes());
    put(offset("limit"), &[1]);
    put(offset("limit") + 8, &2.5f64.to_ne_bytes());
    put(offset("outline"), &[1]);
    put(offset("outline") + 4, &3u32.to_ne_bytes());
    put(offset("outline") + 8, &[1]);
    put(offset("wide"), &(1u128 << 100).to_ne_bytes());
    put(offset("history"), &500u16.to_ne_bytes());
    put(offset("legs") + Leg::LAYOUT.size() + 4, &12u32.to_ne_bytes());
    put(offset("name"), b"left\0\0\0\0");
    bytes
}

#[derive(SeqCopy)]
#[repr(transparent)]
#[allow(dead_code)]
pub(crate) struct Id(i32);

#[derive(SeqCopy)]
#[repr(C)]
#[allow(dead_code)]
pub(crate) struct Pair(u16, u16);

#[derive(Clone, Copy, SeqCopy)]
// SAFETY: bytes without padding, of which any are valid.
#[seqcopy(unsafe(plain))]
#[repr(C)]
pub(crate) struct Opaque([u8; 3]);
