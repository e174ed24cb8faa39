use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy(check = is_finite)]
    x: f32,
}

fn main() {}
