use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(skip)]
struct Pose {
    x: f32,
}

fn main() {}
