// errors: 1, in rustc's words
use seqcopy::SeqCopy;
use seqcopy_ui_attributes::replace;

#[derive(SeqCopy)]
#[replace(u8 u64)]
#[repr(C)]
struct Pose {
    x: u8,
}

fn main() {}
