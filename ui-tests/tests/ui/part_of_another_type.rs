// A part is one of a certain type.
use seqcopy::{SeqCopy, SeqLock, part};

#[derive(Clone, Copy, SeqCopy)]
struct A {
    x: u32,
}

#[derive(Clone, Copy, SeqCopy)]
struct B {
    x: u32,
}

fn main() {
    let _ = SeqLock::new(A { x: 1 }).read_part(part!(B, x));
}
