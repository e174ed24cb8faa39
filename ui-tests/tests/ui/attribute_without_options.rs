use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy = "skip"]
    x: f32,
}

fn main() {}
