// errors: 1, in rustc's words
use seqcopy::{MaybeInvalid, field};

#[derive(Clone, Copy)]
#[repr(C, u8)]
#[allow(dead_code)]
enum Choice {
    Number { at: u64 },
    Nothing,
}

fn main() {
    let bits = MaybeInvalid::new(Choice::Nothing);
    let _ = field!(bits, Choice::Number, at);
}
