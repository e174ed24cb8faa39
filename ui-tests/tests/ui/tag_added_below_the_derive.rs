// errors: 1, in rustc's words
use seqcopy::SeqCopy;
use seqcopy_ui_attributes::insert;

#[derive(SeqCopy)]
#[insert(Hidden)]
#[repr(u8)]
enum Mode {
    Idle,
    Moving,
}

fn main() {}
