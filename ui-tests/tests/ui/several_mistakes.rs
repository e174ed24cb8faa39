// errors: 5
use seqcopy::{SeqCopy, Validate};

#[derive(SeqCopy, Validate)]
#[seqcopy(chekc = validate)]
enum Message<'a> {
    Quit,
    Name(#[seqcopy(sikp)] &'a u8, &'static u8),
}

fn main() {}
