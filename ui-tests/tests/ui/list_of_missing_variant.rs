use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub enum Mode { Off, On, Auto }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Mode)]
enum ModeDef { Off, On }

fn main() {}
