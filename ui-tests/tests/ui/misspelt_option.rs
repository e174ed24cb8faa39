use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(crat = ::seqcopy)]
struct Pose {
    x: f32,
}

fn main() {}
