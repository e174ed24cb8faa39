use seqcopy::SeqCopy;
use seqcopy_shm::{Error, File, Reader};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Quote {
    bid: u32,
}

fn open() -> Result<Reader<Quote, File>, Error> {
    Reader::<Quote>::open_file("/dev/shm/quote")
}

fn main() {}
