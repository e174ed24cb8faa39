//! Long dense runs on aarch64, by pairs of vector registers.
//!
//! Every block of assembly here has the effect of relaxed atomic loads and stores of single bytes, in some order, some of
//! them twice: the `copy` of `portable.rs`, called the story. Blocks overlap at the end of a run rather than become smaller.
//!
//! Options: never `nomem`, `readonly` or `pure`, which would promise that no other thread is concerned (P15). No barrier is
//! here either; the protocol's stand in Rust.

use core::arch::asm;

/// From this length on, a run is moved by vectors.
pub(crate) const RUN: usize = 32;

/// The same inside arrays of many elements: two moves that overlap replace four words. (See `x86_64.rs`, where it was measured.)
pub(crate) const ARRAY_RUN: usize = 25;

/// Up to here the blocks are written out.
const LOOP: usize = 192;

/// Copies `len` bytes, of which there are at least [`ARRAY_RUN`].
///
/// # Safety
/// As for the `copy` of `portable.rs`.
#[inline(always)]
pub(super) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    debug_assert!(len >= ARRAY_RUN, "shorter runs are cut into words");
    if len < LOOP {
        // SAFETY: the same contract.
        unsafe { short(from, to, len) };
    } else {
        // SAFETY: the same contract.
        unsafe { long(from, to, len) };
    }
}

/// Straight-line code, since the length is a constant. Less than 32 bytes are two blocks of 16 that overlap.
///
/// # Safety
/// As for [`copy`].
#[inline(always)]
unsafe fn short(from: *const u8, to: *mut u8, len: usize) {
    if len < 32 {
        // SAFETY: the first 16 bytes are inside; the rest is the same contract.
        unsafe { block16(from, to, 0) };
        // SAFETY: the last 16 bytes are inside; the rest is the same contract.
        unsafe { block16(from, to, len - 16) };
        return;
    }
    let mut at = 0;
    while len - at >= 32 {
        // SAFETY: 32 bytes from `at` on are inside; the rest is the same contract.
        unsafe { block32(from, to, at) };
        at += 32;
    }
    if at < len {
        // SAFETY: the last 32 bytes are inside, since there are at least 32; the rest is the same contract.
        unsafe { block32(from, to, len - 32) };
    }
}

/// # Safety
/// As for [`copy`], for 16 bytes from `at` on.
#[inline(always)]
unsafe fn block16(from: *const u8, to: *mut u8, at: usize) {
    // SAFETY: in bounds, initialised, and shared by bytes only, by this function's contract; the effect is that of
    // the story (P15, P16, P17).
    unsafe {
        asm!(
            "ldr {a:q}, [{from}]",
            "str {a:q}, [{to}]",
            from = in(reg) from.wrapping_add(at),
            to = in(reg) to.wrapping_add(at),
            a = out(vreg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
/// As for [`copy`], for 32 bytes from `at` on.
#[inline(always)]
unsafe fn block32(from: *const u8, to: *mut u8, at: usize) {
    // SAFETY: in bounds, initialised, and shared by bytes only, by this function's contract; the effect is that of
    // the story (P15, P16, P17).
    unsafe {
        asm!(
            "ldp {a:q}, {b:q}, [{from}]",
            "stp {a:q}, {b:q}, [{to}]",
            from = in(reg) from.wrapping_add(at),
            to = in(reg) to.wrapping_add(at),
            a = out(vreg) _,
            b = out(vreg) _,
            options(nostack, preserves_flags),
        );
    }
}

/// # Safety
/// As for [`copy`]; more than 64 bytes.
#[inline(always)]
unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: every block begins at most 64 bytes before the end, so it is in bounds; the rest as in `block32`
    // (P15, P16, P17).
    unsafe {
        asm!(
            "2:",
            "ldp {a:q}, {b:q}, [{from}]",
            "ldp {c:q}, {d:q}, [{from}, #32]",
            "add {from}, {from}, #64",
            "stp {a:q}, {b:q}, [{to}]",
            "stp {c:q}, {d:q}, [{to}, #32]",
            "add {to}, {to}, #64",
            "cmp {from}, {last_from}",
            "b.lo 2b",
            // The last block, which may overlap the one before.
            "ldp {a:q}, {b:q}, [{last_from}]",
            "ldp {c:q}, {d:q}, [{last_from}, #32]",
            "stp {a:q}, {b:q}, [{last_to}]",
            "stp {c:q}, {d:q}, [{last_to}, #32]",
            from = inout(reg) from => _,
            to = inout(reg) to => _,
            last_from = in(reg) from.wrapping_add(len - 64),
            last_to = in(reg) to.wrapping_add(len - 64),
            a = out(vreg) _,
            b = out(vreg) _,
            c = out(vreg) _,
            d = out(vreg) _,
            options(nostack),
        );
    }
}

#[cfg(test)]
pub(super) mod paths {
    //! Every way through this file, for the differential test.
    type Path = (&'static str, usize, unsafe fn(*const u8, *mut u8, usize));

    pub(in crate::copy) fn all() -> std::vec::Vec<Path> {
        std::vec![
            ("copy", super::ARRAY_RUN, super::copy),
            ("short", super::ARRAY_RUN, super::short),
            ("long", 65, super::long)
        ]
    }
}
