//! Writers that exclude each other by the claim, in `write` and `update`.

use std::sync::{Arc, Mutex};
use std::vec::Vec;

use super::{Pair, Parts, Seen, Threads, Value, at_rest, explore, explore_at, next};
use crate::lock::{self, SingleBuffer};

type Lock = SingleBuffer<Pair>;

#[test]
fn claim_updates() {
    explore("claim_updates", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 2);
    });
}

/// What `write` stores, whatever the value was; an update adds one to it.
const WRITTEN: Value = 50;

/// Reads, and records the value of each version that it sees.
fn record(lock: &Lock, attempts: usize, records: &Mutex<Vec<(u64, Value)>>) {
    let mut last = 0;
    for _ in 0..attempts {
        if let Ok((parts, version)) = lock::try_read::<Parts, _>(lock) {
            let value = Pair::whole(parts).expect("torn");
            assert!(version.to_bits() >= last, "from version {last} back to {}", version.to_bits());
            last = version.to_bits();
            records.lock().unwrap().push((last, value));
        }
    }
}

fn write_against_update(readers: usize, attempts: usize) {
    let lock = Arc::new(Lock::new(Pair::new(0)));
    let records = Arc::new(Mutex::new(Vec::new()));
    let mut threads = Threads::default();
    threads.spawn(&lock, |lock| lock::write(lock, &Pair::parts(WRITTEN)));
    threads.spawn(&lock, |lock| lock::update(lock, next));
    for _ in 0..readers {
        let records = Arc::clone(&records);
        threads.spawn(&lock, move |lock| record(lock, attempts, &records));
    }
    threads.join();
    record(&lock, 1, &records);
    // The last value shows which write came first, and all reads must agree with that order.
    let records = records.lock().unwrap();
    let order = match records.last() {
        Some((2, value @ 51)) => [0, WRITTEN, *value],
        Some((2, value @ WRITTEN)) => [0, 1, *value],
        last => panic!("at rest: {last:?}"),
    };
    for (version, value) in records.iter() {
        #[allow(clippy::cast_possible_truncation)] // only a few writes
        let known = order[*version as usize];
        assert_eq!(known, *value, "of version {version}");
    }
}

#[test]
fn claim_write_and_update() {
    explore("claim_write_and_update", || write_against_update(1, 2));
}

#[test]
fn claim_two_readers() {
    // A second reader multiplies the executions, but adds no conflicts.
    explore_at(1, "claim_two_readers", || write_against_update(2, 2));
}
