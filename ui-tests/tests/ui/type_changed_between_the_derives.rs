// errors: 1, in rustc's words
use seqcopy::{SeqCopy, Validate};
use seqcopy_ui_attributes::become_this;

#[derive(Validate)]
#[become_this(#[derive(SeqCopy)] #[repr(u8)] enum Message { Move(Even), Quit })]
#[repr(u8)]
enum Message {
    Move(Byte),
    Quit,
}

// They have the same bytes, but each type can have a check of its own.
#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Byte(u8);
#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Even(u8);
fn main() {}
