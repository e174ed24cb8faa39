use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(crate = ::seqcopy, crate = ::seqcopy)]
struct Pose {
    x: f32,
}

fn main() {}
