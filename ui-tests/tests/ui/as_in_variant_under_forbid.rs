// errors: 1, in rustc's words
#![forbid(unsafe_code)]

use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(u8)]
enum Message {
    From(#[seqcopy(unsafe(as = [u8; 4]))] std::net::Ipv4Addr),
    Quit,
}

fn main() {}
