use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Timespec { pub sec: i64 }
    pub trait Clock { type Time; }
    impl Clock for u8 { type Time = Timespec; }
}

#[derive(SeqCopy)]
#[seqcopy(remote = <u8 as foreign::Clock>::Time)]
struct TimespecDef { sec: i64 }

fn main() {}
