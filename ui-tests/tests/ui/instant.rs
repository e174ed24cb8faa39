use seqcopy::SeqCopy;

use std::time::Instant;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Instant,
}

fn main() {}
