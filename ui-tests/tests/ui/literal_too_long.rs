use seqcopy::SeqStr;

const NAME: SeqStr<4> = SeqStr::literal("long!");

fn main() {}
