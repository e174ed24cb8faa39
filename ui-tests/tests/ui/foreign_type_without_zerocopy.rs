use seqcopy::{SeqCopy, Zerocopy};

#[derive(SeqCopy)]
struct Payload {
    #[seqcopy(with = Zerocopy)]
    size: std::alloc::Layout,
}

fn main() {}
