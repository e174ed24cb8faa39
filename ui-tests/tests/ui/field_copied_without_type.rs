use seqcopy::{MaybeInvalid, field_copy};

struct Pose {
    x: f32,
}

fn main() {
    let bits = MaybeInvalid::new(Pose { x: 0.0 });
    field_copy!(bits, x);
}
