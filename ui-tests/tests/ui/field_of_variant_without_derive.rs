use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C, u8)]
enum Message {
    Quit,
    Move { by: Inner },
}

struct Inner(f32);

fn main() {}
