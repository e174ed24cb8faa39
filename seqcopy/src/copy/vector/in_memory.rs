//! Runs from memory to memory, for copies by a table. Short runs take one block of assembly, because unoptimised builds
//! need little code. Long runs take the loops of the backend.

use core::arch::asm;

use super::blocks::{Blocks, ToPrivate};
use super::words::LONG;

/// Copies a run or a span of `len` bytes. One of the two places is shared.
///
/// # Safety
/// The contract of the `copy` of `words.rs`; for a span, as for `spans::load` or `spans::store` there.
pub(in crate::copy) unsafe fn in_memory(from: *const u8, to: *mut u8, len: usize) {
    if len >= LONG {
        // SAFETY: at least `LONG` bytes; the rest is this function's contract. Long runs are copied alike in both
        // directions.
        unsafe { ToPrivate::long(from, to, len) };
    } else {
        same_contract!(by_registers(from, to, len));
    }
}

/// Copies private memory, as it is.
///
/// # Safety
/// The contract of the `copy_private` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn copy_private(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the places are those of this function's contract. The effect is that of the reference implementation:
    // what is not initialised, and provenance, is passed on, since no value of Rust's is made of it (P16 black-box, P17
    // asm-model).
    unsafe { by_registers(from, to, len) };
}

/// Copies with registers of 8 bytes, and smaller ones for the rest. Unoptimised code has just written the value in
/// pieces of this size, and a processor does not forward two stores to one load.
///
/// # Safety
/// The contract of [`in_memory`], or for [`copy_private`].
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn by_registers(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: in bounds: words while there are 8 bytes, then what the lower bits of the length say. Initialised, or
    // padding of a span that never becomes a value of Rust's, and shared by bytes only, by this function's contract;
    // the effect is that of the reference implementation (P15 asm-memory, P16 black-box, P17 asm-model).
    unsafe {
        asm!(
            "cmp {at}, {words}",
            "je 3f",
            "2:",
            "mov {a}, [{from} + {at}]",
            "mov [{to} + {at}], {a}",
            "add {at}, 8",
            "cmp {at}, {words}",
            "jne 2b",
            "3:",
            "test {len}, 4",
            "jz 4f",
            "mov {a:e}, [{from} + {at}]",
            "mov [{to} + {at}], {a:e}",
            "add {at}, 4",
            "4:",
            "test {len}, 2",
            "jz 5f",
            "mov {a:x}, [{from} + {at}]",
            "mov [{to} + {at}], {a:x}",
            "add {at}, 2",
            "5:",
            "test {len}, 1",
            "jz 6f",
            "mov {b}, [{from} + {at}]",
            "mov [{to} + {at}], {b}",
            "6:",
            from = in(reg) from,
            to = in(reg) to,
            len = in(reg) len,
            words = in(reg) len & !7,
            at = inout(reg) 0usize => _,
            a = out(reg) _,
            b = out(reg_byte) _,
            options(nostack),
        );
    }
}

/// Copies with registers of 8 bytes, and smaller ones for the rest.
///
/// # Safety
/// The contract of [`in_memory`], or for [`copy_private`].
#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn by_registers(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: in bounds: words while there are 8 bytes, then what the lower bits of the length say. Initialised, or
    // padding of a span that never becomes a value of Rust's, and shared by bytes only, by this function's contract;
    // the effect is that of the reference implementation (P15 asm-memory, P16 black-box, P17 asm-model).
    unsafe {
        asm!(
            "cmp {at}, {words}",
            "b.eq 3f",
            "2:",
            "ldr {a}, [{from}, {at}]",
            "str {a}, [{to}, {at}]",
            "add {at}, {at}, #8",
            "cmp {at}, {words}",
            "b.ne 2b",
            "3:",
            "tbz {len}, #2, 4f",
            "ldr {a:w}, [{from}, {at}]",
            "str {a:w}, [{to}, {at}]",
            "add {at}, {at}, #4",
            "4:",
            "tbz {len}, #1, 5f",
            "ldrh {a:w}, [{from}, {at}]",
            "strh {a:w}, [{to}, {at}]",
            "add {at}, {at}, #2",
            "5:",
            "tbz {len}, #0, 6f",
            "ldrb {a:w}, [{from}, {at}]",
            "strb {a:w}, [{to}, {at}]",
            "6:",
            from = in(reg) from,
            to = in(reg) to,
            len = in(reg) len,
            words = in(reg) len & !7,
            at = inout(reg) 0usize => _,
            a = out(reg) _,
            options(nostack),
        );
    }
}
