// A field of a union need not be valid: reading it takes `unsafe`.
use seqcopy::{SeqCopy, SeqLock, part};

#[derive(Clone, Copy, SeqCopy)]
#[seqcopy(unsafe(plain))]
union Byte {
    number: u8,
    flag: bool,
}

#[derive(Clone, Copy, SeqCopy)]
struct Holder {
    byte: Byte,
}

fn main() {
    let lock = SeqLock::new(Holder { byte: Byte { number: 2 } });
    let _ = lock.read_part(part!(Holder, byte.flag));
}
