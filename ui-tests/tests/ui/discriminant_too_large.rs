use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u8)]
enum Message {
    Quit = 256,
    Move(f32),
}

fn main() {}
