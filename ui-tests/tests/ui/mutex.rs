use seqcopy::SeqCopy;

use std::sync::Mutex;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Mutex<u32>,
}

fn main() {}
