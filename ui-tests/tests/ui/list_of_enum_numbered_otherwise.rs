use seqcopy::{SeqCopy, Validate};

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(u8)]
    pub enum Mode { Off = 1, On = 2 }
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Mode)]
#[repr(u8)]
enum ModeDef { Off, On }

fn main() {}
