use seqcopy_shm::{Error, Writer};

fn create() -> Result<Writer<String>, Error> {
    Writer::create("/dev/shm/name")
}

fn main() {}
