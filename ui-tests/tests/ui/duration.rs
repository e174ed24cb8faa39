use seqcopy::SeqCopy;

use core::time::Duration;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Duration,
}

fn main() {}
