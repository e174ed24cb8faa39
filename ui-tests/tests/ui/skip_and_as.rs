use seqcopy::SeqCopy;

use core::mem::MaybeUninit;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy(skip, unsafe(as = u32))]
    reserved: MaybeUninit<u32>,
}

fn main() {}
