use seqcopy::SeqLatch;

static LATCH: SeqLatch<u32, 1> = SeqLatch::from_value(0);

fn main() {
    LATCH.read();
}
