use seqcopy::SeqCopy;

use std::sync::Arc;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Arc<u8>,
}

fn main() {}
