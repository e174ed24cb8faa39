// expect: Undefined Behavior: Data race detected between
// P1 data-race, P18 shared-ref: `store(&T)` reads its argument with plain loads (I4 private). A field that can change
// behind `&T` makes that a race reachable from safe code, so types with interior mutability can't be payloads.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

struct Value(AtomicU32);

fn store(value: &Value) -> u32 {
    // SAFETY: a live reference. This is the private side of a copy.
    unsafe { (&raw const value.0).cast::<u32>().read() }
}

fn main() {
    let value = Value(AtomicU32::new(0));
    thread::scope(|s| {
        s.spawn(|| value.0.store(1, Relaxed));
        s.spawn(|| store(&value));
    });
}
