//! Long dense runs on x86-64, by SSE2, by AVX and AVX-512 where the processor has them, by `rep movsb` where none of
//! them pays.
//!
//! Every block of assembly here has the effect of relaxed atomic loads and stores of single bytes, in some order, some
//! of them twice: that of the reference implementation, the `copy` of `words.rs`. The processor does more than that
//! needs: aligned pieces of a vector move are not torn either. At the end of a long run blocks overlap rather than
//! become smaller: a byte that is copied twice is still a byte that was loaded after the copy began and stored before
//! it ends.
//!
//! Options: never `nomem`, `readonly` or `pure`, which would promise that no other thread is concerned (P15
//! asm-memory). No fence is here either; the protocol's stand in Rust.
//!
//! Which move is fastest depends on the processor ([`Moves`]); best of 200 or 300 rounds, data in the first-level cache
//! where it fits, nanoseconds a copy. On a Zen 4 (AMD EPYC, family 25), from 16 bytes after a cache line to one, to 8
//! and to 16 bytes after one:
//!
//! | bytes | AVX | AVX, aligned | AVX-512, aligned | `rep movsb` | libc's memcpy |
//! |---|---|---|---|---|---|
//! | 192 | 2.7, 3.8, 3.8 | 2.5, 3.0, 3.0 | | | 3.0, 4.1, 4.1 |
//! | 512 | 4.6, 6.3, 6.4 | 4.6, 5.3, 4.9 | 5.7, 7.0, 5.7 | 13, 15, 15 | 5.4, 7.1, 7.1 |
//! | 1024 | 9.0, 11.2, 11.1 | 9.0, 9.2, 9.2 | 10.8, 11.0, 10.1 | 15, 18, 18 | 11.0, 11.3, 10.9 |
//! | 4096 | 35, 51, 45 | 35, 35, 35 | 40, 40, 36 | 41, 44, 44 | 42, 44, 43 |
//! | 16384 | 141, 204, 189 | 142, 143, 144 | 160, 160, 143 | 180, 183, 158 | 174, 171, 157 |
//! | 65536 | 1127, 1178, 1178 | 1129, 1133, 1138 | 1132, 1133, 1138 | 1229, 1228, 1138 | 1226, 1226, 1138 |
//!
//! On a Zen 5 (AMD EPYC, family 26), from 64-byte boundaries to 16 bytes after one, and both sides 8 bytes after:
//!
//! | bytes | AVX | AVX, aligned | AVX-512, aligned | `rep movsb` | libc's memcpy |
//! |---|---|---|---|---|---|
//! | 512 | 4.8, 4.7 | 5.2, 4.7 | 4.9, 4.7 | 25, 14 | 4.1, 5.0 |
//! | 1024 | 8.1, 8.4 | 9.4, 8.6 | 8.2, 6.4 | 27, 17 | 8.7, 7.0 |
//! | 4096 | 32, 32 | 30, 28 | 25, 24 | 47, 32 | 47, 31 |
//! | 16384 | 126, 128 | 120, 100 | 85, 76 | 141, 111 | 142, 110 |
//! | 65536 | 744, 661 | 719, 571 | 759, 568 | 754, 559 | 749, 558 |
//!
//! There 4096 bytes from and to two hundred random places, multiples of 8 and of 16, take AVX-512 20.3 ns in the mean
//! and 28 at most where it goes forward always, 17.7 and 22 where it begins at the end if that helps ([`avx512`]);
//! 16384 bytes 74 and 63 ns.
//!
//! On a Sapphire Rapids (Intel Xeon) aligned stores halved the time of writes of 4 KiB and more. Without AVX, on the
//! Zen 4, SSE2 takes 17 ns for 1 KiB and 69 for 4 KiB, the string instruction 15 and 41.

mod moves;

use core::arch::asm;
use core::arch::x86_64::__m128i;

#[cfg(test)]
use super::blocks::SpanToShared;
use super::blocks::span_blocks;
pub(in crate::copy) use super::blocks::store_span;
use super::blocks::{Blocks, ToPrivate, ToShared, blocks};
pub(in crate::copy) use super::blocks::{
    RUN, load_run, load_to_registers, load_word, store_registers, store_run, store_word,
};
pub(in crate::copy) use super::in_memory::{copy_private, in_memory};
use super::words::{LONG, Mover};
use moves::Moves;
use moves::store_long;

/// From this length on, 512-bit registers pay where the processor moves them at full width, and the string instruction
/// where it has only SSE2.
const WIDE: usize = 1024;

/// From this length on, the loops are called, not inlined. A call costs a quarter of a nanosecond.
const CALLED: usize = 4096;

/// From this length on, two such pieces of memory do not fit into the first-level cache.
const OUT_OF_CACHE: usize = 32768;

/// The bytes that the loop of [`avx512`] moves each time.
const BLOCK: usize = 256;

blocks! {
    long: long, store_long;
    block64: a 0, b 16, c 32, d 48 in xmm_reg __m128i;
        "movups {a}, [{shared}]", "movups {b}, [{shared} + 16]", "movups {c}, [{shared} + 32]", "movups {d}, [{shared} + 48]";
        "movups [{shared}], {a}", "movups [{shared} + 16], {b}", "movups [{shared} + 32], {c}", "movups [{shared} + 48], {d}";
    block32: a 0, b 16 in xmm_reg __m128i;
        "movups {a}, [{shared}]", "movups {b}, [{shared} + 16]";
        "movups [{shared}], {a}", "movups [{shared} + 16], {b}";
    block16: a 0 in xmm_reg __m128i;
        "movups {a}, [{shared}]";
        "movups [{shared}], {a}";
    block8: a 0 in reg u64;
        "mov {a}, [{shared}]";
        "mov [{shared}], {a}";
    block4: a 0 in reg u32;
        "mov {a:e}, [{shared}]";
        "mov [{shared}], {a:e}";
    block2: a 0 in reg u16;
        "mov {a:x}, [{shared}]";
        "mov [{shared}], {a:x}";
    block1: a 0 in reg_byte u8;
        "mov {a}, [{shared}]";
        "mov [{shared}], {a}";
}

span_blocks! {
    long: long;
    block64: a, b, c, d in xmm_reg;
        "movups {a}, [{from}]", "movups {b}, [{from} + 16]", "movups {c}, [{from} + 32]", "movups {d}, [{from} + 48]";
        "movups [{to}], {a}", "movups [{to} + 16], {b}", "movups [{to} + 32], {c}", "movups [{to} + 48], {d}";
    block32: a, b in xmm_reg;
        "movups {a}, [{from}]", "movups {b}, [{from} + 16]";
        "movups [{to}], {a}", "movups [{to} + 16], {b}";
    block16: a in xmm_reg; "movups {a}, [{from}]"; "movups [{to}], {a}";
    block8: a in reg; "mov {a}, [{from}]"; "mov [{to}], {a}";
    block4: a in reg; "mov {a:e}, [{from}]"; "mov [{to}], {a:e}";
    block2: a in reg; "mov {a:x}, [{from}]"; "mov [{to}], {a:x}";
    block1: a in reg_byte; "mov {a}, [{from}]"; "mov [{to}], {a}";
}

/// # Safety
/// The contract of the `copy` of `words.rs`; at least 192 bytes.
#[inline(always)]
unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
    let moves = Moves::get();
    if len >= CALLED || len >= WIDE && !moves.has(Moves::ALIGNED) {
        // SAFETY: as many bytes; the rest is this function's contract.
        unsafe { longer(from, to, len, moves) };
    } else if moves.has(Moves::AVX) {
        let aligned = moves.has(Moves::ALIGNED);
        // SAFETY: at least 160 bytes, and the processor has AVX; the rest is this function's contract.
        unsafe { avx(from, to, len, if aligned { 31 } else { 0 }) };
    } else {
        // SAFETY: more than 64 bytes; the rest is this function's contract.
        unsafe { sse2(from, to, len) };
    }
}

/// See the `mover` of `words.rs`.
pub(in crate::copy) fn mover(len: usize) -> Option<Mover> {
    let moves = Moves::get();
    let is_avx = moves.has(Moves::AVX) && (LONG..WIDE).contains(&len);
    is_avx.then_some(if moves.has(Moves::ALIGNED) { called_avx::<31> } else { called_avx::<0> })
}

/// # Safety
/// The contract of [`avx`].
unsafe extern "C" fn called_avx<const MASK: usize>(from: *const u8, to: *mut u8, len: usize) {
    same_contract!(avx(from, to, len, MASK));
}

/// One copy of this code for all callers.
///
/// # Safety
/// The contract of the `copy` of `words.rs`; at least [`WIDE`] bytes, and the processor can do these moves.
#[inline(never)]
unsafe fn longer(from: *const u8, to: *mut u8, len: usize, moves: Moves) {
    if moves.has(Moves::STRING) && (len >= OUT_OF_CACHE || !moves.has(Moves::AVX)) {
        same_contract!(string(from, to, len));
    } else if moves.has(Moves::AVX512) {
        // SAFETY: at least 320 bytes, and the processor has AVX-512F; the rest is this function's contract.
        unsafe { avx512(from, to, len) };
    } else if moves.has(Moves::AVX) {
        // SAFETY: at least 160 bytes, and the processor has AVX; the rest is this function's contract.
        unsafe { avx(from, to, len, 31) };
    } else {
        // SAFETY: more than 64 bytes; the rest is this function's contract.
        unsafe { sse2(from, to, len) };
    }
}

/// With a mask of 31, the copy continues at the next multiple of 32 of the destination, because a store that crosses a
/// cache line costs more than such a load, on some processors twice as much. With 0, it begins where the copy begins.
///
/// # Safety
/// The contract of the `copy` of `words.rs`; at least 160 bytes, and the processor has AVX.
#[inline(always)]
unsafe fn avx(from: *const u8, to: *mut u8, len: usize, mask: usize) {
    let skip = to.addr().wrapping_neg() & mask;
    if skip != 0 {
        // SAFETY: as below, of the first 32 bytes, some of which are copied again (P15 asm-memory, P16 black-box, P17
        // asm-model). The upper half of the register is cleared below.
        unsafe {
            asm!(
                "vmovups ymm0, [{from}]",
                "vmovups [{to}], ymm0",
                from = in(reg) from,
                to = in(reg) to,
                out("xmm0") _,
                options(nostack, preserves_flags),
            );
        }
    }
    // SAFETY: every block begins at most 128 bytes before the end, so it is in bounds; initialised and shared by bytes
    // only, by this function's contract; the effect is that of the reference implementation (P15 asm-memory, P16
    // black-box, P17 asm-model).
    unsafe {
        asm!(
            "2:",
            "vmovups ymm0, [{from} + {at}]",
            "vmovups ymm1, [{from} + {at} + 32]",
            "vmovups ymm2, [{from} + {at} + 64]",
            "vmovups ymm3, [{from} + {at} + 96]",
            "vmovups [{to} + {at}], ymm0",
            "vmovups [{to} + {at} + 32], ymm1",
            "vmovups [{to} + {at} + 64], ymm2",
            "vmovups [{to} + {at} + 96], ymm3",
            "add {at}, 128",
            "cmp {at}, {last}",
            "jb 2b",
            // The last block, which may overlap the one before.
            "vmovups ymm0, [{from} + {last}]",
            "vmovups ymm1, [{from} + {last} + 32]",
            "vmovups ymm2, [{from} + {last} + 64]",
            "vmovups ymm3, [{from} + {last} + 96]",
            "vmovups [{to} + {last}], ymm0",
            "vmovups [{to} + {last} + 32], ymm1",
            "vmovups [{to} + {last} + 64], ymm2",
            "vmovups [{to} + {last} + 96], ymm3",
            // Without this, SSE code that follows is slow on some processors.
            "vzeroupper",
            from = in(reg) from,
            to = in(reg) to,
            last = in(reg) len.wrapping_sub(128),
            at = inout(reg) skip => _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            // All branches need `vzeroupper`.
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}

/// [`avx`] by registers of 64 bytes, stored to multiples of 64. A load whose address differs from that of an earlier
/// store by whole pages looks to the processor like one of what was stored, and waits for it. So where the destination
/// is ahead of the source by less than half a page, whole pages aside, a copy of a page or more begins at the end, as
/// glibc's memmove does in such a case. (At 1 KiB neither is faster.)
///
/// # Safety
/// The contract of the `copy` of `words.rs`; at least 320 bytes, and the processor has AVX-512F.
#[inline(always)]
unsafe fn avx512(from: *const u8, to: *mut u8, len: usize) {
    const PAGE: usize = 4096;
    let ahead = to.addr().wrapping_sub(from.addr()) % PAGE;
    same_contract!(avx512_in_order(from, to, len, len >= PAGE && 0 < ahead && ahead < PAGE / 2));
}

/// # Safety
/// The contract of [`avx512`].
#[inline(always)]
unsafe fn avx512_in_order(from: *const u8, to: *mut u8, len: usize, backward: bool) {
    let (end, skip) = if backward {
        (len.wrapping_sub(64), to.addr().wrapping_add(len) % 64)
    } else {
        (0, to.addr().wrapping_neg() % 64)
    };
    // The first block, and the one at the other end, which may overlap the one before it.
    let (begin, last, step) = if backward {
        (len.wrapping_sub(skip).wrapping_sub(BLOCK), 0, BLOCK.wrapping_neg())
    } else {
        (skip, len.wrapping_sub(BLOCK), BLOCK)
    };
    // Rounded up. Not by `div_ceil`, in which an unoptimised build would look for a divisor of 0 and could panic (I9
    // no-panic).
    let blocks = begin.abs_diff(last).wrapping_add(BLOCK - 1) / BLOCK;
    if skip != 0 {
        // SAFETY: 64 bytes at one end of the places of this function's contract (P15 asm-memory, P16 black-box, P17
        // asm-model).
        unsafe {
            asm!(
                "vmovups zmm0, [{from} + {end}]",
                "vmovups [{to} + {end}], zmm0",
                from = in(reg) from,
                to = in(reg) to,
                end = in(reg) end,
                out("xmm0") _,
                options(nostack, preserves_flags),
            );
        }
    }
    // SAFETY: the places of this function's contract, in blocks of 256 bytes: there are at least 320, so the first
    // block of the loop is in bounds and another one than the last, and each of the others begins between these two
    // (P15 asm-memory, P16 black-box, P17 asm-model).
    unsafe {
        asm!(
            "2:",
            "vmovups zmm0, [{from} + {at}]",
            "vmovups zmm1, [{from} + {at} + 64]",
            "vmovups zmm2, [{from} + {at} + 128]",
            "vmovups zmm3, [{from} + {at} + 192]",
            "vmovups [{to} + {at}], zmm0",
            "vmovups [{to} + {at} + 64], zmm1",
            "vmovups [{to} + {at} + 128], zmm2",
            "vmovups [{to} + {at} + 192], zmm3",
            "add {at}, {step}",
            "dec {blocks}",
            "jnz 2b",
            "vmovups zmm0, [{from} + {last}]",
            "vmovups zmm1, [{from} + {last} + 64]",
            "vmovups zmm2, [{from} + {last} + 128]",
            "vmovups zmm3, [{from} + {last} + 192]",
            "vmovups [{to} + {last}], zmm0",
            "vmovups [{to} + {last} + 64], zmm1",
            "vmovups [{to} + {last} + 128], zmm2",
            "vmovups [{to} + {last} + 192], zmm3",
            "vzeroupper",
            from = in(reg) from,
            to = in(reg) to,
            last = in(reg) last,
            step = in(reg) step,
            at = inout(reg) begin => _,
            blocks = inout(reg) blocks => _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}

/// # Safety
/// The contract of the `copy` of `words.rs`; more than 64 bytes.
#[inline(always)]
unsafe fn sse2(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: the places of this function's contract, in blocks of 64 bytes: there are more, so each block of the loop
    // begins before the last one, which ends with them (P15 asm-memory, P16 black-box, P17 asm-model).
    unsafe {
        asm!(
            "2:",
            "movups {a}, [{from} + {at}]",
            "movups {b}, [{from} + {at} + 16]",
            "movups {c}, [{from} + {at} + 32]",
            "movups {d}, [{from} + {at} + 48]",
            "movups [{to} + {at}], {a}",
            "movups [{to} + {at} + 16], {b}",
            "movups [{to} + {at} + 32], {c}",
            "movups [{to} + {at} + 48], {d}",
            "add {at}, 64",
            "cmp {at}, {last}",
            "jb 2b",
            "movups {a}, [{from} + {last}]",
            "movups {b}, [{from} + {last} + 16]",
            "movups {c}, [{from} + {last} + 32]",
            "movups {d}, [{from} + {last} + 48]",
            "movups [{to} + {last}], {a}",
            "movups [{to} + {last} + 16], {b}",
            "movups [{to} + {last} + 32], {c}",
            "movups [{to} + {last} + 48], {d}",
            from = in(reg) from,
            to = in(reg) to,
            last = in(reg) len.wrapping_sub(64),
            at = inout(reg) 0usize => _,
            a = out(xmm_reg) _,
            b = out(xmm_reg) _,
            c = out(xmm_reg) _,
            d = out(xmm_reg) _,
            options(nostack),
        );
    }
}

/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
unsafe fn string(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: in bounds, initialised and shared by bytes only, by this function's contract; the direction flag is clear
    // on entry to assembly; the effect is that of the reference implementation (P15 asm-memory, P16 black-box, P17
    // asm-model).
    unsafe {
        asm!(
            "rep movsb",
            inout("rsi") from => _,
            inout("rdi") to => _,
            inout("rcx") len => _,
            options(nostack, preserves_flags),
        );
    }
}

/// Every path through this file and `moves`, for the tests.
#[cfg(test)]
pub(super) fn paths() -> std::vec::Vec<super::tests::Path> {
    use super::blocks::short;
    use moves::{store_avx, store_sse2};

    /// # Safety
    /// The contract of `avx`.
    unsafe fn avx_unaligned(from: *const u8, to: *mut u8, len: usize) {
        same_contract!(avx(from, to, len, 0));
    }

    /// # Safety
    /// The contract of `avx`.
    unsafe fn avx_aligned(from: *const u8, to: *mut u8, len: usize) {
        same_contract!(avx(from, to, len, 31));
    }

    /// # Safety
    /// The contract of `avx512`.
    unsafe fn avx512_forward(from: *const u8, to: *mut u8, len: usize) {
        same_contract!(avx512_in_order(from, to, len, false));
    }

    /// # Safety
    /// The contract of `avx512`.
    unsafe fn avx512_backward(from: *const u8, to: *mut u8, len: usize) {
        same_contract!(avx512_in_order(from, to, len, true));
    }

    let mut all: std::vec::Vec<super::tests::Path> = std::vec![
        ("load", 1, load_run),
        ("store", 1, store_run),
        ("store of spans", 1, store_span),
        ("in memory", 1, in_memory),
        ("short load", 1, short::<ToPrivate>),
        ("short store", 1, short::<ToShared>),
        ("short store of spans", 1, short::<SpanToShared>),
        ("sse2", 65, sse2),
        ("string", 0, string),
        ("long", LONG, long),
        ("long store", LONG, store_long),
        ("sse2 store", 80, store_sse2::<ToShared>),
    ];
    // Every move that the processor can make, even if `Moves` would not choose it.
    let has = moves::Processor::this();
    if has.avx {
        all.push(("avx", 129, avx_unaligned));
        all.push(("avx, aligned", 160, avx_aligned));
        all.push(("avx store", LONG, store_avx::<0>));
        all.push(("avx store, aligned", LONG, store_avx::<31>));
    }
    if has.avx512 {
        all.push(("avx512", 320, avx512));
        all.push(("avx512, forward", 320, avx512_forward));
        all.push(("avx512, backward", 320, avx512_backward));
        all.push(("avx512 store", LONG, store_avx::<63>));
    }
    all
}
