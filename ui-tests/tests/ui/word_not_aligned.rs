use core::mem::MaybeUninit;

use seqcopy::{Parity, SeqCopy};

#[derive(SeqCopy)]
#[repr(C, packed)]
struct Page {
    version: u16,
    #[seqcopy(word = Parity<u32>)]
    sequence: MaybeUninit<u32>,
}

fn main() {}
