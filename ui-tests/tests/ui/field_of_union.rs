// errors: 1, in rustc's words
use seqcopy::{MaybeInvalid, field};

#[derive(Clone, Copy)]
#[repr(C)]
union Either {
    wide: u64,
    narrow: u8,
}

type Renamed = Either;

fn main() {
    let bits = MaybeInvalid::new(Either { narrow: 1 });
    let _ = field!(bits, Renamed, wide);
}
