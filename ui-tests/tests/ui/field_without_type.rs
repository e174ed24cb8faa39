use seqcopy::{MaybeInvalid, field};

struct Pose {
    x: f32,
}

fn main() {
    let bits = MaybeInvalid::new(Pose { x: 0.0 });
    field!(bits, x);
}
