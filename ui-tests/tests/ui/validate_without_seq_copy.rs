use seqcopy::Validate;

#[derive(Validate)]
#[repr(C)]
struct Pose {
    x: f32,
}

fn main() {}
