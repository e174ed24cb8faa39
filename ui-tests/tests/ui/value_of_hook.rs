//! A field whose own check may refuse bits.

use seqcopy::{MaybeInvalid, SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = small)]
struct Percent(u8);

fn small(bits: &MaybeInvalid<Percent>) -> Result<(), &'static str> {
    if bits.as_bytes()[0] <= 100 { Ok(()) } else { Err("more than 100") }
}

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Load([Percent; 4]);

const _: Load = MaybeInvalid::<Load>::zeroed().value();

fn main() {}
