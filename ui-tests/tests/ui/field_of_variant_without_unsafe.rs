use seqcopy::__private_0_1_0::part_of_variant;
use seqcopy::{Bits, SeqOption};

// `None`, for one, has no byte that is initialised but the tag.
fn value_of<'a>(bits: &Bits<'a, SeqOption<u64>>) -> Bits<'a, u64> {
    part_of_variant::<SeqOption<u64>, u64, 1, 0>(bits)
}

fn main() {}
