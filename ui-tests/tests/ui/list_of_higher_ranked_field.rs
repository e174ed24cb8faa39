use seqcopy::SeqCopy;

mod foreign {
    #[derive(Clone, Copy)]
    pub struct Hook { pub call: for<'a> fn(&'a u8) }
}

#[derive(SeqCopy)]
#[seqcopy(remote = foreign::Hook)]
struct HookDef { call: fn(&'static u8) }

fn main() {}
