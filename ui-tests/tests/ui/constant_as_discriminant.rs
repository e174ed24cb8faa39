use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u8)]
enum Message {
    Quit = FIRST,
    Move(f32),
}

const FIRST: u8 = 3;

fn main() {}
