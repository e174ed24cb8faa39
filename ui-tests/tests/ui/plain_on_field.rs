use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy(unsafe(plain))]
    angle: f32,
}

fn main() {}
