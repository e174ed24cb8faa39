use seqcopy::LatchCount;

fn main() {
    let _ = LatchCount::<6>::new();
}
