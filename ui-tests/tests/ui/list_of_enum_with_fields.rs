use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    #[repr(u8)]
    pub enum Command { Stop, Move(f32) }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Command)]
#[repr(u8)]
enum CommandDef { Stop, Move(f32) }

fn main() {}
