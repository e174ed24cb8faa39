//! A sequence lock of the usual kind: the protocol is the crate's, but the payload is plain memory. `ci/sanitizers.sh` is red unless
//! ThreadSanitizer reports this program.

use std::cell::UnsafeCell;
use std::thread;

use seqcopy::{Parity, SeqCount};

struct Plain {
    count: SeqCount<Parity<u64>>,
    value: UnsafeCell<[u64; 4]>,
}

// SAFETY: none. That is the mistake.
unsafe impl Sync for Plain {}

static PLAIN: Plain = Plain { count: SeqCount::new(0), value: UnsafeCell::new([0; 4]) };

fn main() {
    thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..20_000 {
                // SAFETY: the only writer.
                unsafe { PLAIN.count.write(|| PLAIN.value.get().write_volatile([n; 4])) };
            }
        });
        scope.spawn(|| {
            for _ in 0..20_000 {
                // SAFETY: a data race with the writer, whose result is used only if there was none.
                let read = PLAIN.count.try_read(|| unsafe { PLAIN.value.get().read_volatile() });
                assert!(read.is_err() || read.is_ok_and(|(value, _)| value == [value[0]; 4]));
            }
        });
    });
}
