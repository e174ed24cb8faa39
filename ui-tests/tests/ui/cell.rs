use seqcopy::SeqCopy;

use core::cell::Cell;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Cell<u32>,
}

fn main() {}
