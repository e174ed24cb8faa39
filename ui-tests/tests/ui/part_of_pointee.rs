// errors: 2, in rustc's words
// What a pointer points to is not a part of the value.
use std::ptr::NonNull;

use seqcopy::{SeqCopy, part};

struct Config {
    level: u32,
}

#[derive(Clone, Copy, SeqCopy)]
struct Shared {
    config: NonNull<Config>,
}

fn main() {
    let _ = part!(Shared, config.level);
}
