// expect: Undefined Behavior: Race condition detected between
// P2 mixed-size: the partition of the whole value governs a part of it, too (I1 partition). `{ u32, u32 }` is stored as one word; a
// reader that wants the second number loads that word, not the number by an access of its own.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread;

/// Two numbers, side by side.
#[repr(C, align(8))]
struct Quote {
    bid: u32,
    ask: u32,
}

static QUOTE: AtomicU64 = AtomicU64::new(0);

fn main() {
    let store = |quote: Quote| {
        // SAFETY: of the same size, without padding.
        QUOTE.store(unsafe { std::mem::transmute::<Quote, u64>(quote) }, Relaxed);
    };
    thread::scope(|s| {
        s.spawn(|| store(Quote { bid: 99, ask: 101 }));
        s.spawn(|| {
            let ask = QUOTE.as_ptr().cast::<u8>().wrapping_add(std::mem::offset_of!(Quote, ask)).cast::<u32>();
            // SAFETY: inside of a static word, and aligned. What is wrong is the size of the access.
            unsafe { AtomicU32::from_ptr(ask) }.load(Relaxed)
        });
    });
}
