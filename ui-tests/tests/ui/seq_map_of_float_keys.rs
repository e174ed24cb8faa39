use seqcopy_map::SeqMap;

fn main() {
    let _ = SeqMap::<f64, u32>::with_capacity(100);
}
