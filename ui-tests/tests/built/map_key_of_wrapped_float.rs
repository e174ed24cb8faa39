use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::MapReader;

#[derive(Clone, Copy, PartialEq, SeqCopy, Validate)]
#[repr(transparent)]
struct Price(f64);

impl Eq for Price {}

fn main() {
    let _ = MapReader::<Price, u64>::open("/dev/shm/prices");
}
