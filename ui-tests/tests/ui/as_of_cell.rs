// errors: 1, in rustc's words
use seqcopy::SeqCopy;

use core::cell::Cell;

#[derive(SeqCopy)]
#[repr(C)]
struct Counter {
    #[seqcopy(unsafe(as = u32))]
    count: Cell<u32>,
}

fn main() {}
