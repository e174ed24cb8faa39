//! A generic struct of numbers is refused for a `bool`.

use seqcopy::{MaybeInvalid, SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Stamped<T> {
    at: u64,
    value: T,
}

const _: Stamped<u32> = MaybeInvalid::<Stamped<u32>>::zeroed().value();
const _: Stamped<bool> = MaybeInvalid::<Stamped<bool>>::zeroed().value();

fn main() {}
