use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Outer {
    inner: Inner,
}

#[derive(SeqCopy)]
#[repr(C)]
struct Inner {
    ok: bool,
}

fn main() {}
