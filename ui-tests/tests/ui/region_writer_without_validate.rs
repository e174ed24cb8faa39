use seqcopy::SeqCopy;
use seqcopy_shm::{Error, Writer};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Quote {
    bid: u32,
}

fn create() -> Result<Writer<Quote>, Error> {
    Writer::<Quote>::create("/dev/shm/quote")
}

fn main() {}
