//! Parts of a value, written one at a time, and read together.

use core::mem::MaybeUninit;
use std::sync::Arc;

use super::{Pair, Parts, Threads, explore};
use crate::lock::{self, Algorithm, ClaimGuard, Latch, Payload, SingleBuffer};
use crate::part;
use crate::primitive::Relaxed;
use crate::seq_count::ReadError;
use crate::validity::Part;

/// A pair whose parts are numbers of their own.
struct Separate(Pair);

impl Separate {
    fn new() -> Self {
        Separate(Pair::new(0))
    }
}

// SAFETY: relaxed atomic accesses to the same two parts (P21 snapshot).
unsafe impl Payload<Parts> for Separate {
    fn load_payload(&self, buf: &mut MaybeUninit<Parts>) {
        self.0.load_payload(buf);
    }

    fn store_payload(&self, parts: &Parts) {
        for (to, part) in self.0.0.iter().zip(parts) {
            to.store(*part, Relaxed);
        }
    }

    fn load_part<F>(&self, part: Part<Parts, F>, buf: &mut MaybeUninit<F>) {
        self.0.load_part(part, buf);
    }

    unsafe fn store_part<F>(&self, part: Part<Parts, F>, value: &F) {
        // SAFETY: the caller holds the claim (I5 one-writer).
        unsafe { self.0.store_part(part, value) };
    }
}

/// The value after this many writes: odd ones write the first part, even ones the second, each its number.
fn after(writes: u32) -> Parts {
    [writes.saturating_sub(1) / 2 * 2 + u32::from(writes > 0), writes / 2 * 2]
}

fn write<L: Algorithm<Buffer: Payload<Parts>>>(lock: &L, writes: u32) {
    let guard = ClaimGuard::try_acquire_guard(lock).expect("the only writer");
    for number in 1..=writes {
        let part = part!(Parts).index(usize::from(number % 2 == 0));
        guard.claimed().update_part(part, |part| *part = number);
    }
}

/// Reads both parts at once, then the whole value: each is that after some write, and no older than the one before.
fn read<L: Algorithm<Buffer: Payload<Parts>>>(lock: &L, writes: u32) {
    let mut seen = 0;
    let parts = (part!(Parts).index(1), part!(Parts).index(0));
    match lock::try_read_parts(lock, parts) {
        Ok((second, first)) => {
            seen = (0..=writes).find(|&number| after(number) == [first, second]).expect("torn");
        }
        Err(ReadError::Busy | ReadError::Torn) => {}
        Err(error) => panic!("{error}"),
    }
    if let Ok((value, version)) = lock::try_read(lock) {
        let number = u32::try_from(version.to_bits()).expect("few writes");
        assert_eq!(value, after(number), "torn, or of another version");
        assert!(number >= seen, "back from {seen} to {number}");
    }
}

fn part_writes<L: Algorithm<Buffer: Payload<Parts>> + 'static>(lock: L, writes: u32) {
    let lock = Arc::new(lock);
    let mut threads = Threads::default();
    threads.spawn(&lock, move |lock| write(lock, writes));
    threads.spawn(&lock, move |lock| read(lock, writes));
    threads.join();
    assert_eq!(lock::try_read(&*lock).expect("no writer is active").0, after(writes), "not the last value");
    assert_eq!(lock::read_parts(&*lock, part!(Parts).index(0)), after(writes)[0]);
}

#[test]
fn part_of_lock() {
    explore("part_of_lock", || part_writes(SingleBuffer::new(Separate::new()), 2));
}

#[test]
fn part_of_latch() {
    explore("part_of_latch", || part_writes(Latch::<_, 2>::new([Separate::new(), Separate::new()], 0u64), 3));
}
