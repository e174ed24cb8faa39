use seqcopy::SeqCopy;

use core::time::Duration;

#[derive(SeqCopy)]
#[repr(C)]
struct Timer {
    #[seqcopy(unsafe(as = [u32; 2]))]
    left: Duration,
}

fn main() {}
