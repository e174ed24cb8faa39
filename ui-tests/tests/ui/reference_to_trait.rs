use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Entry {
    id: u32,
    value: &'static dyn Fn(u8),
}

fn main() {}
