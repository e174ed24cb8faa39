// errors: 1, in rustc's words
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u8)]
enum Never {}

fn main() {}
