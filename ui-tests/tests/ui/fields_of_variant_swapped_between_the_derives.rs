use seqcopy::{SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(Validate)]
#[become_this(#[derive(SeqCopy)] #[repr(u8)] enum Message { Quit, Move { y: f32, x: f32 } })]
#[repr(u8)]
enum Message {
    Quit,
    Move { x: f32, y: f32 },
}

fn main() {}
