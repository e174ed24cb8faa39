use seqcopy::SeqSlice;

fn main() {
    let _ = SeqSlice::<u8, 512>::with_capacity(1);
}
