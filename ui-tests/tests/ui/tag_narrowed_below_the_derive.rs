use seqcopy::SeqCopy;
use seqcopy_ui_attributes::become_this;

// The second byte of the tag becomes padding.
#[derive(SeqCopy)]
#[become_this(#[repr(C, u8)] enum Message { Left(u32), Right(u32) })]
#[repr(C, u16)]
enum Message {
    Left(u32),
    Right(u32),
}

fn main() {}
