// errors: 1, in rustc's words
use seqcopy::SeqCopy;

#[derive(SeqCopy)]
#[repr(u8)]
enum Message {
    Count(#[seqcopy(unsafe(as = u32))] std::sync::atomic::AtomicU32),
    Quit,
}

fn main() {}
