// errors: 1, in rustc's words
use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub enum Mode { Off, On }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Mode)]
enum ModeDef { Off, On, Auto }

fn main() {}
