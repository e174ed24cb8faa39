// errors: 1, in rustc's words
use seqcopy::{Bits, MaybeInvalid};

fn kept() -> Bits<'static, u64> {
    let bits = MaybeInvalid::new(1u64);
    Bits::of(&bits)
}

fn main() {
    kept();
}
