use seqcopy::SeqCopy;

use core::mem::MaybeUninit;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
struct Pose {
    #[seqcopy(skip)]
    reserved: MaybeUninit<u32>,
    angle: f32,
}

fn main() {}
