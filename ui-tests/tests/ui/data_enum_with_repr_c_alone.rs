use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
enum Message {
    Quit,
    Move { x: f32, y: f32 },
}

fn main() {}
