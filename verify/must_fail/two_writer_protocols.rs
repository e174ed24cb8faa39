// expect: torn: [2, 1]
// R2 one-protocol, I5 one-writer: one writer makes the word odd by `|= 1` under a claim of its own, the other by
// compare-exchange. Each is correct alone. Together both copy at once, the word ends even, and a reader accepts a torn
// value.

use std::sync::atomic::{AtomicU64, Ordering::*, fence};
use std::thread;

static SEQUENCE: AtomicU64 = AtomicU64::new(0);
static PAIR: [AtomicU64; 2] = [AtomicU64::new(0), AtomicU64::new(0)];

fn publish(busy: u64, value: u64, preempted: impl FnOnce()) {
    fence(Release);
    PAIR[0].store(value, Relaxed);
    preempted();
    PAIR[1].store(value, Relaxed);
    SEQUENCE.store(busy + 1, Release);
}

fn write_by_exchange(value: u64, preempted: impl FnOnce()) {
    let even = SEQUENCE.load(Relaxed) & !1;
    if SEQUENCE.compare_exchange(even, even | 1, Acquire, Relaxed).is_ok() {
        publish(even | 1, value, preempted);
    }
}

fn write_under_claim(value: u64) {
    let busy = SEQUENCE.load(Relaxed) | 1;
    SEQUENCE.store(busy, Relaxed);
    publish(busy, value, || ());
}

fn main() {
    // One possible interleaving of two threads: the second runs while the first is preempted in its copy.
    write_by_exchange(1, || thread::spawn(|| write_under_claim(2)).join().unwrap());

    let before = SEQUENCE.load(Acquire);
    let pair = [&PAIR[0], &PAIR[1]].map(|word| word.load(Relaxed));
    fence(Acquire);
    let accepted = before % 2 == 0 && SEQUENCE.load(Relaxed) == before;
    assert!(!accepted || pair[0] == pair[1], "torn: {pair:?}");
}
