// expect: Undefined Behavior: trying to retag from
// P20 bitwise: a `Box` may be in two places only as bits. Moved as a `Box`, it claims that no other pointer leads to what it owns,
// and a reader that holds a reference into that has one (Stacked Borrows). `copy_nonoverlapping` instead claims nothing.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;

struct Slot(UnsafeCell<MaybeUninit<Box<u64>>>);

fn main() {
    let old = Slot(UnsafeCell::new(MaybeUninit::new(Box::new(5))));
    let new = Slot(UnsafeCell::new(MaybeUninit::uninit()));
    // SAFETY: initialised, and not changed as long as the reader looks.
    let reader: &u64 = unsafe { (*old.0.get()).assume_init_ref() };
    // SAFETY: initialised; what is read is dropped once, in its new place.
    let moved = unsafe { old.0.get().cast::<Box<u64>>().read() };
    // SAFETY: no other thread has the slot.
    unsafe { new.0.get().cast::<Box<u64>>().write(moved) };
    println!("{reader}");
    // SAFETY: initialised by the move; the old slot has nothing to drop any more.
    unsafe { (*new.0.get()).assume_init_drop() };
}
