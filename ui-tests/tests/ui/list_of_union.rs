// errors: 2, in rustc's words
use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub union Bits { pub number: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Bits)]
struct BitsDef { number: u32 }

fn main() {}
