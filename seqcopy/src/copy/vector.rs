//! No vectors: every run is cut into words. The backend of Miri, of model checkers, of targets without a backend of their
//! own, and of `--cfg seqcopy_portable`.
//!
//! Also the *story* of the other backends: a block of inline assembly is as sound as some Rust code that could stand in its
//! place (docs/soundness.md, P17), and [`copy`] is that code. They are tested against it.

use super::word::Word;

/// No run is left to vectors: nothing is this long.
#[allow(clippy::cast_sign_loss)] // positive
#[cfg_attr(test, allow(dead_code))] // where this file is only the story
pub(crate) const RUN: usize = isize::MAX as usize;

/// Copies `len` bytes, each by one relaxed load and one relaxed store.
///
/// # Safety
/// * `from` is readable and `to` writable for `len` bytes, and they do not overlap.
/// * The bytes at `from` are initialised and none belongs to a pointer.
/// * Whatever accesses the shared one of the two concurrently are atomic accesses of single bytes, or such assembly (I1).
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
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

#[cfg_attr(test, allow(unused_imports))] // where this file is only the story
pub(super) use copy as load;
#[cfg_attr(test, allow(unused_imports))]
pub(super) use copy as store;

#[cfg(test)]
pub(super) mod paths {
    //! Every way through this file, for the differential test.
    type Path = (&'static str, usize, unsafe fn(*const u8, *mut u8, usize));

    #[allow(dead_code)] // only where this file is the backend
    pub(in crate::copy) fn all() -> std::vec::Vec<Path> {
        std::vec![("copy", 0, super::copy)]
    }
}
