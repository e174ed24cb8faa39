use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Even { pub number: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Even, unsafe(plain))]
struct EvenDef { number: u32 }

fn main() {}
