use core::mem::MaybeUninit;
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
struct Robot {
    #[seqcopy(skip, default)]
    reserved: MaybeUninit<u8>,
}

fn main() {}
