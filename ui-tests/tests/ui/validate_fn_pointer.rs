use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Payload {
    id: u32,
    value: fn(u32) -> u32,
}

fn main() {}
