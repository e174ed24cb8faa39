// errors: 2, one for each field
// A skipped field is never read, so it can't be read as a part either.
use std::mem::MaybeUninit;

use seqcopy::{Part, SeqCopy, part};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Page {
    #[seqcopy(skip)]
    reserved: MaybeUninit<u32>,
    ticks: u32,
    #[seqcopy(skip)]
    later: MaybeUninit<u32>,
}

const RESERVED: Part<Page, MaybeUninit<u32>> = part!(Page, reserved);
const LATER: Part<Page, MaybeUninit<u32>> = part!(Page, later);

fn main() {}
