use core::mem::MaybeUninit;

use seqcopy::{Parity, SeqCopy};

#[derive(SeqCopy)]
#[repr(C)]
struct Page {
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u64>,
    level: u64,
}

fn main() {}
