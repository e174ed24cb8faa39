// errors: 1, in rustc's words
use seqcopy::SeqCopy;
use seqcopy_ui_attributes::attribute;

#[derive(SeqCopy)]
#[attribute(repr(align(16)))]
#[repr(C, u8)]
enum Message {
    Quit,
    Move(u32),
}

fn main() {}
