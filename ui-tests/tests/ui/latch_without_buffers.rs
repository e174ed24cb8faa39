use seqcopy::SeqLatch;

static LATCH: SeqLatch<u32, 0> = SeqLatch::from_value(0);

fn main() {
    LATCH.read();
}
