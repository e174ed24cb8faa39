use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C, packed)]
struct Entry {
    tag: u8,
    next: *const Entry,
}

fn main() {}
