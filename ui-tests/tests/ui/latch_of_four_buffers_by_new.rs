// errors: 1, in rustc's words
use seqcopy::SeqLatch;

static LATCH: SeqLatch<u32, 4> = SeqLatch::new(0);

fn main() {}
