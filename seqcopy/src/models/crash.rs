//! A writer dies at any step of a write; another one, on another thread, takes over.
//!
//! On another thread, because the fences of the writer that died must not serve the new one. A join orders the takeover
//! after the death, as a file lock or the exit of a process would. Takeover without such an order is wrong, and so is
//! storing only a part of the value: both are mutants.

use core::mem::ManuallyDrop;
use std::sync::Arc;

use super::{DIES, Pair, Seen, Value, at_rest, dying, explore, with};
use crate::lock::{Algorithm, ClaimFor, ClaimGuard, Claimed, SingleBuffer};

type Lock = SingleBuffer<Pair>;

/// Takes over and writes the values 1 and 2.
fn take_over(lock: &Lock) {
    // SAFETY: the only other writer is dead, and that happens-before this (I5 one-writer).
    let writer = unsafe { Claimed::new(lock) };
    writer.publish_value(&Pair::parts(1));
    writer.publish_value(&Pair::parts(2));
}

/// The first writer dies after `stores` stores, while it holds the claim.
fn takeover(stores: Value) {
    let lock = Arc::new(Lock::new(Pair::new(0)));
    let join_dead = dying(&lock, move |lock| {
        let guard = ManuallyDrop::new(ClaimGuard::try_acquire(lock, ClaimFor::Guard).expect("the only writer"));
        guard.claimed().publish_value(&Pair::parts(DIES + stores));
    });
    let reader = with(&lock, |lock| Seen::default().attempts(lock, 2));
    join_dead();
    assert_eq!(lock.latest_version().to_bits(), 0, "nothing was published");
    take_over(&lock);
    reader.join().unwrap();
    at_rest(&*lock, 2);
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
