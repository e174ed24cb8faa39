use seqcopy::SeqLock;

fn share(value: &mut u64) {
    let lock = SeqLock::new(value);
}

fn main() {}
