// errors: 1, in rustc's words
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[seqcopy(unsafe(plain))]
struct Counter(std::sync::atomic::AtomicU32);

fn main() {}
