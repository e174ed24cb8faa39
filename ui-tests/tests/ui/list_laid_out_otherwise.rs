use seqcopy::{SeqCopy, Validate};

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(C)]
    pub struct Fix { pub height: f32, pub valid: bool, pub quality: u8 }
}

#[derive(SeqCopy, Validate)]
#[seqcopy(remote = foreign::Fix)]
#[repr(C)]
struct FixDef { height: f32, quality: u8, valid: bool }

fn main() {}
