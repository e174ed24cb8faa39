use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Option<&'static u8>,
}

fn main() {}
