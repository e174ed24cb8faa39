// errors: 1, in rustc's words
use seqcopy::{SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(Validate)]
#[become_this(#[derive(SeqCopy)] #[repr(C)] struct Pose { x: u8, hidden: bool })]
#[repr(C)]
struct Pose {
    x: u8,
}

fn main() {}
