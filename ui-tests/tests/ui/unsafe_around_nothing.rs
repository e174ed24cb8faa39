use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(C)]
struct Peer {
    #[seqcopy(unsafe)]
    x: f32,
}

fn main() {}
