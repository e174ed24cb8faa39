//! A field that another crate checks.

use seqcopy::{Bytemuck, MaybeInvalid, SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Sample {
    #[seqcopy(with = Bytemuck)]
    at: u64,
}

const _: Sample = MaybeInvalid::<Sample>::zeroed().value();

fn main() {}
