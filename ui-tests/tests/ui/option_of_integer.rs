use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: Option<u64>,
}

fn main() {}
