use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::MapWriter;

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Route {
    network: [u8; 4],
    bits: u32,
}

fn main() {
    let _ = MapWriter::<Route, u32>::create("/dev/shm/routes", 100);
}
