use core::mem::MaybeUninit;

use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Page {
    #[seqcopy(word = u32)]
    sequence: MaybeUninit<u32>,
    level: u64,
}

fn main() {}
