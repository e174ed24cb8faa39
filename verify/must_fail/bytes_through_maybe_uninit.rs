// expect: memory is uninitialized
// P8 maybe-uninit: bytes that pass through a `MaybeUninit<T>` lose those that are padding of T. So
// `MaybeInvalid<T>` gives out its bytes only where no byte is padding in any value (I6 maybe-invalid).

use std::mem::{MaybeUninit, transmute};

#[repr(C)]
#[allow(dead_code)]
struct Padded(u8, u16);

fn main() {
    let before = [1_u8, 2, 3, 4];
    // SAFETY: `MaybeUninit` takes any bytes.
    let relayed: MaybeUninit<Padded> = unsafe { transmute(before) };
    // SAFETY: same size, but byte 1 is padding of `Padded` and was lost in the move.
    let after = unsafe { &*(&raw const relayed).cast::<[u8; 4]>() };
    println!("{after:?}");
}
