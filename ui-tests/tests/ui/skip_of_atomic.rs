use core::mem::MaybeUninit;
use core::sync::atomic::AtomicU32;

use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Page {
    #[seqcopy(skip)]
    word: MaybeUninit<AtomicU32>,
    level: u64,
}

fn main() {}
