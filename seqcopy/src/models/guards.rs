//! The write side is held: by a `Writer` that passes it on, by a guard, by an update whose closure panics.

use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::{Pair, Parts, Seen, Threads, at_rest, explore, explore_at, next};
use crate::lock::{self, Protocol, SingleBuffer, Writer};
use crate::primitive::{AtomicU32, Relaxed, yield_now};
use crate::{SeqLock, Version};

type Lock = SingleBuffer<Pair>;

/// Becomes the writer as soon as nobody else is, and writes.
fn guard_and_write(lock: &Lock) {
    let mut writer = loop {
        match Writer::<Parts, _>::claim(lock) {
            Some(writer) => break writer,
            None => yield_now(),
        }
    };
    writer.update(next);
    assert!(lock::try_write(lock, Pair::parts(50)).is_err(), "a turn while somebody holds the write side");
}

#[test]
fn guard_hand_over() {
    explore("guard_hand_over", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, guard_and_write);
        threads.spawn(&lock, guard_and_write);
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 2);
    });
}

/// A holder against a turn.
#[test]
fn guard_against_turn() {
    explore_at(2, "guard_against_turn", || {
        let lock = Arc::new(Lock::new(Pair::new(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, guard_and_write);
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 2);
    });
}

/// Guards are made for `SeqLock` only, so the payload is the crate's own, in which the model checker sees nothing: hence no
/// reader beside the guards. What can go wrong here is whose value is published when.
#[test]
fn guard_of_lock() {
    explore("guard_of_lock", || {
        let lock = Arc::new(SeqLock::<Parts>::new(Pair::parts(0)));
        let mut threads = Threads::default();
        threads.spawn(&lock, |lock| {
            let mut guard = lock.lock_write();
            assert_eq!(lock.read(), *guard, "readers don't wait for guards");
            next(&mut guard);
            assert_eq!(lock.read(), Pair::parts(Pair::whole(*guard).unwrap() - 1), "nor see what is not published");
        });
        threads.spawn(&lock, |lock| {
            drop(lock.lock_write()); // publishes nothing, since nothing was changed
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
            let mut meanwhile = None;
            let result = catch_unwind(AssertUnwindSafe(|| {
                lock::update(lock, |parts| {
                    meanwhile = Some((lock::try_read::<Parts, _>(lock), *parts));
                    next(parts);
                    resume_unwind(Box::new("a closure that panics"))
                })
            }));
            assert!(result.is_err());
            let (read, parts) = meanwhile.expect("the closure ran");
            assert_eq!(read.expect("the word is even while user code runs").0, parts);
        });
        threads.spawn(&lock, |lock| lock::update(lock, next));
        threads.spawn(&lock, |lock| Seen::default().attempts(lock, 2));
        threads.join();
        at_rest(&*lock, 1);
        assert!(lock.claim().try_acquire_guard().is_some(), "nobody holds the write side");
    });
}

/// A value is announced by its version: who asks for that first is owed the same as who reads.
pub(super) fn news<L: Protocol<Parts> + Send + Sync + 'static>(lock: L) {
    struct Shared<L> {
        lock: L,
        /// What the writer did before each write.
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
        assert!(u64::from(shared.before.load(Relaxed)) >= version, "the version came before what happened before it");
        let mut known = Version::NEVER;
        for _ in 0..2 {
            if let Some(parts) = lock::read_if_changed(&shared.lock, &mut known) {
                assert_eq!(parts, Pair::parts(u32::try_from(known.to_bits()).unwrap()), "of another version");
            }
            assert!(known.to_bits() >= version, "an older value than what was announced");
        }
    });
    threads.join();
}

#[test]
fn guard_news() {
    explore("guard_news", || news(Lock::new(Pair::new(0))));
}
