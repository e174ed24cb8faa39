// expect: Undefined Behavior: trying to retag
// P19 retag: `from_ptr` wants memory that may be written; behind a `&T` it may not. So `raw::load` takes a
// pointer that does not come from a reference. (Tree Borrows accepts this one, Stacked Borrows does not.)

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

fn load(value: &u64) -> u64 {
    // SAFETY: aligned, in bounds, initialised, never written; but derived from a shared reference.
    unsafe { AtomicU64::from_ptr((&raw const *value).cast_mut()) }.load(Relaxed)
}

fn main() {
    let value = 7;
    println!("{}", load(&value));
}
