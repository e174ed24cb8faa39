//! Private memory, by little code: what unoptimised builds do with it around the accesses.

use super::vector;

/// From this size on a call of the system's copy is worth its checks.
const SMALL: usize = 64;

/// Copies bytes as they are: padding stays what it is, and pointers keep their provenance (P8 maybe-uninit, P11 provenance).
///
/// # Safety
/// Different places that are readable and writable for this many bytes, and that no thread writes to meanwhile but this one (I4 private).
pub(crate) unsafe fn copy_private(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the same contract.
    unsafe { copy(from, to, len) };
}

/// # Safety
/// As for [`copy_private`].
#[inline(always)]
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    if len < SMALL {
        // SAFETY: this function's contract.
        unsafe { vector::copy_private(from, to, len) };
    } else {
        // SAFETY: this function's contract.
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }
}

/// Writes zeros.
///
/// # Safety
/// `to` is writable for this many bytes (I4 private).
#[inline(always)]
pub(super) unsafe fn zero(to: *mut u8, len: usize) {
    // Not a `static`: the check that no write can panic follows every symbol.
    const ZEROS: *const [u8; SMALL] = &[0; SMALL];
    if len < SMALL {
        // SAFETY: as many zeros, and this function's contract.
        unsafe { vector::copy_private(ZEROS.cast(), to, len) };
    } else {
        // SAFETY: this function's contract.
        unsafe { to.write_bytes(0, len) };
    }
}
