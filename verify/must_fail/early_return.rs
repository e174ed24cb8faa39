// expect: Undefined Behavior: constructing invalid value of type Switch
// P6 validity, I7 checked: a read over an existing value that returns before an attempt has succeeded leaves torn bits where the
// caller has a `T`. So `read_to` has no policy, no error and no unwinding.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

#[derive(Clone, Copy, Debug)]
#[repr(u8)]
#[allow(dead_code)]
enum Switch {
    Off = 1,
    On = 2,
}

/// `SeqLock::read_to`, if it gave up after one attempt. What a torn read finds is here what lies in `shared`.
fn read_to(shared: &AtomicU8, dst: &mut Switch) {
    // SAFETY: of the same layout; but it returns with whatever was read.
    let buf = unsafe { &mut *(&raw mut *dst).cast::<MaybeUninit<u8>>() };
    buf.write(shared.load(Relaxed));
}

fn main() {
    let mut switch = Switch::Off;
    read_to(&AtomicU8::new(3), &mut switch);
    let copy = switch;
    println!("{copy:?}");
}
