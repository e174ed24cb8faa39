//! An enum, although each tag names a variant.

use seqcopy::{MaybeInvalid, SeqOption};

const _: SeqOption<u8> = MaybeInvalid::<SeqOption<u8>>::zeroed().value();

fn main() {}
