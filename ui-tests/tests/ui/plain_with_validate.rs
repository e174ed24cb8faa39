use seqcopy::{SeqCopy, Validate};

#[derive(Clone, Copy, SeqCopy, Validate)]
#[seqcopy(unsafe(plain))]
#[repr(C)]
union Bits {
    float: f32,
    int: u32,
}

fn main() {}
