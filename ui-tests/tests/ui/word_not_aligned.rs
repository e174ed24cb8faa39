use core::mem::MaybeUninit;

use seqcopy::{SeqCopy, seq_count::Parity};

#[derive(SeqCopy)]
#[repr(C, packed)]
struct Page {
    version: u16,
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u32>,
}

fn main() {}
