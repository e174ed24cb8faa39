//! Long dense runs on aarch64, with pairs of vector registers.
//!
//! Every block of assembly here has the effect of relaxed atomic loads and stores of single bytes, in some order, some
//! of them twice: that of the reference implementation, the `copy` of `words.rs`. At the end of a long run blocks
//! overlap rather than become smaller.
//!
//! Options: never `nomem`, `readonly` or `pure`, which would promise that no other thread is concerned (P15
//! asm-memory). No barrier is here either; the protocol's stand in Rust.

use core::arch::aarch64::uint8x16_t;
use core::arch::asm;

#[cfg(test)]
use super::blocks::SpanToShared;
use super::blocks::span_blocks;
pub(in crate::copy) use super::blocks::store_span;
use super::blocks::{Blocks, ToPrivate, ToShared, blocks, by_blocks};
pub(in crate::copy) use super::blocks::{
    RUN, load_run, load_to_registers, load_word, store_registers, store_run, store_word,
};
pub(in crate::copy) use super::in_memory::{copy_private, in_memory};
pub(in crate::copy) use super::words::mover;

blocks! {
    long: long, store_long;
    block64: a 0, b 16, c 32, d 48 in vreg uint8x16_t;
        "ldp {a:q}, {b:q}, [{shared}]", "ldp {c:q}, {d:q}, [{shared}, #32]";
        "stp {a:q}, {b:q}, [{shared}]", "stp {c:q}, {d:q}, [{shared}, #32]";
    block32: a 0, b 16 in vreg uint8x16_t;
        "ldp {a:q}, {b:q}, [{shared}]";
        "stp {a:q}, {b:q}, [{shared}]";
    block16: a 0 in vreg uint8x16_t;
        "ldr {a:q}, [{shared}]";
        "str {a:q}, [{shared}]";
    block8: a 0 in reg u64;
        "ldr {a:x}, [{shared}]";
        "str {a:x}, [{shared}]";
    block4: a 0 in reg u32;
        "ldr {a:w}, [{shared}]";
        "str {a:w}, [{shared}]";
    block2: a 0 in reg u16;
        "ldrh {a:w}, [{shared}]";
        "strh {a:w}, [{shared}]";
    block1: a 0 in reg u8;
        "ldrb {a:w}, [{shared}]";
        "strb {a:w}, [{shared}]";
}

span_blocks! {
    long: long;
    block64: a, b, c, d in vreg;
        "ldp {a:q}, {b:q}, [{from}]", "ldp {c:q}, {d:q}, [{from}, #32]";
        "stp {a:q}, {b:q}, [{to}]", "stp {c:q}, {d:q}, [{to}, #32]";
    block32: a, b in vreg; "ldp {a:q}, {b:q}, [{from}]"; "stp {a:q}, {b:q}, [{to}]";
    block16: a in vreg; "ldr {a:q}, [{from}]"; "str {a:q}, [{to}]";
    block8: a in reg; "ldr {a:x}, [{from}]"; "str {a:x}, [{to}]";
    block4: a in reg; "ldr {a:w}, [{from}]"; "str {a:w}, [{to}]";
    block2: a in reg; "ldrh {a:w}, [{from}]"; "strh {a:w}, [{to}]";
    block1: a in reg; "ldrb {a:w}, [{from}]"; "strb {a:w}, [{to}]";
}

/// # Safety
/// The contract of the `copy` of `words.rs`; at least 80 bytes.
#[inline(always)]
unsafe fn store_long(from: *const u8, to: *mut u8, len: usize) {
    same_contract!(by_blocks::<ToShared>(from, to, len));
}

/// Copies from the next multiple of 16 of the destination on. (The speed was not measured: no such machine was
/// available.)
/// # Safety
/// The contract of the `copy` of `words.rs`; at least 80 bytes.
#[inline(always)]
unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
    let skip = to.addr().wrapping_neg() & 15;
    if skip != 0 {
        // SAFETY: as below, of the first 16 bytes, some of which are copied again (P15 asm-memory, P16 black-box, P17
        // asm-model).
        unsafe {
            asm!(
                "ldr {a:q}, [{from}]",
                "str {a:q}, [{to}]",
                from = in(reg) from,
                to = in(reg) to,
                a = out(vreg) _,
                options(nostack, preserves_flags),
            );
        }
    }
    // SAFETY: every block begins at most 64 bytes before the end, so it is in bounds; the rest as in the blocks
    // (P15 asm-memory, P16 black-box, P17 asm-model).
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
            from = inout(reg) from.wrapping_add(skip) => _,
            to = inout(reg) to.wrapping_add(skip) => _,
            last_from = in(reg) from.wrapping_add(len.wrapping_sub(64)),
            last_to = in(reg) to.wrapping_add(len.wrapping_sub(64)),
            a = out(vreg) _,
            b = out(vreg) _,
            c = out(vreg) _,
            d = out(vreg) _,
            options(nostack),
        );
    }
}

/// Every path through this file, for the tests.
#[cfg(test)]
pub(super) fn paths() -> std::vec::Vec<super::tests::Path> {
    use super::blocks::short;
    std::vec![
        ("load", 1, load_run),
        ("store", 1, store_run),
        ("store of spans", 1, store_span),
        ("in memory", 1, in_memory),
        ("short load", 1, short::<ToPrivate>),
        ("short store", 1, short::<ToShared>),
        ("short store of spans", 1, short::<SpanToShared>),
        ("long", 80, long),
        ("long store", 80, store_long),
    ]
}
