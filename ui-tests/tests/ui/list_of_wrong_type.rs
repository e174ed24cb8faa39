use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Timespec { pub sec: i64, pub nsec: u32 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Timespec)]
struct TimespecDef { sec: i64, nsec: i32 }

fn main() {}
