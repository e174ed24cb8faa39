// errors: 1, in rustc's words
#![forbid(unsafe_code)]

use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
union Bits {
    float: f32,
    int: u32,
}

fn main() {}
