use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u128)]
enum Mode {
    Idle,
    Moving,
}

fn main() {}
