use seqcopy::AtomicPerByte;

#[derive(Clone, Copy)]
struct Quote {
    bid: u32,
}

fn publish(cell: &AtomicPerByte<Quote>) {
    cell.store(&Quote { bid: 1 });
}

fn main() {}
