// expect: memory is uninitialized
// P4 uninit, I3 exact: the bytes of a fixed-capacity string or vector beyond its length are uninitialised. `unsafe(as =
// [u32; 3])` over one passes every check of sizes and of interior mutability, so what it promises is that every byte is
// initialised.

use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

#[repr(C)]
struct Text {
    len: u32,
    bytes: [MaybeUninit<u8>; 8],
}

fn main() {
    let mut text = Text { len: 1, bytes: [MaybeUninit::uninit(); 8] };
    text.bytes[0].write(b'a');
    let words = (&raw mut text).cast::<u32>();
    for i in 0..3 {
        // SAFETY: aligned and in bounds, but the last word was never written, and the second only in part.
        let word = unsafe { AtomicU32::from_ptr(words.add(i)) };
        println!("{:x}", word.load(Relaxed));
    }
    println!("{}", text.len);
}
