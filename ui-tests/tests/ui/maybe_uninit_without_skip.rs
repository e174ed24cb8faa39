use seqcopy::SeqCopy;

use core::mem::MaybeUninit;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: MaybeUninit<u32>,
}

fn main() {}
