use seqcopy::SeqCopy;

mod foreign {
    pub struct Even { number: u32, checked: bool }
}

#[derive(SeqCopy)]
// SAFETY: none, a field is missed.
#[seqcopy(unsafe(remote = foreign::Even))]
struct EvenDef { number: u32 }

fn main() {}
