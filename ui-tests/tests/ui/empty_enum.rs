use seqcopy::SeqCopy;

#[derive(SeqCopy)]
enum Never {}

fn main() {}
