use seqcopy::SeqCopy;

use core::mem::MaybeUninit;

#[derive(SeqCopy)]
#[repr(C)]
struct Pose {
    #[seqcopy(unsafe(skip))]
    reserved: MaybeUninit<u32>,
}

fn main() {}
