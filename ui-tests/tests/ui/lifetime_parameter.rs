use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Slice<'a> {
    start: &'a u8,
    len: usize,
}

fn main() {}
