// errors: 1, in rustc's words
// A part is written, too: no shorter borrow may come to the place of a longer one.
use seqcopy::{Part, SeqCopy, part};

#[derive(Clone, Copy, SeqCopy)]
struct Limit {
    at: Option<&'static u32>,
}

fn shorter<'a>() -> Part<Limit, Option<&'a u32>> {
    part!(Limit, at)
}

fn main() {}
