use seqcopy::SeqCopy;
use seqcopy_map::SeqMap;

#[derive(Clone, Copy, PartialEq, Eq, SeqCopy)]
struct Id(u32);

fn main() {
    let _ = SeqMap::<Id, u32>::new();
}
