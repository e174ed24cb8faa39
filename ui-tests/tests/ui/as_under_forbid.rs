// errors: 1, in rustc's words
#![forbid(unsafe_code)]

use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Peer {
    #[seqcopy(unsafe(as = [u8; 4]))]
    address: std::net::Ipv4Addr,
}

fn main() {}
