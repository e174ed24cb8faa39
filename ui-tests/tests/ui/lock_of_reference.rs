// errors: 2
use seqcopy::{SeqLatch, SeqLock};

fn share(value: &mut u64, text: &'static str) {
    let lock = SeqLock::new(value);
    let latch = SeqLatch::new(text);
}

fn main() {}
