use seqcopy::SeqLatch;

fn main() {
    let latch: SeqLatch<u32, 3> = SeqLatch::from_value(0);
    latch.read();
}
