//! What loads and stores do is what the cut says: each access is noted where it is made.

use std::vec::Vec;

use super::word::trace;
use crate::{Aligned8, AtomicPerByte, SeqCopy, SeqLock, SeqOption, raw};

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Padded {
    a: u8,
    b: u64,
    c: [u16; 7],
    d: *const u8,
    e: bool,
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C, packed(2))]
struct Packed(u8, u64, [Small; 3]);

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(C)]
struct Small {
    a: u32,
    b: u8,
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
#[repr(u8)]
enum Choice {
    A,
    B(u16, u64),
    C { pointer: *const u8, inner: SeqOption<u32> },
}

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(crate = crate)]
struct Rust {
    a: u8,
    b: (u64, Choice),
    c: [Packed; 2],
    d: [[u8; 33]; 2],
}

const PADDED: Padded = Padded { a: 1, b: 2, c: [3; 7], d: core::ptr::null(), e: true };
const PACKED: Packed = Packed(1, 2, [Small { a: 3, b: 4 }; 3]);

fn cut<T: SeqCopy>() -> Vec<(usize, usize)> {
    T::LAYOUT.cut(align_of::<T>()).map(|access| (access.offset, access.width)).collect()
}

/// Offsets are noted from the start of the part that is cut by itself; their sum with its place is what counts, so
/// only the widths are compared where there are parts.
fn follows_the_cut<T: SeqCopy + Copy>(value: T) {
    let expected: Vec<usize> = cut::<T>().iter().map(|access| access.1).collect();
    let widths = || trace::take().iter().map(|access| access.1).collect::<Vec<_>>();
    trace::take();
    let cell = AtomicPerByte::new(value);
    assert_eq!(widths(), [0usize; 0], "`new` is exclusive and makes no atomic access");
    cell.store(&value);
    assert_eq!(widths(), expected, "store of {}", T::LAYOUT.name());
    let _ = cell.load();
    assert_eq!(widths(), expected, "load of {}", T::LAYOUT.name());
    // SAFETY: a cell's bytes; raw accesses agree with its own.
    unsafe { raw::store(cell.as_ptr(), &value) };
    assert_eq!(widths(), expected, "raw store of {}", T::LAYOUT.name());
    // SAFETY: as above.
    let _ = unsafe { raw::load(cell.as_ptr()) };
    assert_eq!(widths(), expected, "raw load of {}", T::LAYOUT.name());

    let expected: Vec<usize> = cut::<Aligned8<T>>().iter().map(|access| access.1).collect();
    let lock = SeqLock::new(value);
    lock.write(value);
    assert_eq!(widths(), expected, "write of {}", T::LAYOUT.name());
    lock.read();
    assert_eq!(widths(), expected, "read of {}", T::LAYOUT.name());
}

#[test]
fn loads_and_stores_make_the_accesses_of_the_cut() {
    follows_the_cut(7u8);
    follows_the_cut([7u8; 37]);
    follows_the_cut(u128::MAX);
    follows_the_cut(PADDED);
    follows_the_cut([PADDED; 3]);
    follows_the_cut(PACKED);
    for choice in [
        Choice::A,
        Choice::B(1, 2),
        Choice::C { pointer: core::ptr::null(), inner: SeqOption::Some(1) },
        Choice::C { pointer: core::ptr::null(), inner: SeqOption::None },
    ] {
        // The same accesses whatever the variant.
        follows_the_cut(choice);
        follows_the_cut([choice; 2]);
        follows_the_cut(Rust { a: 1, b: (2, choice), c: [PACKED; 2], d: [[1; 33]; 2] });
    }
}

#[test]
fn offsets_are_those_of_the_cut() {
    // Types without parts, so that what is noted are offsets from the start.
    fn exactly<T: SeqCopy + Copy>(value: T) {
        let cell = AtomicPerByte::new(value);
        trace::take();
        cell.store(&value);
        assert_eq!(trace::take(), cut::<T>());
        let _ = cell.load();
        assert_eq!(trace::take(), cut::<T>());
    }
    exactly(PADDED);
    exactly([7u16; 9]);
    exactly((1u8, 2u64, 3u16, true));
    exactly(Choice::B(1, 2));
}
