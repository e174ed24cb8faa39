// errors: 3, in rustc's words
use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Timespec { pub sec: i64, pub nsec: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Timespec)]
struct TimespecDef { sec: i64, nsec: u32, zone: u8 }

fn main() {}
