use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
struct Address {
    bytes: [u8; if cfg!(target_pointer_width = "64") { 8 } else { 4 }],
}

fn main() {}
