// expect: Undefined Behavior: Data race detected between
// P21 snapshot: a pointer may be followed only if what it points to happens-before the read. The accesses to the
// payload are Relaxed and give no such order; the Release and the Acquire of the sequence word do.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use std::thread;

static PAYLOAD: AtomicPtr<u64> = AtomicPtr::new(ptr::null_mut());

fn main() {
    let writer = thread::spawn(|| {
        let node = Box::into_raw(Box::new(0));
        // SAFETY: just allocated, not shared yet.
        unsafe { node.write(7) };
        PAYLOAD.store(node, Relaxed);
    });
    let node = loop {
        let node = PAYLOAD.load(Relaxed);
        if !node.is_null() {
            break node;
        }
        thread::yield_now();
    };
    // SAFETY: alive, aligned, initialised by the writer; but not ordered after it.
    println!("{}", unsafe { node.read() });
    writer.join().unwrap();
}
