// expect: Undefined Behavior: trying to retag
// P19 retag: to Stacked Borrows `as *const T` of a `&mut T` is a shared reference. So `LatchCount::from_ptr`, which takes a `*const`,
// takes what `&raw mut` gives. (Tree Borrows accepts this one.)

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// # Safety
/// As for `LatchCount::from_ptr`.
unsafe fn count(word: *const u64) -> u64 {
    // SAFETY: aligned, initialised; but possibly derived from a shared reference.
    let atomic = unsafe { &*word.cast::<AtomicU64>() };
    atomic.load(Relaxed)
}

fn main() {
    let mut word = 6;
    // SAFETY: a live local, by a pointer that may write.
    assert_eq!(unsafe { count(&raw mut word) }, 6);
    // SAFETY: as above, except for the provenance of the pointer.
    println!("{}", unsafe { count(&mut word as *const u64) });
}
