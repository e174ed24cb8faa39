use seqcopy::{SeqCopy, Validate};

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub struct Fix { pub valid: bool, pub height: f32, pub quality: u8 }
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Fix)]
#[repr(C)]
struct FixDef { height: f32, valid: bool, quality: u8 }

fn main() {}
