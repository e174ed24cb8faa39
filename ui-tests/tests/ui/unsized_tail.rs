use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Packet {
    len: u32,
    bytes: [u8],
}

fn main() {}
