use seqcopy::SeqCopy;
use seqcopy_map::SeqMap;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C, align(4096))]
struct Page([u8; 4096]);

fn main() {
    let _ = SeqMap::<u64, Page>::new();
}
