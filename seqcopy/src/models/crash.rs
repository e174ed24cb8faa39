//! P4: a writer dies at any step of a write; another one, on another thread, goes on from there.
//!
//! On another thread, because the dead writer's own fences must not count as the new one's. That the old writer is
//! dead is known by a join, as it would be by a file lock or a process that has exited. Hearing of it without an order
//! between the two is not enough, and neither is storing a part of the value: both are mutants here.

use std::sync::Arc;

use super::{DIES, Pair, Parts, Seen, Value, at_rest, dying, explore, with};
use crate::lock::{ClaimFor, Protocol, SingleBuffer, Writer};

type Lock = SingleBuffer<Pair>;

/// Values 1 and 2.
fn goes_on(lock: &Lock) {
    // SAFETY: the only other writer is dead, and that happens-before this (I5).
    let mut writer = unsafe { Writer::<Parts, _>::unclaimed(lock) };
    writer.write(Pair::parts(1));
    writer.write(Pair::parts(2));
}

/// The first writer dies behind `stores` stores, holding the claim.
fn takeover(stores: Value) {
    let lock = Arc::new(Lock::new(Pair::new(0)));
    let bury = dying(&lock, move |lock| {
        core::mem::forget(lock.claim().try_acquire(ClaimFor::Guard).expect("the only writer"));
        // SAFETY: the claim is held (I5).
        let mut writer = unsafe { Writer::<Parts, _>::unclaimed(lock) };
        writer.write(Pair::parts(DIES + stores));
    });
    let reader = with(&lock, |lock| Seen::default().attempts(lock, 2));
    bury();
    assert_eq!(lock.latest_version().to_bits(), 0, "nothing was published");
    goes_on(&lock);
    reader.join().unwrap();
    at_rest(&*lock, 2);
    assert!(lock.claim().has_guard(), "a writer that took no claim gives none back");
}

#[test]
fn crash_before_the_first_store() {
    explore("crash_before_the_first_store", || takeover(0));
}

#[test]
fn crash_between_two_stores() {
    explore("crash_between_two_stores", || takeover(1));
}

#[test]
fn crash_before_the_end() {
    explore("crash_before_the_end", || takeover(2));
}
