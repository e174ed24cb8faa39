//! Announce, then read: two threads each publish something, then load what the other publishes. With the lock alone,
//! each may miss the other's. A `fence(SeqCst)` between the two steps on both sides rules that out; a read-modify-write
//! on the reader's side alone does not.

use std::sync::Arc;

use super::{Pair, Parts, explore, with};
use crate::lock::{self, SingleBuffer};
use crate::primitive::{AtomicU32, Ordering, Relaxed, fence};

struct Shared {
    lock: SingleBuffer<Pair>,
    announced: AtomicU32,
}

fn announce_then_read() {
    let shared = Arc::new(Shared { lock: SingleBuffer::new(Pair::new(0)), announced: AtomicU32::new(0) });
    let writer = with(&shared, |shared| {
        lock::write(&shared.lock, &Pair::parts(1));
        fence(Ordering::SeqCst);
        shared.announced.load(Relaxed) == 0
    });
    let reader = with(&shared, |shared| {
        shared.announced.store(1, Relaxed);
        fence(Ordering::SeqCst);
        // A failed attempt has seen the write, too.
        lock::try_read::<Parts, _>(&shared.lock).is_ok_and(|(_, version)| version.to_bits() == 0)
    });
    let missed = (writer.join().unwrap(), reader.join().unwrap());
    assert_ne!(missed, (true, true), "each missed the other");
}

#[test]
fn fresh_announce_then_read() {
    explore("fresh_announce_then_read", announce_then_read);
}
