use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Table {
    rows: [&'static u8; 4],
}

fn main() {}
