use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Entry {
    page: &'static mut [u8; 64],
}

fn main() {}
