//! A sequence lock of the usual kind: the protocol is the crate's, but the payload is plain memory. `ci/sanitizers.sh`
//! is red unless `ThreadSanitizer` reports this program.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use seqcopy::seq_count::{Parity, SeqCount};

struct Plain {
    count: SeqCount<Parity<u64>>,
    value: UnsafeCell<[u64; 4]>,
}

// SAFETY: none. That is the mistake.
unsafe impl Sync for Plain {}

static PLAIN: Plain = Plain { count: SeqCount::new(0), value: UnsafeCell::new([0; 4]) };

fn main() {
    // Orders nothing. So the write after the loop is ordered after no read, however the threads are scheduled.
    let is_read = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: a data race with the reader.
            let store = |n| unsafe { *PLAIN.value.get() = [n; 4] };
            // SAFETY: the only writer (I5 one-writer).
            let write = |n| unsafe { PLAIN.count.write(|| store(n)) };
            for n in 1.. {
                write(n);
                if is_read.load(Relaxed) {
                    break;
                }
            }
            write(0);
        });
        scope.spawn(|| {
            // SAFETY: a data race with the writer. The result is used only if no write was noticed.
            while PLAIN.count.try_read(|| unsafe { *PLAIN.value.get() }).is_err() {}
            is_read.store(true, Relaxed);
        });
    });
}
