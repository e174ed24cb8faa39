use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u8, align(8))]
enum Mode {
    Idle,
    Moving,
}

fn main() {}
