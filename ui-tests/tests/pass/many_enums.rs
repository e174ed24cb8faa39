//! Nearly as many enums with fields in a static as the limit that the first page names: the compiler computes each in a
//! constant.

use seqcopy::{SeqLock, SeqOption};

static MANY_ENUMS: SeqLock<[SeqOption<u16>; 50_000]> = SeqLock::new([SeqOption::Some(7); 50_000]);

fn main() {
    assert!(MANY_ENUMS.read_boxed().iter().all(|enumerated| *enumerated == SeqOption::Some(7)));
}
