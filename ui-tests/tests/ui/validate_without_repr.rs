use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
struct Pose {
    x: f32,
    valid: bool,
}

fn main() {}
