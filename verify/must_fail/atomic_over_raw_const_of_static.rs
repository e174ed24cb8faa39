// expect: Undefined Behavior: trying to retag
// P19 retag: a `static` without `UnsafeCell` is immutable, and `&raw const` of it a shared reference to Stacked Borrows. So a
// table in the program's own image is not read by `raw::load`. (Tree Borrows accepts this one.)

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

static TABLE: [u32; 3] = [1, 2, 3];

fn main() {
    // SAFETY: aligned, in bounds, initialised, never written; but an immutable place.
    let atomic = unsafe { &*(&raw const TABLE).cast::<AtomicU32>() };
    println!("{}", atomic.load(Relaxed));
}
