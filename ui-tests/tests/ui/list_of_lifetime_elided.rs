use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct View<'a> { pub at: Option<&'a u8> }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::View<'_>)]
struct ViewDef { at: Option<&'static u8> }

fn main() {}
