use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain = u32))]
struct Word(u32);

fn main() {}
