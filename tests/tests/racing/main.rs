//! Concurrent readers and writers. Under Miri the loops are short and there are many schedules (`ci/miri.sh`).

mod atomic_per_byte;
mod claims;
mod read_to;
mod seq_latch;
mod values;
mod versions;
