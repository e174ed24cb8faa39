use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    x: f32,
    #[seqcopy(skip)]
    cache: u32,
}

fn main() {}
