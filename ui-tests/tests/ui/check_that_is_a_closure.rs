use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = |pose| Ok(()))]
struct Pose {
    x: f32,
}

fn main() {}
