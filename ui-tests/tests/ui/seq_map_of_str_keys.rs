use seqcopy_map::SeqMap;

fn main() {
    let _ = SeqMap::<&str, u32>::new();
}
