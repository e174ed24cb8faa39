// errors: 2
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(crate = , check =)]
struct Pose {
    x: f32,
}

fn main() {}
