use seqcopy::{SeqCopy, Validate};

mod foreign {
    #[derive(Clone, Copy)] #[repr(C)]
    pub struct Timespec { pub sec: i64 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Timespec)]
#[repr(C)]
struct TimespecDef { sec: i64 }

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Sample {
    #[seqcopy(with = TimespecDef)]
    at: foreign::Timespec,
}

fn main() {}
