use seqcopy::SeqCopy;

#[derive(SeqCopy)]
enum Message {
    Quit,
    Move { x: f32, y: f32 },
}

fn main() {}
