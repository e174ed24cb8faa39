use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
union Bits {
    bytes: [u8; 3],
    half: u16,
}

fn main() {}
