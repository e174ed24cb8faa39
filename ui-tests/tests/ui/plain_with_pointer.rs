use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
union Link {
    next: *const u8,
    number: usize,
}

fn main() {}
