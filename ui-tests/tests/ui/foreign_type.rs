use seqcopy::SeqCopy;

#[derive(SeqCopy)]
struct Payload {
    size: std::alloc::Layout,
}

fn main() {}
