use seqcopy::SeqCopy;

use core::task::Poll;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Poll<u8>,
}

fn main() {}
