use seqcopy::SeqCopy;

use core::cell::UnsafeCell;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: UnsafeCell<u32>,
}

fn main() {}
