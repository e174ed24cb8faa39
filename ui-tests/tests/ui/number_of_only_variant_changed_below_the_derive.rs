// errors: 1, in rustc's words
use seqcopy::SeqCopy;
use seqcopy_ui_attributes::become_this;

#[derive(SeqCopy)]
#[become_this(#[repr(u8)] enum Message { Byte(u8) = 1 })]
#[repr(u8)]
enum Message {
    Byte(u8) = 0,
}

fn main() {}
