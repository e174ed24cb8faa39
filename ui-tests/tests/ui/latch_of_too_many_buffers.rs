use seqcopy::SeqLatch;

static LATCH: SeqLatch<(), 131_072> = SeqLatch::from_value(());

fn main() {
    LATCH.read();
}
