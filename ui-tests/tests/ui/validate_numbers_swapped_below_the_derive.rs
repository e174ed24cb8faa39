use seqcopy::{SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(SeqCopy, Validate)]
#[become_this(#[repr(u8)] enum Message { Byte(u8) = 1, Flag(bool) = 0 })]
#[repr(u8)]
enum Message {
    Byte(u8) = 0,
    Flag(bool) = 1,
}

fn main() {}
