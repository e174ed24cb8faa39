// expect: Undefined Behavior: Data race detected between
// R1 copy-layer, P1 data-race: a guard that lends `&mut T` into live storage races with readers, even while the sequence
// word is odd. The guards of this crate lend a private copy.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

struct Storage(UnsafeCell<u64>);
// SAFETY: wrong on purpose.
unsafe impl Sync for Storage {}

static SEQUENCE: AtomicU64 = AtomicU64::new(0);
static STORAGE: Storage = Storage(UnsafeCell::new(0));

fn main() {
    let writer = thread::spawn(|| {
        SEQUENCE.store(1, Relaxed);
        // SAFETY: the only `&mut`; but readers load from the same place.
        let guard = unsafe { &mut *STORAGE.0.get() };
        *guard += 1;
    });
    // SAFETY: aligned and in bounds. A reader copies first and looks at the word afterwards.
    let bits = unsafe { AtomicU64::from_ptr(STORAGE.0.get()) }.load(Relaxed);
    if SEQUENCE.load(Relaxed) == 0 {
        println!("{bits}");
    }
    writer.join().unwrap();
}
