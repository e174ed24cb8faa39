use seqcopy::{SeqCopy, Validate};

use core::ptr::NonNull;

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Payload {
    id: u32,
    value: NonNull<u8>,
}

fn main() {}
