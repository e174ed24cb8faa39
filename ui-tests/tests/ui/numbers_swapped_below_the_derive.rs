use seqcopy::SeqCopy;
use seqcopy_ui_attributes::become_this;

#[derive(SeqCopy)]
#[become_this(#[repr(u8)] enum Message { Byte(u8) = 1, Word(u32) = 0 })]
#[repr(u8)]
enum Message {
    Byte(u8) = 0,
    Word(u32) = 1,
}

fn main() {}
