// errors: 1, in rustc's words
use seqcopy::SeqCopy;

mod foreign {
    pub struct Guard { pub number: u32 }
    impl Drop for Guard {
        fn drop(&mut self) {}
    }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Guard)]
struct GuardDef { number: u32 }

fn main() {}
