use seqcopy::SeqCopy;

bitflags::bitflags! {
    #[derive(Clone, Copy, SeqCopy)]
    struct Flags: u32 {
        const READY = 1;
    }
}

fn main() {}
