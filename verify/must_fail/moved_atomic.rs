// expect: Undefined Behavior: Data race detected between
// P1 data-race, P20 bitwise: an entry is moved by plain loads. If it is an atomic, another thread may store to it meanwhile behind
// a shared reference. Whether that store is lost does not matter any more.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;

struct Slot(UnsafeCell<MaybeUninit<AtomicU32>>);
// SAFETY: wrong on purpose.
unsafe impl Sync for Slot {}

impl Slot {
    fn entry(&self) -> *mut MaybeUninit<AtomicU32> {
        self.0.get()
    }
}

fn main() {
    let old = Slot(UnsafeCell::new(MaybeUninit::new(AtomicU32::new(1))));
    let new = Slot(UnsafeCell::new(MaybeUninit::uninit()));
    thread::scope(|s| {
        s.spawn(|| {
            // SAFETY: initialised, and not moved away as long as the reader looks.
            unsafe { (*old.entry()).assume_init_ref() }.store(2, Relaxed);
        });
        // SAFETY: two slots; only bits are copied, but by loads that race with the store above.
        unsafe { old.entry().copy_to_nonoverlapping(new.entry(), 1) };
    });
}
