use seqcopy::SeqCopy;

mod foreign {
    use core::cell::Cell;
    pub struct Counter { count: Cell<u32> }
}

#[derive(SeqCopy)]
// SAFETY: none, it has interior mutability.
#[seqcopy(unsafe(remote = foreign::Counter))]
struct CounterDef { count: u32 }

fn main() {}
