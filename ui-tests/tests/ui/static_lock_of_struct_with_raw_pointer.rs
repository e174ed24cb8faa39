use seqcopy::{SeqCopy, SeqLatch};

#[derive(Clone, Copy, SeqCopy)]
struct Frame {
    at: u64,
    pixels: *mut u8,
}

static FRAME: SeqLatch<Frame> = SeqLatch::new(Frame { at: 0, pixels: std::ptr::null_mut() });

fn main() {
    FRAME.read();
}
