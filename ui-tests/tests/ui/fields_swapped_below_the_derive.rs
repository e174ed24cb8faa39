use seqcopy::SeqCopy;
use seqcopy_ui_attributes::become_this;

#[derive(SeqCopy)]
#[become_this(#[repr(u8)] enum Message { Move { y: [u8; 4], x: u32 }, Quit })]
#[repr(u8)]
enum Message {
    Move { x: u32, y: [u8; 4] },
    Quit,
}

fn main() {}
