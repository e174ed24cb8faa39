use seqcopy::{SeqCopy, Validate};

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub struct Fix { pub valid: bool }
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Fix)]
struct FixDef { valid: bool }

fn main() {}
