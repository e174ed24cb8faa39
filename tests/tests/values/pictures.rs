//! Drawings of types of each shape, compared as a whole with a file that people read. Of one machine and build: what is
//! a vector byte, and how large a pointer is, differs.

#![cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(any(miri, seqcopy_portable))))]

use std::fmt::Write as _;

use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec};
use seqcopy_tests::corpus::*;

#[test]
fn types_are_drawn_as_they_were() {
    let mut all = String::new();
    macro_rules! drawn {
        ($($type:ty,)*) => {$(writeln!(all, "{}", <$type as SeqCopy>::LAYOUT.display(8)).expect("a text");)*};
    }
    drawn! {
        u8, u128, (), (u32,), *const u8, [*const u8; 3], [u8; 37], [u8; 0], Unit, Padded, Tuple, Nested, Packed, PackedPointer,
        Wide, Transparent, WithSkip, Gappy, AllWidths, Mode, Level, Choice, StyleC, Outer, WithPointer, ChoiceInPacked, [Choice; 3],
        SeqOption<[Padded; 9]>, SeqStr<12>, SeqVec<*const u8, 2>, Peer, Telemetry, Marking, LastTag, BothWide,
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/values/pictures.txt");
    // Where a field without bytes lies is the compiler's choice, which `ci/sanitizers.sh` makes at random.
    let is_of_choice =
        |drawing: &&str| core::mem::offset_of!(Transparent, 1) != 0 || !drawing.starts_with("struct Transparent:");
    let [there, all] = [include_str!("pictures.txt"), &all]
        .map(|text| text.split("\n\n").filter(is_of_choice).collect::<Vec<_>>().join("\n\n"));
    seqcopy_harness::is_as_written(file, &there, &all);
}
