// errors: 1, in rustc's words
use seqcopy::SeqLock;

#[derive(Clone, Copy, SeqCopy)]
struct Quote {
    bid: f32,
}

fn main() {
    let _: Option<SeqLock<Quote>> = None;
}
