// expect: Undefined Behavior: Race condition detected between
// P2: atomic accesses that overlap must be the same bytes or both be reads. A store of one word against
// loads of its bytes is neither, so loads and stores must share one cut (I1).

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::thread;

static WORD: AtomicU64 = AtomicU64::new(0);

fn main() {
    thread::scope(|s| {
        s.spawn(|| WORD.store(u64::MAX, Relaxed));
        s.spawn(|| {
            for i in 0..8 {
                // SAFETY: byte `i` of a word that lives for ever. The accesses are what is wrong.
                let byte = unsafe { &*(&raw const WORD).cast::<AtomicU8>().add(i) };
                byte.load(Relaxed);
            }
        });
    });
}
