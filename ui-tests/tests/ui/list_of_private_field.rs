// errors: 1, in rustc's words
use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Even { number: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Even)]
struct EvenDef { number: u32 }

fn main() {}
