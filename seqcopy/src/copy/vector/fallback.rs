//! No vectors: every run is partitioned into words. The backend of Miri, of model checkers, of targets without a backend of
//! their own, and of `--cfg seqcopy_portable`.
//!
//! Also the reference implementation of the other backends: a block of inline assembly is as sound as some Rust code that could
//! stand in its place (docs/soundness.md, P17 asm-model, which calls that code its story), and [`copy`] is that code. The
//! tests compare the other backends with it.

#![allow(dead_code)] // where another backend is chosen, only the tests use this one

use crate::copy::word::Word;

/// No run is left to vectors: nothing is this long.
#[allow(clippy::cast_sign_loss)] // positive
pub(in crate::copy) const RUN: usize = isize::MAX as usize;

/// Copies `len` bytes, each by one relaxed load and one relaxed store.
///
/// # Safety
/// * `from` is readable and `to` writable for `len` bytes, and they do not overlap.
/// * The bytes at `from` are initialised and none belongs to a pointer.
/// * Whatever accesses the shared one of the two concurrently are atomic accesses of single bytes, or such assembly
///   (I1 partition).
pub(in crate::copy) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    for i in 0..len {
        // SAFETY: in bounds by this function's contract.
        let from = unsafe { from.add(i) };
        // SAFETY: readable, initialised, accessed by bytes, by this function's contract.
        let byte = unsafe { u8::load(from) };
        // SAFETY: in bounds by this function's contract.
        let to = unsafe { to.add(i) };
        // SAFETY: writable, accessed by bytes, by this function's contract.
        unsafe { byte.store(to) };
    }
}

#[allow(unused_imports)] // where another backend is chosen
pub(in crate::copy) use {copy as in_memory, copy as load, copy as store};

/// Every path through this file, for the tests.
#[cfg(test)]
pub(super) fn paths() -> std::vec::Vec<super::tests::Path> {
    std::vec![("copy", 0, copy)]
}
