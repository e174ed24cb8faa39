use seqcopy::SeqLock;

#[derive(Clone, Copy)]
struct Quote {
    bid: u32,
}

fn latest(lock: &SeqLock<Quote>) -> u32 {
    lock.read().bid
}

fn main() {}
