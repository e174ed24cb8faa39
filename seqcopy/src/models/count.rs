//! One writer, or several that claim the word, readers, and a sequence word that wraps while they run.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use super::{Pair, Seen, Threads, Value, explore, explore_at};
use crate::primitive::Relaxed;
use crate::seq_count::{Parity, ReadError, SeqCount, StampOrZero};

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

impl Shared {
    /// Adds one to the value, if no other writer is in the middle of that; returns by how much.
    fn claim_and_add(&self) -> Value {
        // SAFETY: all writers claim the word (I5 one-writer).
        let Some(write) = (unsafe { self.count.try_claim() }) else { return 0 };
        let value = Value::from(write.found().wrapping_sub(START) / 2);
        assert_eq!(self.payload.load(), Pair::parts(value), "not what the writer before has left");
        self.payload.store(value + 1);
        // SAFETY: the payload is stored (P21 snapshot).
        unsafe { self.count.write_end(write) };
        1
    }
}

/// The claims of two writers.
fn claims(attempts: usize) {
    let shared = Shared::new();
    let written = Arc::new(AtomicU32::new(0));
    let mut threads = Threads::default();
    for _ in 0..2 {
        let written = Arc::clone(&written);
        threads.spawn(&shared, move |shared| _ = written.fetch_add(shared.claim_and_add(), Relaxed));
    }
    threads.spawn(&shared, move |shared| shared.attempts(&mut Seen::default(), attempts));
    threads.join();
    let mut seen = Seen::default();
    shared.attempts(&mut seen, 1);
    assert_eq!(seen.version, u64::from(written.load(Relaxed)), "every claim was of one write");
    assert!(seen.version > 0, "of two that try, one succeeds");
}

/// A word that its writers give: one more than the value.
struct Stamped {
    count: SeqCount<StampOrZero<u64>>,
    payload: Pair,
}

impl Stamped {
    fn read(&self) -> Option<(u64, Value)> {
        let (parts, token) = self.count.try_read(|| self.payload.load()).ok()?;
        let value = Pair::whole(parts).expect("torn");
        assert_eq!(token.word(), u64::from(value) + 1, "of another version");
        Some((token.word(), value))
    }

    /// Adds one to the value that it has read, if there was no write since; returns by how much.
    fn read_and_add(&self) -> Value {
        let Some((word, value)) = self.read() else { return 0 };
        // SAFETY: all writers claim the word (I5 one-writer).
        let Ok(write) = (unsafe { self.count.claim_from(word) }) else { return 0 };
        self.payload.store(value + 1);
        // SAFETY: the payload is stored, and the stamp is new (P21 snapshot).
        unsafe { self.count.write_end_at(write, word + 1) };
        1
    }
}

/// Two writers change what they have read; one of them claims the word before and cancels. Does that of a second one
/// get lost?
fn claims_from() {
    let shared = Arc::new(Stamped { count: SeqCount::new(1), payload: Pair::new(0) });
    let written = Arc::new(AtomicU32::new(0));
    let mut threads = Threads::default();
    for cancels in [false, true] {
        let written = Arc::clone(&written);
        threads.spawn(&shared, move |shared| {
            // SAFETY: all writers claim the word (I5 one-writer).
            if let Some(write) = cancels.then(|| unsafe { shared.count.try_claim() }).flatten() {
                // SAFETY: nothing was stored since (P21 snapshot).
                unsafe { shared.count.write_cancel(write) };
            }
            written.fetch_add(shared.read_and_add(), Relaxed);
        });
    }
    threads.spawn(&shared, |shared| _ = shared.read());
    threads.join();
    let (_, value) = shared.read().expect("no writer is active");
    assert_eq!(value, written.load(Relaxed), "an update got lost");
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

#[test]
fn count_claims() {
    explore("count_claims", || claims(2));
}

#[test]
fn count_claims_from() {
    explore_at(2, "count_claims_from", claims_from);
}
