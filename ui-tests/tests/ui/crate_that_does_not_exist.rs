// errors: 1, in rustc's words
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(crate = ::seqcpy)]
struct Pose {
    x: f32,
    y: f32,
}

fn main() {}
