//! The write claim held by a `Writer` and passed to the next, by a guard, and by an update whose closure panics.

use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::{Pair, Parts, Seen, Threads, at_rest, explore, explore_at, next};
use crate::lock::{self, Algorithm, ClaimGuard, Payload, SeqLock, SingleBuffer, Version};
use crate::primitive::{AtomicU32, Relaxed, yield_now};

type Lock = SingleBuffer<Pair>;

/// Waits until it can acquire the claim for a `Writer`, then writes.
fn claim_and_write(lock: &Lock) {
    let guard = loop {
        match ClaimGuard::try_acquire_guard(lock) {
            Some(guard) => break guard,
            None => yield_now(),
        }
    };
    guard.claimed().update(next);
    assert!(lock::try_write(lock, Pair::parts(50)).is_err(), "a write while a `Writer` holds the claim");
}

#[test]
fn guard_hand_over() {
    explore("guard_hand_over", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, claim_and_write);
        threads.spawn(&lock, claim_and_write);
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 2);
    });
}

/// A `Writer` against an update.
#[test]
fn guard_against_update() {
    explore_at(2, "guard_against_update", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, claim_and_write);
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 2);
    });
}

/// Guards exist for `SeqLock` only, so the payload is the crate's own, which the model checker cannot observe: hence no
/// reader runs at the same time as the guards. The model checks which value is published when.
#[test]
fn guard_of_lock() {
    explore("guard_of_lock", || {
        let lock = Arc::new(SeqLock::<Parts>::new(Pair::parts(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, |lock| {
            let mut guard = lock.lock_write();
            assert_eq!(lock.read(), *guard, "readers don't wait for guards");
            next(&mut guard);
            assert_eq!(lock.read(), Pair::parts(Pair::whole(*guard).unwrap() - 1), "nor see an unpublished value");
        });
        threads.spawn(&lock, |lock| {
            drop(lock.lock_write()); // publishes nothing, because nothing was changed
            let mut guard = lock.lock_write();
            next(&mut guard);
        });
        threads.join();
        at_rest(&*lock, 2);
    });
}

#[test]
fn guard_panic() {
    explore("guard_panic", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, |lock| {
            let mut seen = None;
            let result = catch_unwind(AssertUnwindSafe(|| {
                lock::update(lock, |parts| {
                    seen = Some((lock::try_read::<Parts, _>(lock), *parts));
                    next(parts);
                    resume_unwind(Box::new("a closure that panics"))
                })
            }));
            assert!(result.is_err());
            let (read, parts) = seen.expect("the closure ran");
            assert_eq!(read.expect("the word is even while user code runs").0, parts);
        });
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 1);
        assert!(ClaimGuard::try_acquire_guard(&*lock).is_some(), "the claim is free");
    });
}

/// A version announces its value: a thread that loads the version has the same guarantees as one that reads the value.
pub(super) fn newer_value<L: Algorithm<Buffer: Payload<Parts>> + Send + Sync + 'static>(lock: L) {
    struct Shared<L> {
        lock: L,
        /// What the writer stores before each write.
        before: AtomicU32,
    }
    let shared = Arc::new(Shared { lock, before: AtomicU32::new(0) });
    let mut threads = Threads::default();
    threads.spawn(&shared, |shared| {
        for value in 1..=2 {
            shared.before.store(value, Relaxed);
            lock::write(&shared.lock, &Pair::parts(value));
        }
    });
    threads.spawn(&shared, |shared| {
        let version = shared.lock.latest_version().to_bits();
        assert!(
            u64::from(shared.before.load(Relaxed)) >= version,
            "the version is visible, but not what happened before it"
        );
        let mut known = Version::NEVER;
        for _ in 0..2 {
            if let Some(parts) = lock::read_if_changed(&shared.lock, &mut known) {
                assert_eq!(
                    parts,
                    Pair::parts(u32::try_from(known.to_bits()).unwrap()),
                    "not the value of this version"
                );
            }
            assert!(known.to_bits() >= version, "older than the announced value");
        }
    });
    threads.join();
}

#[test]
fn guard_newer_value() {
    explore("guard_newer_value", || newer_value(Lock::new(Pair::new(0))));
}

/// The version that a reader keeps is that of the value which it got. Were it a later one, the reader would never see
/// that one's value.
#[test]
fn guard_known_version() {
    explore_at(2, "guard_known_version", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, |lock| (1..=2).for_each(|value| lock::write(lock, &Pair::parts(value))));
        threads.spawn(&lock, |lock| {
            let (mut seen, mut known) = (Seen::default(), Version::NEVER);
            for _ in 0..2 {
                let before = known;
                match lock::try_read_if_changed(lock, &mut known) {
                    Ok(Some(parts)) => seen.accept(known.to_bits(), parts),
                    Ok(None) | Err(_) => assert_eq!(known, before, "nothing was read"),
                }
            }
        });
        threads.join();
        at_rest(&*lock, 2);
    });
}
