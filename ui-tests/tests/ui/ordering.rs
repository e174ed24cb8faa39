use seqcopy::SeqCopy;

use core::cmp::Ordering;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Ordering,
}

fn main() {}
