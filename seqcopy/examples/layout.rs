//! Prints the layouts of three types, and the accesses by which a lock copies them: `cargo run --example layout`.
//!
//! Each row is a field or a hole. `accesses` lists the widths of the atomic accesses that begin in the row; `^`
//! continues an access from a row above. Holes are never read or written, so they have none.

use std::fmt::Write as _;

use seqcopy::{Layout, SeqCopy};

/// Padded: a hole after each field that is smaller than the alignment of the next, one in each element of an array, and
/// one at the end.
#[derive(SeqCopy)]
#[repr(C)]
struct Sample {
    flag: bool,
    at: u64,
    level: u32,
    kind: u16,
    pair: [u16; 5],
    ok: bool,
    gain: f32,
    next: *const Sample,
    corners: [Corner; 4],
    last: u8,
}

#[derive(SeqCopy)]
#[repr(C)]
struct Corner {
    x: u32,
    on_edge: bool,
}

/// Packed: no holes and unaligned fields, yet only a few accesses, because a lock aligns the whole.
#[derive(SeqCopy)]
#[repr(C, packed)]
struct Frame {
    magic: u16,
    flags: u8,
    at: u64,
    levels: [u16; 3],
    crc: u32,
}

/// An enum with fields: which bytes are data depends on the variant, but the bytes that are copied are always the same.
#[derive(SeqCopy)]
#[repr(u8)]
#[allow(dead_code)] // only its layout is used
enum Command {
    Stop,
    Move { x: u16, y: u32 },
    Wait(u64),
}

/// The alignment at which the locks keep their payload.
const BASE: usize = 8;

/// Everything that the program prints; `tests/tests/documents/picture.rs` compares it with a snapshot.
pub(crate) fn drawing() -> String {
    let types: [(&str, &'static Layout); 3] =
        [("Padded", Sample::LAYOUT), ("Packed", Frame::LAYOUT), ("An enum with fields", Command::LAYOUT)];
    let mut text = String::new();
    for (index, (title, layout)) in types.into_iter().enumerate() {
        let gap = if index == 0 { "" } else { "\n" };
        // Writing to a string does not fail.
        let _ = write!(text, "{gap}{title}:\n\n{}", layout.display(BASE));
    }
    text
}

fn main() {
    print!("{}", drawing());
}
