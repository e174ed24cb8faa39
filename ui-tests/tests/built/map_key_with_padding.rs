use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::MapReader;

#[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
struct Route {
    network: u32,
    bits: u8,
}

fn main() {
    let _ = MapReader::<Route, u64>::open("/dev/shm/routes");
}
