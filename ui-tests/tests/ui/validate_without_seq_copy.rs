// errors: 2 (at the type, and where its fields are checked)
use seqcopy::Validate;

#[derive(Validate)]
#[repr(C)]
struct Pose {
    x: f32,
}

fn main() {}
