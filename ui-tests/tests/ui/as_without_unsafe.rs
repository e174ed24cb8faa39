use seqcopy::SeqCopy;

use std::net::Ipv4Addr;

#[derive(SeqCopy)]
#[repr(C)]
struct Peer {
    #[seqcopy(as = [u8; 4])]
    address: Ipv4Addr,
}

fn main() {}
