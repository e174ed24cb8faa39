use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u8)]
enum Message {
    Quit,
    #[seqcopy(skip)]
    Move(f32),
}

fn main() {}
