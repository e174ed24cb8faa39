// expect: Undefined Behavior: constructing invalid value of type std::num::NonZero<u128>
// P6 validity, I7 checked: a write that stopped halfway leaves a torn value, which may be an invalid bit pattern. So bits
// become a `T` only after the sequence check or after `Validate::check`, in `into_inner` too.

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

type Payload = NonZero<u128>;

fn main() {
    // Either half alone makes the number nonzero; half of each makes it zero.
    let value = NonZero::new(u128::from_ne_bytes([[1; 8], [0; 8]].concat().try_into().unwrap()));
    let storage = UnsafeCell::new(MaybeUninit::<Payload>::new(value.unwrap()));
    let words = storage.get().cast::<u64>();
    // SAFETY: aligned and in bounds. The second word is never stored: the writer died.
    unsafe { AtomicU64::from_ptr(words) }.store(0, Relaxed);
    // SAFETY: initialised, but not a nonzero number.
    let taken: Payload = unsafe { storage.into_inner().assume_init() };
    println!("{taken}");
}
