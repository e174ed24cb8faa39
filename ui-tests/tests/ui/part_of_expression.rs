use seqcopy::part;

fn main() {
    let _ = part!((u32, [u8; 4]), &1);
}
