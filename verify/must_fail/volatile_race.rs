// expect: Undefined Behavior: Data race detected between
// P1 data-race: volatile accesses are not atomic, so the common volatile seqlock (volatile copy, then compare
// the counter) races even if the torn copy is discarded.

use std::cell::UnsafeCell;
use std::thread;

struct Payload(UnsafeCell<[u64; 2]>);
// SAFETY: wrong on purpose.
unsafe impl Sync for Payload {}

static PAYLOAD: Payload = Payload(UnsafeCell::new([0; 2]));

fn main() {
    let writer = thread::spawn(|| {
        // SAFETY: in bounds; races with the read below.
        unsafe { PAYLOAD.0.get().write_volatile([1; 2]) };
    });
    // SAFETY: in bounds; races with the write above.
    let _torn = unsafe { PAYLOAD.0.get().read_volatile() };
    writer.join().unwrap();
}
