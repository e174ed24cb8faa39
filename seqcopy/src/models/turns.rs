//! P2: writers that take turns by the claim, by `write` and by `update`.

use std::sync::{Arc, Mutex};
use std::vec::Vec;

use super::{Pair, Parts, Seen, Threads, Value, at_rest, explore, explore_at, next};
use crate::lock::{self, SingleBuffer};

type Lock = SingleBuffer<Pair>;

#[test]
fn turns_by_update() {
    explore("turns_by_update", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 2);
    });
}

/// What is written blindly; an update counts on from there.
const BLIND: Value = 50;

/// Reads, with the value of each version that was seen.
fn note(lock: &Lock, attempts: usize, notes: &Mutex<Vec<(u64, Value)>>) {
    let mut last = 0;
    for _ in 0..attempts {
        if let Ok((parts, version)) = lock::try_read::<Parts, _>(lock) {
            let value = Pair::whole(parts).expect("torn");
            assert!(version.to_bits() >= last, "from version {last} back to {}", version.to_bits());
            last = version.to_bits();
            notes.lock().unwrap().push((last, value));
        }
    }
}

fn write_against_update(readers: usize, attempts: usize) {
    let lock = Arc::new(Lock::new(Pair::new(0)));
    let notes = Arc::new(Mutex::new(Vec::new()));
    let mut threads = Threads::default();
    threads.spawn(&lock, |lock| lock::write(lock, &Pair::parts(BLIND)));
    threads.spawn(&lock, |lock| lock::update(lock, next));
    for _ in 0..readers {
        let notes = Arc::clone(&notes);
        threads.spawn(&lock, move |lock| note(lock, attempts, &notes));
    }
    threads.join();
    note(&lock, 1, &notes);
    // Who was first shows in the last value, and all must have seen the same order.
    let notes = notes.lock().unwrap();
    let order = match notes.last() {
        Some((2, value @ 51)) => [0, BLIND, *value],
        Some((2, value @ BLIND)) => [0, 1, *value],
        last => panic!("at rest: {last:?}"),
    };
    for (version, value) in notes.iter() {
        #[allow(clippy::cast_possible_truncation)] // versions of a few writes
        let known = order[*version as usize];
        assert_eq!(known, *value, "of version {version}");
    }
}

#[test]
fn turns_by_write_and_update() {
    explore("turns_by_write_and_update", || write_against_update(1, 2));
}

#[test]
fn turns_two_readers() {
    // Readers multiply executions, not conflicts.
    explore_at(1, "turns_two_readers", || write_against_update(2, 2));
}
