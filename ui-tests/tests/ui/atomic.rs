use seqcopy::SeqCopy;

use core::sync::atomic::AtomicU64;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: AtomicU64,
}

fn main() {}
