use seqcopy::SeqStr;

const NAME: SeqStr<4> = SeqStr::literal("too long");

fn main() {}
