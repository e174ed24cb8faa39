use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Page { pub word: core::mem::MaybeUninit<u32> }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Page)]
struct PageDef { word: u32 }

fn main() {}
