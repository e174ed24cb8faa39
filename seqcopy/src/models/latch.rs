//! Several buffers, one writer, readers that only fail when lapped; takeover at any step.

use core::mem::ManuallyDrop;
use std::sync::Arc;

use super::guards::newer_value;
use super::{DIES, Pair, Seen, Threads, Value, at_rest, at_rest_from, dying, explore, next, with};
use crate::lock::{self, ClaimFor, ClaimGuard, Claimed, Latch};
use crate::seq_count::LatchCount;

/// A latch whose count wraps to 0 after `writes` writes.
fn latch<const BUFFERS: usize>(writes: u64) -> (u64, Arc<Latch<Pair, BUFFERS>>) {
    let first = 0u64.wrapping_sub(writes);
    (first, Arc::new(Latch::new([(); BUFFERS].map(|()| Pair::new(0)), first)))
}

fn writer_and_readers<const BUFFERS: usize>(until_wrap: u64, writes: Value, readers: usize, attempts: usize) {
    let (first, latch) = latch::<BUFFERS>(until_wrap);
    let mut threads = Threads::default();
    threads.spawn(&latch, move |latch| {
        let guard = ClaimGuard::try_acquire_guard(latch).expect("the only writer");
        (1..=writes).for_each(|value| guard.claimed().publish_value(&Pair::parts(value)));
    });
    for _ in 0..readers {
        threads.spawn(&latch, move |latch| Seen::from(first).attempts(latch, attempts));
    }
    threads.join();
    at_rest_from(first, &*latch, writes);
}

#[test]
fn latch_two_buffers() {
    explore("latch_two_buffers", || writer_and_readers::<2>(2, 3, 1, 2));
}

#[test]
fn latch_two_readers() {
    explore("latch_two_readers", || writer_and_readers::<2>(2, 2, 2, 1));
}

#[test]
fn latch_four_buffers() {
    explore("latch_four_buffers", || writer_and_readers::<4>(4, 5, 1, 1));
}

#[test]
fn latch_updates() {
    explore("latch_updates", || {
        let (_, latch) = latch::<2>(0);
        let mut threads = Threads::default();
        threads.spawn(&latch, |latch| lock::update(latch, next));
        threads.spawn(&latch, |latch| lock::update(latch, next));
        threads.spawn(&latch, |latch| Seen::default().attempts(latch, 2));
        threads.join();
        at_rest(&*latch, 2);
    });
}

/// The public word, with buffers of the model's own.
#[test]
fn latch_count_of_two() {
    struct Shared {
        count: LatchCount<2>,
        buffers: [Pair; 2],
    }
    impl Shared {
        fn attempt(&self, seen: &mut Seen) {
            let token = self.count.read_begin();
            let parts = self.buffers[token.buffer()].load();
            if self.count.read_end(token) {
                seen.accept(token.count(), parts);
            }
        }
    }
    explore("latch_count_of_two", || {
        let shared = Arc::new(Shared { count: LatchCount::new(), buffers: [Pair::new(0), Pair::new(0)] });
        let mut threads = Threads::default();
        threads.spawn(&shared, |shared| {
            for value in 1..=3 {
                // SAFETY: the only writer (I5 one-writer).
                let buffer = unsafe { shared.count.write_begin() };
                shared.buffers[buffer].store(value);
                // SAFETY: begun above by the only writer (I5 one-writer), and a whole value is stored.
                unsafe { shared.count.write_end() };
            }
        });
        threads.spawn(&shared, |shared| {
            let mut seen = Seen::default();
            (0..2).for_each(|_| shared.attempt(&mut seen));
        });
        threads.join();
        let mut seen = Seen::default();
        shared.attempt(&mut seen);
        assert_eq!((shared.count.count(), seen.version), (3, 3), "the last value, at once");
    });
}

/// A writer dies after some stores, and another takes over. Readers are unaffected.
fn takeover(stores: Value) {
    let (_, latch) = latch::<2>(0);
    let join_dead = dying(&latch, move |latch| {
        let guard = ManuallyDrop::new(ClaimGuard::try_acquire(latch, ClaimFor::Guard).expect("the only writer"));
        guard.claimed().publish_value(&Pair::parts(1));
        guard.claimed().publish_value(&Pair::parts(DIES + stores));
    });
    let reader = with(&latch, |latch| Seen::default().attempts(latch, 2));
    join_dead();
    at_rest(&*latch, 1);
    // SAFETY: the only other writer is dead, and that happens-before this (I5 one-writer).
    let writer = unsafe { Claimed::new(&*latch) };
    (2..=3).for_each(|value| writer.publish_value(&Pair::parts(value)));
    reader.join().unwrap();
    at_rest(&*latch, 3);
}

#[test]
fn latch_crash_before_the_first_store() {
    explore("latch_crash_before_the_first_store", || takeover(0));
}

#[test]
fn latch_crash_between_two_stores() {
    explore("latch_crash_between_two_stores", || takeover(1));
}

#[test]
fn latch_crash_before_the_end() {
    explore("latch_crash_before_the_end", || takeover(2));
}

#[test]
fn latch_newer_value() {
    explore("latch_newer_value", || newer_value(Latch::<Pair, 2>::new([Pair::new(0), Pair::new(0)], 0)));
}
