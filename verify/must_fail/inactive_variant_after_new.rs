// expect: memory is uninitialized
// P4 uninit, I2 init: a value of the smaller variant leaves the bytes of the larger one uninitialised. So `const fn
// new` of a type with a data enum zeroes its storage in place before it writes fields.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[repr(C, u32)]
#[allow(dead_code)]
enum Command {
    Stop,
    Move(u32),
}

fn main() {
    let mut storage = MaybeUninit::new(Command::Stop);
    let words = storage.as_mut_ptr().cast::<u32>();
    // SAFETY: aligned and in bounds: the tag, data in every variant.
    let tag = unsafe { AtomicU32::from_ptr(words) }.load(Relaxed);
    // SAFETY: aligned and in bounds, but no `Move` was ever written here.
    let distance = unsafe { AtomicU32::from_ptr(words.add(1)) }.load(Relaxed);
    println!("{tag} {distance}");
}
