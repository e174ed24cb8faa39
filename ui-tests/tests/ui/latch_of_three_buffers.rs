use seqcopy::SeqLatch;

static LATCH: SeqLatch<u32, 3> = SeqLatch::from_value(0);

fn main() {
    LATCH.read();
}
