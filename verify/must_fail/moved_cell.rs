// expect: a reader of the old place and one of the new see different values
// P20 bitwise: what changes behind a shared reference can't be in two places at a time. A `Cell` that was moved while a reader
// holds a reference is two of them from then on, and what the reader sets is lost.

use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;

struct Slot(UnsafeCell<MaybeUninit<Cell<u32>>>);

fn main() {
    let old = Slot(UnsafeCell::new(MaybeUninit::new(Cell::new(1))));
    let new = Slot(UnsafeCell::new(MaybeUninit::uninit()));
    // SAFETY: initialised, and not moved away as long as the reader looks.
    let reader = unsafe { (*old.0.get()).assume_init_ref() };
    // SAFETY: two slots; only bits are copied.
    unsafe { old.0.get().copy_to_nonoverlapping(new.0.get(), 1) };
    reader.set(2);
    // SAFETY: initialised by the copy.
    let moved = unsafe { (*new.0.get()).assume_init_ref() };
    assert_eq!(reader.get(), moved.get(), "a reader of the old place and one of the new see different values");
}
