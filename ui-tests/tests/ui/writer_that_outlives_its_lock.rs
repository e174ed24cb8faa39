// Dropping the writer releases the claim of a lock that is gone, in rustc's words
use seqcopy::SeqLock;

fn main() {
    let _writer;
    let lock = SeqLock::new(1);
    _writer = lock.writer();
}
