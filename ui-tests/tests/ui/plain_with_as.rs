use seqcopy::SeqCopy;

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
#[seqcopy(unsafe(plain))]
struct Peer {
    #[seqcopy(unsafe(as = [u8; 4]))]
    address: std::net::Ipv4Addr,
}

fn main() {}
