use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(transparent)]
struct Pose {
    x: f32,
}

fn main() {}
