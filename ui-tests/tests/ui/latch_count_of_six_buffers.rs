use seqcopy::seq_count::LatchCount;

fn main() {
    let _ = LatchCount::<6>::new();
}
