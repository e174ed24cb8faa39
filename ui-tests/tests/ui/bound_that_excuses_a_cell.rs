use seqcopy::SeqCopy;
use std::cell::Cell;

#[derive(SeqCopy)]
#[seqcopy(bound(Cell<T>: SeqCopy))]
#[repr(C)]
struct Excused<T> {
    cell: Cell<T>,
}

fn copied<T: SeqCopy>() {}

fn main() {
    copied::<Excused<u8>>();
}
