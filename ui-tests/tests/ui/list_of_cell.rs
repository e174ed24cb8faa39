// errors: 2, in rustc's words
use core::cell::Cell;
use seqcopy::SeqCopy;

mod foreign {
    use core::cell::Cell;
    pub struct Counter { pub count: Cell<u32> }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Counter)]
struct CounterDef { count: Cell<u32> }

fn main() {}
