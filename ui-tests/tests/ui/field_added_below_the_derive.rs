// errors: 1, in rustc's words
use seqcopy::SeqCopy;
use seqcopy_ui_attributes::insert;

#[derive(SeqCopy)]
#[insert(hidden: u64)]
#[repr(C)]
struct Pose {
    x: f32,
}

fn main() {}
