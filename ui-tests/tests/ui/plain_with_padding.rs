use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
struct Sample {
    flag: bool,
    level: u32,
}

fn main() {}
