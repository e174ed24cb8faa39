//! Not every bits are a `bool`.

use seqcopy::MaybeInvalid;

const _: bool = MaybeInvalid::<bool>::zeroed().value();

fn main() {}
