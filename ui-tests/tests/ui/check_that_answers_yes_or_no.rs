use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = ordered)]
struct Range(u32, u32);

fn ordered(range: &Range) -> bool {
    range.0 <= range.1
}

fn main() {}
