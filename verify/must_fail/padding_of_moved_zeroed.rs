// expect: memory is uninitialized
// P8 maybe-uninit, P4 uninit: `MaybeUninit::zeroed` loses the zeros of padding when it is moved, its own return
// included. So padding is never read, not even after it was zeroed.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[repr(C, align(8))]
struct Padded {
    small: u8,
    large: u32,
}

fn main() {
    let mut storage = MaybeUninit::<Padded>::zeroed();
    // SAFETY: aligned and in bounds; bytes 1..4 are padding, so they are uninitialised.
    let bulk = unsafe { AtomicU64::from_ptr(storage.as_mut_ptr().cast()) };
    bulk.load(Relaxed);
    // SAFETY: every field may be zero.
    let value = unsafe { storage.assume_init() };
    println!("{} {}", value.small, value.large);
}
