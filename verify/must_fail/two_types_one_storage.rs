// expect: Undefined Behavior: Race condition detected between
// P2 mixed-size, I1 partition: the writer sees `{ u32, u32 }`, the reader `u64`. Same size, same bytes, another
// partition: a storage has one type and one base alignment for all accesses.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread;

#[repr(C, align(8))]
struct Storage(UnsafeCell<[u32; 2]>);
// SAFETY: reached through atomics only.
unsafe impl Sync for Storage {}

static STORAGE: Storage = Storage(UnsafeCell::new([0; 2]));

fn main() {
    let writer = thread::spawn(|| {
        let words = STORAGE.0.get().cast::<u32>();
        // SAFETY: aligned and in bounds.
        unsafe { AtomicU32::from_ptr(words).store(1, Relaxed) };
        // SAFETY: as above.
        unsafe { AtomicU32::from_ptr(words.add(1)).store(1, Relaxed) };
    });
    // SAFETY: aligned and in bounds. What is wrong is the width.
    let whole = unsafe { AtomicU64::from_ptr(STORAGE.0.get().cast()) };
    whole.load(Relaxed);
    writer.join().unwrap();
}
