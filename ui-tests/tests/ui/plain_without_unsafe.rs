use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(plain)]
union Bits {
    float: f32,
    int: u32,
}

fn main() {}
