use seqcopy::SeqCopy;
use seqcopy_ui_attributes::attribute;

// 12 bytes either way.
#[derive(SeqCopy)]
#[attribute(repr(C))]
#[repr(u8)]
enum Message {
    Quit,
    Move(u8, u8, u16, u32),
}

fn main() {}
