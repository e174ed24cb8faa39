use seqcopy::{SeqCopy, SeqLock};

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Timespec { pub sec: i64 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Timespec)]
struct TimespecDef { sec: i64 }

fn main() {
    let _ = SeqLock::new(TimespecDef { sec: 1 });
}
