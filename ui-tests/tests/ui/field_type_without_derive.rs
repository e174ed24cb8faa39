use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Outer {
    inner: Inner,
}

struct Inner {
    x: f32,
}

fn main() {}
