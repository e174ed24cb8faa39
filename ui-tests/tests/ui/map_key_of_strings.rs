use seqcopy_shm::MapWriter;

fn main() {
    let _ = MapWriter::<String, u32>::create("/dev/shm/names", 100);
}
