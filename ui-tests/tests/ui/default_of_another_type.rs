// errors: 1, in rustc's words
use seqcopy::SeqCopy;

fn one() -> u32 {
    1
}

#[derive(SeqCopy)]
struct Robot {
    #[seqcopy(default = one)]
    level: u16,
}

fn main() {}
