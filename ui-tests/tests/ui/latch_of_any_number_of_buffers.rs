use seqcopy::SeqLatch;

fn zero<const BUFFERS: usize>() -> SeqLatch<u32, BUFFERS> {
    SeqLatch::from_value(0)
}

fn main() {
    zero::<2>();
}
