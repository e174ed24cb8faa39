use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub enum Only { One }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Only)]
enum OnlyDef { One }

fn main() {}
