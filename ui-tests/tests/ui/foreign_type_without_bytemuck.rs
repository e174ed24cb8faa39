use seqcopy::{Bytemuck, SeqCopy};

#[derive(SeqCopy)]
struct Payload {
    #[seqcopy(with = Bytemuck)]
    size: std::alloc::Layout,
}

fn main() {}
