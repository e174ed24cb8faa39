use seqcopy::SeqCopy;
use seqcopy_ui_attributes::attribute;

#[derive(SeqCopy)]
#[attribute(repr(align(8)))]
#[repr(u8)]
enum Mode {
    Idle,
    Moving,
}

fn main() {}
