use seqcopy::SeqCopy;
use std::cell::Cell;

#[derive(SeqCopy)]
#[seqcopy(bound(for<'a> Cell<u8>: SeqCopy))]
#[repr(C)]
struct Excused {
    cell: Cell<u8>,
}

fn main() {}
