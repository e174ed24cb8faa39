use seqcopy::{SeqCopy, Validate};

use core::ops::Range;

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Range<u64>,
}

fn main() {}
