use seqcopy::SeqCopy;
use seqcopy_shm::{Error, Reader};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Quote {
    bid: u32,
}

fn open() -> Result<Reader<Quote>, Error> {
    Reader::<Quote>::open("/dev/shm/quote")
}

fn main() {}
