use seqcopy::{SeqCopy, Validate};

use core::net::SocketAddrV4;

#[derive(SeqCopy, Validate)]
#[repr(C)]
struct Payload {
    id: u32,
    value: SocketAddrV4,
}

fn main() {}
