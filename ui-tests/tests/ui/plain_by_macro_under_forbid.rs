// errors: 1, in rustc's words
#![forbid(unsafe_code)]

use seqcopy::SeqCopy;

macro_rules! plain {
    ($name:ident($type:ty)) => {
        #[derive(Clone, Copy, SeqCopy)]
        #[seqcopy(unsafe(plain))]
        struct $name($type);
    };
}

plain!(Word(u64));

fn main() {}
