// errors: 1, in rustc's words
// A field that can't be named can't be a part.
use seqcopy::{SeqLock, part};

mod other {
    #[derive(Clone, Copy, Default, seqcopy::SeqCopy)]
    pub struct Even {
        half: u32,
    }
}

fn main() {
    let lock = SeqLock::new(other::Even::default());
    lock.write_part(part!(other::Even, half), 3);
}
