// expect: encountered an unaligned reference
// P7 from_ptr: an atomic access needs the alignment of the atomic type, whatever the processor allows. So a field
// of a packed struct is partitioned by its static alignment: this one into four bytes.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[repr(C, packed)]
struct Packed {
    flag: u8,
    level: u32,
}

fn main() {
    let mut value = Packed { flag: 1, level: 2 };
    let level = &raw mut value.level;
    // SAFETY: in bounds and initialised, but at an odd offset: `from_ptr` demands alignment.
    let level = unsafe { AtomicU32::from_ptr(level) };
    println!("{} {}", value.flag, level.load(Relaxed));
}
