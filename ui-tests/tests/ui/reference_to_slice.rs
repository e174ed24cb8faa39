use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Entry {
    id: u32,
    value: &'static [u16],
}

fn main() {}
