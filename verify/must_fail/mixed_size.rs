// expect: Undefined Behavior: Race condition detected between
// P2 mixed-size: atomic accesses that overlap must cover the same bytes or both be reads. A store of one word against
// loads of its bytes is neither, so loads and stores must use the same partition (I1 partition).

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::thread;

static WORD: AtomicU64 = AtomicU64::new(0);

fn main() {
    thread::scope(|s| {
        s.spawn(|| WORD.store(u64::MAX, Relaxed));
        s.spawn(|| {
            for i in 0..8 {
                // SAFETY: byte `i` of a static word, so alive. What is wrong is the size of the accesses.
                let byte = unsafe { &*(&raw const WORD).cast::<AtomicU8>().add(i) };
                byte.load(Relaxed);
            }
        });
    });
}
