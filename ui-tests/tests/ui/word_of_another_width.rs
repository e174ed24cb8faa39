use core::mem::MaybeUninit;

use seqcopy::{SeqCopy, seq_count::Parity};

#[derive(SeqCopy)]
#[repr(C)]
struct Page {
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u64>,
    level: u64,
}

fn main() {}
