//! One writer, readers, and a sequence word that wraps while they run.

use std::sync::Arc;

use super::{Pair, Seen, Threads, Value, explore, explore_at};
use crate::{
    ReadError,
    seq_count::{Parity, SeqCount},
};

/// The first write makes the word wrap to 0.
const START: u16 = u16::MAX - 1;

struct Shared {
    count: SeqCount<Parity<u16>>,
    payload: Pair,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Shared { count: SeqCount::new(START), payload: Pair::new(0) })
    }

    fn write(&self, value: Value) {
        // SAFETY: only one thread writes (I5 one-writer).
        unsafe { self.count.write(|| self.payload.store(value)) };
    }

    fn attempts(&self, seen: &mut Seen, attempts: usize) {
        for _ in 0..attempts {
            match self.count.try_read(|| self.payload.load()) {
                Ok((parts, token)) => seen.accept(u64::from(token.word().wrapping_sub(START) / 2), parts),
                Err(ReadError::Busy | ReadError::Torn) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
}

/// A writer that begins a write after each of the others and cancels it.
fn cancelled(attempts: usize) {
    let shared = Shared::new();
    let mut threads = Threads::default();
    threads.spawn(&shared, |shared| {
        for value in 1..=2 {
            shared.write(value);
            // SAFETY: only one thread writes (I5 one-writer).
            let write = unsafe { shared.count.write_begin() };
            // SAFETY: nothing was stored since (P21 snapshot).
            unsafe { shared.count.write_cancel(write) };
        }
    });
    threads.spawn(&shared, move |shared| shared.attempts(&mut Seen::default(), attempts));
    threads.join();
    let mut seen = Seen::default();
    shared.attempts(&mut seen, 1);
    assert_eq!(seen.version, 2, "the last value, at once");
}

fn writer_and_readers(writes: Value, readers: usize, attempts: usize) {
    let shared = Shared::new();
    let mut threads = Threads::default();
    threads.spawn(&shared, move |shared| (1..=writes).for_each(|value| shared.write(value)));
    for _ in 0..readers {
        threads.spawn(&shared, move |shared| shared.attempts(&mut Seen::default(), attempts));
    }
    threads.join();
    let mut seen = Seen::default();
    shared.attempts(&mut seen, 1);
    assert_eq!(seen.version, u64::from(writes), "the last value, at once");
}

#[test]
fn count_two_readers() {
    // A second reader multiplies the executions, but adds no conflicts.
    explore_at(2, "count_two_readers", || writer_and_readers(2, 2, 1));
}

#[test]
fn count_two_attempts() {
    explore("count_two_attempts", || writer_and_readers(3, 1, 2));
}

#[test]
fn count_cancelled() {
    explore("count_cancelled", || cancelled(2));
}
