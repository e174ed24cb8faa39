use seqcopy::SeqCopy;
use seqcopy::raw::Page;

#[derive(SeqCopy)]
#[repr(C)]
struct Level {
    sequence: u32,
    level: u64,
}

fn show(_: Page<'_, Level>) {}

fn main() {}
