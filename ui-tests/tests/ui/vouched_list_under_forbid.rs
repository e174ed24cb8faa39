// errors: 1, in rustc's words
#![forbid(unsafe_code)]
use seqcopy::SeqCopy;

mod foreign {
    pub struct Even { number: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(unsafe(remote = foreign::Even))]
struct EvenDef { number: u32 }

fn main() {}
