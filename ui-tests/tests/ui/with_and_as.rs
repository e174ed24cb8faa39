use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Timespec { pub sec: i64 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Timespec)]
struct TimespecDef { sec: i64 }

#[derive(SeqCopy)]
struct Sample {
    #[seqcopy(unsafe(as = i64), with = TimespecDef)]
    at: foreign::Timespec,
}

fn main() {}
