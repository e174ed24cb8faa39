//! Words made of two words, the first so short that it wraps at every write: by themselves, and under a lock and a
//! latch.

use std::sync::Arc;

use super::{Pair, Parts, Seen, Threads, Value, at_rest, explore, explore_at, with};
use crate::lock::{Algorithm, Claimed, Latch, Payload, SingleBuffer};
use crate::primitive::{Acquire, AtomicU32, Relaxed, Release, fence};
use crate::seq_count::{AtomicWord, Long, Parity, TwoWords, WideWord};

/// A word, with what its writer stores before and after each store to it.
struct Register<const LOW: u32> {
    before: AtomicU32,
    word: TwoWords<LOW>,
    after: AtomicU32,
}

impl<const LOW: u32> Register<LOW> {
    fn store(&self, number: u32) {
        self.before.store(number, Relaxed);
        self.word.store(Long::from_number(number.into()), Relaxed);
        self.after.store(number, Release);
    }

    /// Loads the number, and checks that it is ordered with `before` and `after`.
    fn load(&self, last: &mut u64) {
        let at_least = self.after.load(Acquire);
        let number = self.word.load(Relaxed).number();
        let at_most = self.before.load(Relaxed);
        assert!(number <= at_most.into(), "{number} is visible, but not what happened before it");
        assert!(number >= at_least.into(), "{number} is older than {at_least}, whose store happened before");
        assert!(number >= *last, "from {last} back to {number}");
        *last = number;
    }
}

fn register<const LOW: u32>(numbers: u32, attempts: usize) {
    let register = Arc::new(Register::<LOW> {
        before: AtomicU32::new(0),
        word: TwoWords::with(Long::ZERO),
        after: AtomicU32::new(0),
    });
    let mut threads = Threads::default();
    threads.spawn(&register, move |register| (1..=numbers).for_each(|number| register.store(number)));
    threads.spawn(&register, move |register| {
        let mut last = 0;
        (0..attempts).for_each(|_| register.load(&mut last));
    });
    threads.join();
    assert_eq!(register.word.load(Relaxed).number(), numbers.into(), "the last number");
}

/// Every number begins a half.
#[test]
fn wide_register() {
    explore("wide_register", || register::<1>(3, 1));
}

/// Every second number begins a half.
#[test]
fn wide_register_of_two() {
    explore("wide_register_of_two", || register::<2>(5, 1));
}

/// Two numbers per write, two numbers per half.
type Code = Parity<Long<2>>;

fn writes<L: Algorithm<Buffer: Payload<Parts>> + 'static>(lock: &L, values: core::ops::RangeInclusive<Value>) {
    // SAFETY: one thread writes at a time, and its writes are ordered with those of the others (I5 one-writer).
    let writer = unsafe { Claimed::new(lock) };
    values.for_each(|value| writer.publish_value(&Pair::parts(value)));
}

fn writer_and_reader<L: Algorithm<Buffer: Payload<Parts>> + Send + Sync + 'static>(
    lock: L,
    last: Value,
    attempts: usize,
) {
    let lock = Arc::new(lock);
    let mut threads = Threads::default();
    threads.spawn(&lock, move |lock| writes(lock, 1..=last));
    threads.spawn(&lock, move |lock| Seen::default().attempts(lock, attempts));
    threads.join();
    at_rest(&*lock, last);
}

#[test]
fn wide_lock() {
    explore_at(2, "wide_lock", || writer_and_reader(SingleBuffer::<_, Code>::over(Pair::new(0), Long::ZERO), 2, 1));
}

fn latch() -> Latch<Pair, 2, Long<2>> {
    Latch::new([Pair::new(0), Pair::new(0)], Long::ZERO)
}

#[test]
fn wide_latch() {
    explore_at(2, "wide_latch", || writer_and_reader(latch(), 3, 2));
}

/// A writer dies between the two stores of a word; another one, on another thread, takes over.
fn takeover<L: Algorithm<Buffer: Payload<Parts>> + Send + Sync + 'static>(
    lock: L,
    last: Value,
    dies: impl FnOnce(&L) + 'static,
) {
    let lock = Arc::new(lock);
    let dead = with(&lock, move |lock| {
        writes(lock, 1..=1);
        dies(lock);
    });
    let reader = with(&lock, |lock| Seen::default().attempts(lock, 1));
    dead.join().unwrap();
    assert_eq!(lock.latest_version().to_bits(), 1, "nothing was published since");
    writes(&*lock, 2..=last);
    reader.join().unwrap();
    at_rest(&*lock, last);
}

#[test]
fn wide_lock_crash() {
    explore_at(2, "wide_lock_crash", || {
        takeover(SingleBuffer::<_, Code>::over(Pair::new(0), Long::ZERO), 2, |lock| {
            let (count, payload) = lock.parts();
            // SAFETY: the only writer (I5 one-writer).
            let write = unsafe { count.write_begin() };
            payload.store(2);
            count.atomic().show_half(Long::from_number(4));
            core::mem::forget(write);
        });
    });
}

#[test]
fn wide_latch_crash() {
    explore_at(2, "wide_latch_crash", || {
        takeover(latch(), 3, |latch| {
            let (count, buffers) = latch.parts();
            fence(Release); // l1
            buffers[0].store(2);
            count.atomic().show_half(Long::from_number(2));
        });
    });
}
