// errors: 1, in rustc's words
use seqcopy::SeqCopy;
use seqcopy_ui_attributes::replace;

#[derive(SeqCopy)]
#[replace(Move Turn)]
#[repr(u8)]
enum Message {
    Quit,
    Move(f32),
}

fn main() {}
