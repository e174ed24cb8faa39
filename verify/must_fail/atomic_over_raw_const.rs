// expect: Undefined Behavior: trying to retag
// P19 retag: to Stacked Borrows `&raw const` of a variable, or of a field of one, is a shared reference, also if the
// variable is `mut`. So `raw::load` and `SeqCount::from_ptr` take what `&raw mut` gives. (Tree Borrows accepts this one.)

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[repr(C)]
struct Page {
    word: u64,
    value: u64,
}

/// # Safety
/// As for `raw::load`.
unsafe fn load(source: *const u64) -> u64 {
    // SAFETY: aligned, in bounds, initialised; but possibly derived from a shared reference.
    let atomic = unsafe { &*source.cast::<AtomicU64>() };
    atomic.load(Relaxed)
}

fn main() {
    let mut page = Page { word: 2, value: 7 };
    // Through a `*mut` it is allowed.
    let whole = &raw mut page;
    // SAFETY: a live local.
    let value = unsafe { &raw const (*whole).value };
    // SAFETY: aligned, initialised.
    assert_eq!(unsafe { load(value) }, 7);
    // SAFETY: as above, except for the provenance of the pointer.
    println!("{}", unsafe { load(&raw const page.word) });
    page.word += 1;
}
