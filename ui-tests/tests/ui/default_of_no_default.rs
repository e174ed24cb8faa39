// errors: 1, in rustc's words
use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(u8)]
enum Mode {
    Off,
}

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Robot {
    #[seqcopy(default)]
    mode: Mode,
}

fn main() {}
