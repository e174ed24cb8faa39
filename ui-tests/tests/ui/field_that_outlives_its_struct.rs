// errors: 1, in rustc's words
use seqcopy::{MaybeInvalid, field};

#[allow(dead_code)]
struct Point<'a> {
    x: u64,
    name: &'a u8,
}

fn kept<'a>(bits: &'a MaybeInvalid<Point<'static>>) -> &'static MaybeInvalid<u64> {
    field!(bits, Point<'static>, x)
}

fn main() {
    let _ = kept;
}
