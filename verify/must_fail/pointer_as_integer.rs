// expect: it has no provenance
// P11 provenance: an integer access keeps a pointer's address and loses its provenance. So a word that is a
// pointer in some value is copied through `AtomicPtr`, never merged into a run of integers.

#![allow(integer_to_ptr_transmutes)] // rustc warns about it too

use std::mem::transmute;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

fn main() {
    let node = 7_u64;
    let storage = AtomicUsize::new(0);
    // SAFETY: same size. The integer has no provenance, as the last line shows.
    storage.store(unsafe { transmute::<*const u64, usize>(&raw const node) }, Relaxed);
    // SAFETY: same size, and every bit pattern is a raw pointer.
    let copy = unsafe { transmute::<usize, *const u64>(storage.load(Relaxed)) };
    assert_eq!(copy, &raw const node); // the address is preserved
    // SAFETY: `node` is alive and the address is right, but this pointer has no provenance.
    println!("{}", unsafe { copy.read() });
}
