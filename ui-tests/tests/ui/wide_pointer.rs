use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: *const [u8],
}

fn main() {}
