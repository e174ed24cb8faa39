// errors: 3, in rustc's words
// Which fields an enum has depends on its variant: read the enum.
use seqcopy::{SeqCopy, part};

#[derive(Clone, Copy, SeqCopy)]
#[repr(u8)]
enum Kind {
    Stop,
    Go { speed: u32 },
}

#[derive(Clone, Copy, SeqCopy)]
struct Car {
    kind: Kind,
}

fn main() {
    let _ = part!(Car, kind.speed);
}
