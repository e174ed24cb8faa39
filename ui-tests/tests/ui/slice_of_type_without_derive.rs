use seqcopy::SeqSlice;

#[derive(Clone, Copy)]
struct Pixel {
    red: u8,
}

fn frame() -> SeqSlice<Pixel> {
    SeqSlice::with_capacity(640 * 480)
}

fn main() {}
