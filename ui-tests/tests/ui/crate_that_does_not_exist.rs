// errors: 2 (rustc adds a hint about `usize` to one of two equal errors)
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(crate = ::seqcpy)]
struct Pose {
    x: f32,
    y: f32,
}

fn main() {}
