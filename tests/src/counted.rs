//! The tables that a process has of its regions: no test leaves an entry in one.

#[used]
#[unsafe(link_section = ".init_array")]
static COUNT: extern "C" fn() = {
    extern "C" fn count() {
        for (name, taken) in seqcopy_shm::__TABLES {
            seqcopy_harness::count(name, taken);
        }
    }
    count
};
