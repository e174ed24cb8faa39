use seqcopy::SeqCopy;
use seqcopy_shm::{Error, FileReader};

#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Quote {
    bid: u32,
}

fn open() -> Result<FileReader<Quote>, Error> {
    FileReader::<Quote>::open("/dev/shm/quote")
}

fn main() {}
