// errors: 1, in rustc's words
use seqcopy::{MaybeInvalid, field};

#[derive(Clone, Copy)]
struct Inner {
    y: u64,
}

#[derive(Clone, Copy)]
struct Outer {
    x: Inner,
}

fn main() {
    let bits = MaybeInvalid::new(Outer { x: Inner { y: 1 } });
    let _ = field!(bits, Outer, x.y);
}
