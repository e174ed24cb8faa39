use seqcopy::SeqCopy;

use core::ops::RangeInclusive;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: RangeInclusive<u64>,
}

fn main() {}
