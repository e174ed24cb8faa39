use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Even { pub number: u32, checked: bool }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Even)]
struct EvenDef { number: u32 }

fn main() {}
