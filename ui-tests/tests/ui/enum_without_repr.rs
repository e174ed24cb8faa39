use seqcopy::SeqCopy;

#[derive(SeqCopy)]
enum Mode {
    Idle,
    Moving,
}

fn main() {}
