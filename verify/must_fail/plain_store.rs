// expect: Undefined Behavior: Data race detected between
// P1 data-race: one atomic side is not enough. An atomic load against a plain store is a data race, so the store
// path uses the same atomic accesses as the load path (I1 partition).

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

static WORD: AtomicU64 = AtomicU64::new(0);

fn main() {
    let writer = thread::spawn(|| {
        // SAFETY: aligned and in bounds; but not atomic.
        unsafe { WORD.as_ptr().write(1) };
    });
    WORD.load(Relaxed);
    writer.join().unwrap();
}
