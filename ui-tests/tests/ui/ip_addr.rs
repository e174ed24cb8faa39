use seqcopy::SeqCopy;

use std::net::IpAddr;

#[derive(SeqCopy)]
#[repr(C)]
struct Payload {
    id: u32,
    value: IpAddr,
}

fn main() {}
