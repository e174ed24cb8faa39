use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Entry {
    id: u32,
    name: &'static Name,
}

struct Name;

fn main() {}
