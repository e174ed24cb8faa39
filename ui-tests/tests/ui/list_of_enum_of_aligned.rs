use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(u8, align(4))]
    pub enum Mode { Off, On }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Mode)]
enum ModeDef { Off, On }

fn main() {}
