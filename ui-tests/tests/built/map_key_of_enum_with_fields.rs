use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::MapReader;

#[derive(Clone, Copy, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u32)]
enum Address {
    Port(u32),
    Line { number: u32 },
}

fn main() {
    let _ = MapReader::<Address, u64>::open("/dev/shm/addresses");
}
