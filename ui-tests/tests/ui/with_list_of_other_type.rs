use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Timespec { pub sec: i64 }
    #[derive(Clone, Copy)]
    pub struct Date { pub day: i64 }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Timespec)]
struct TimespecDef { sec: i64 }

#[derive(SeqCopy)]
struct Sample {
    #[seqcopy(with = TimespecDef)]
    on: foreign::Date,
}

fn main() {}
