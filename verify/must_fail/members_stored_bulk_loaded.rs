// expect: Undefined Behavior: Race condition detected between
// P2 mixed-size, I1 partition: storing field by field and loading in bulk is a mixed-size race, even where zeroing in
// place has made every byte readable.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread;

#[repr(C, align(8))]
struct Storage(UnsafeCell<[u8; 8]>); // `{ u8, u32 }` with three bytes of padding, zeroed
// SAFETY: reached through atomics only.
unsafe impl Sync for Storage {}

static STORAGE: Storage = Storage(UnsafeCell::new([0; 8]));

fn main() {
    let base = || STORAGE.0.get().cast::<u8>();
    let writer = thread::spawn(move || {
        // SAFETY: in bounds.
        unsafe { AtomicU8::from_ptr(base()).store(1, Relaxed) };
        // SAFETY: in bounds and aligned.
        unsafe { AtomicU32::from_ptr(base().add(4).cast()).store(1, Relaxed) };
    });
    // SAFETY: in bounds and aligned. What is wrong is the width.
    unsafe { AtomicU64::from_ptr(base().cast()) }.load(Relaxed);
    writer.join().unwrap();
}
