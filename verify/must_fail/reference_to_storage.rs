// expect: Undefined Behavior: attempting a read access
// P18 shared-ref: memory behind a live `&T` must not change, through any pointer. So a payload is reached through
// `UnsafeCell::get` or a raw pointer, and a reader gets a copy, never a reference.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

fn main() {
    let storage = AtomicU64::new(0);
    // SAFETY: aligned, in bounds and initialised; but it is used after the store below.
    let value: &u64 = unsafe { &*storage.as_ptr() };
    thread::scope(|s| {
        s.spawn(|| storage.store(1, Relaxed));
    });
    let seen = *value;
    println!("{seen}");
}
