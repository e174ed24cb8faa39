use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[seqcopy(remote = [u8; 4])]
struct BytesDef { first: u8 }

fn main() {}
