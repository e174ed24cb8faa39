use seqcopy::SeqCopy;

use core::mem::MaybeUninit;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy(ignore)]
    reserved: MaybeUninit<u32>,
}

fn main() {}
