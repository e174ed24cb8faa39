use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(packed)]
struct Pose {
    valid: bool,
    x: f32,
}

fn main() {}
