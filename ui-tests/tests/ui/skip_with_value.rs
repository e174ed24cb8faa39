use seqcopy::SeqCopy;

use core::mem::MaybeUninit;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy(skip = true)]
    reserved: MaybeUninit<u32>,
}

fn main() {}
