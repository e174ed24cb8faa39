use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
#[seqcopy(check)]
struct Pose {
    x: f32,
}

fn main() {}
