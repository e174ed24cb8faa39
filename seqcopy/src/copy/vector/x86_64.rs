//! Long dense runs on x86-64, by SSE2, by AVX and AVX-512 where the processor has them, by `rep movsb` where none of them pays.
//!
//! Every block of assembly here has the effect of relaxed atomic loads and stores of single bytes, in some order, some of
//! them twice: that of the reference implementation, the `copy` of `fallback.rs`. The processor does more than that needs: aligned
//! pieces of a vector move are not torn either. At the end of a long run blocks overlap rather than become smaller: a byte that is
//! copied twice is still a byte that was loaded after the copy began and stored before it ends.
//!
//! Options: never `nomem`, `readonly` or `pure`, which would promise that no other thread is concerned (P15 asm-memory).
//! No fence is here either; the protocol's stand in Rust.
//!
//! Measured on a Zen 4 (AMD EPYC, one thread, data in the first-level cache), median of 41 rounds, nanoseconds a copy:
//!
//! | bytes | words | SSE2 | AVX | `rep movsb` | libc's memcpy |
//! |---|---|---|---|---|---|
//! | 64 | 3.2 | 1.9 | 2.2 | 3.8 | 2.4 |
//! | 256 | 8.0 | 5.0 | 3.3 | 10.6 | 3.3 |
//! | 1024 | 27 | 17 | 9.2 | 17.6 | 9.8 |
//! | 4096 | 105 | 69 | 35 | 43 | 43 |
//! | 65536 | 1863 | 1117 | 1146 | 1145 | 1148 |
//!
//! On a Zen 5 (AMD EPYC), from 64-byte boundaries to 16 bytes behind one, and both sides 8 bytes behind; best of 300 rounds:
//!
//! | bytes | AVX | AVX, aligned | AVX-512, aligned | `rep movsb` | libc's memcpy |
//! |---|---|---|---|---|---|
//! | 512 | 4.8, 4.7 | 5.2, 4.7 | 4.9, 4.7 | 25, 14 | 4.1, 5.0 |
//! | 1024 | 8.1, 8.4 | 9.4, 8.6 | 8.2, 6.4 | 27, 17 | 8.7, 7.0 |
//! | 4096 | 32, 32 | 30, 28 | 25, 24 | 47, 32 | 47, 31 |
//! | 16384 | 126, 128 | 120, 100 | 85, 76 | 141, 111 | 142, 110 |
//! | 65536 | 744, 661 | 719, 571 | 759, 568 | 754, 559 | 749, 558 |
//!
//! On a Sapphire Rapids (Intel Xeon) aligned stores halved the time of writes of 4 KiB and more.

use core::arch::asm;
use core::arch::x86_64::{__cpuid_count, __m128i};

use crate::primitive::Relaxed;
use crate::primitive::bytes::AtomicU8;

use super::blocks::{Blocks, ToPrivate, ToShared, blocks};
pub(in crate::copy) use super::blocks::{RUN, load, store};

/// From here on it is worth a move more to go on where the destination is aligned; and without AVX the string instruction is faster
/// than a loop, where the processor says that it is fast.
const ALIGNED: usize = 1024;

/// From here on, two such pieces of memory don't fit into the first-level cache: the string instruction is as fast as any loop there,
/// and faster where the two sides lie differently.
const OUT_OF_CACHE: usize = 32768;

blocks! {
    long: long;
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

/// # Safety
/// As for the `copy` of `fallback.rs`; at least 192 bytes.
#[inline(always)]
unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
    if len >= ALIGNED {
        // SAFETY: the same contract, and as many bytes.
        unsafe { longer(from, to, len) };
    } else if Features::get().avx() {
        // SAFETY: the same contract; more than 128 bytes, and the processor has AVX.
        unsafe { avx(from, to, len, 0) };
    } else {
        // SAFETY: the same contract; more than 64 bytes.
        unsafe { sse2(from, to, len) };
    }
}

/// A call costs nothing to speak of here, and there is one copy of this code.
///
/// # Safety
/// As for the `copy` of `fallback.rs`; at least [`ALIGNED`] bytes.
#[inline(never)]
unsafe fn longer(from: *const u8, to: *mut u8, len: usize) {
    let has = Features::get();
    if has.fast_string() && (len >= OUT_OF_CACHE || !has.avx()) {
        // SAFETY: the same contract.
        unsafe { string(from, to, len) };
    } else if has.avx512() {
        // SAFETY: the same contract; more than 320 bytes, and the processor has AVX-512F.
        unsafe { avx512(from, to, len) };
    } else if has.avx() {
        // SAFETY: the same contract; more than 160 bytes, and the processor has AVX.
        unsafe { avx_aligned(from, to, len) };
    } else {
        // SAFETY: the same contract; more than 64 bytes.
        unsafe { sse2(from, to, len) };
    }
}

/// What the processor, and the system under it, can do. Found once.
#[derive(Clone, Copy)]
struct Features(u8);

impl Features {
    const FOUND: u8 = 1;
    const AVX: u8 = 2;
    const AVX512: u8 = 4;
    const STRING: u8 = 8;

    #[inline(always)]
    fn get() -> Features {
        /// [`Features`], or 0 before they were looked for. All who look find the same, so no order is needed.
        static FEATURES: AtomicU8 = AtomicU8::new(0);
        #[cold]
        fn find() -> u8 {
            let found = Features::find();
            FEATURES.store(found, Relaxed);
            found
        }
        match FEATURES.load(Relaxed) {
            0 => Features(find()),
            found => Features(found),
        }
    }

    /// By `cpuid`, and by the system's word that it keeps the registers; the latter takes `std`.
    fn find() -> u8 {
        #[cfg(feature = "std")]
        let (avx, avx512) =
            (std::arch::is_x86_feature_detected!("avx"), std::arch::is_x86_feature_detected!("avx512f"));
        #[cfg(not(feature = "std"))]
        let (avx, avx512) = (cfg!(target_feature = "avx"), cfg!(target_feature = "avx512f"));
        // "Enhanced `rep movsb`": Intel, Software Developer's Manual, volume 2, `CPUID`, leaf 7, bit 9 of `ebx`.
        #[allow(unused_unsafe)] // safe functions since 1.94
        let fast_string = {
            // SAFETY: every x86-64 processor has `cpuid` outside of enclaves, where this backend is not chosen; it touches no memory (P15 asm-memory).
            let last = unsafe { __cpuid_count(0, 0) }.eax;
            // SAFETY: as above.
            let features = unsafe { __cpuid_count(7, 0) }.ebx;
            last >= 7 && features & 1 << 9 != 0
        };
        let bit = |is, bit| if is { bit } else { 0 };
        Features::FOUND | bit(avx, Features::AVX) | bit(avx512, Features::AVX512) | bit(fast_string, Features::STRING)
    }

    #[inline(always)]
    fn avx(self) -> bool {
        self.0 & Features::AVX != 0
    }

    #[inline(always)]
    fn avx512(self) -> bool {
        self.0 & Features::AVX512 != 0
    }

    #[inline(always)]
    fn fast_string(self) -> bool {
        self.0 & Features::STRING != 0
    }
}

/// Copies all from `start` on; some bytes before may be copied as well.
///
/// # Safety
/// As for the `copy` of `fallback.rs`; more than 128 bytes from `start` on, and the processor has AVX.
#[inline(always)]
unsafe fn avx(from: *const u8, to: *mut u8, len: usize, start: usize) {
    // SAFETY: every block begins at most 128 bytes before the end, so it is in bounds; initialised and shared by bytes only,
    // by this function's contract; the effect is that of the reference implementation (P15 asm-memory, P16 black-box,
    // P17 asm-model).
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
            at = inout(reg) start => _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            // `vzeroupper` concerns all of them.
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}

/// One register by itself, then on from the next multiple of 32 of the destination: a store that crosses a cache line costs more than
/// a load that does, on some processors twice as much.
///
/// # Safety
/// As for the `copy` of `fallback.rs`; more than 160 bytes, and the processor has AVX.
#[inline(always)]
unsafe fn avx_aligned(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: as in `avx`, of the first 32 bytes (P15 asm-memory, P16 black-box, P17 asm-model). The upper halves of the
    // registers are cleared by what follows.
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
    // SAFETY: the same contract; the bytes before the start have been copied.
    unsafe { avx(from, to, len, 32usize.wrapping_sub(to.addr() & 31)) };
}

/// [`avx_aligned`] by registers of 64 bytes.
///
/// # Safety
/// As for the `copy` of `fallback.rs`; more than 320 bytes, and the processor has AVX-512F.
#[inline(always)]
unsafe fn avx512(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: as in `avx`, with blocks of 256 bytes (P15 asm-memory, P16 black-box, P17 asm-model).
    unsafe {
        asm!(
            "vmovups zmm0, [{from}]",
            "vmovups [{to}], zmm0",
            "2:",
            "vmovups zmm0, [{from} + {at}]",
            "vmovups zmm1, [{from} + {at} + 64]",
            "vmovups zmm2, [{from} + {at} + 128]",
            "vmovups zmm3, [{from} + {at} + 192]",
            "vmovups [{to} + {at}], zmm0",
            "vmovups [{to} + {at} + 64], zmm1",
            "vmovups [{to} + {at} + 128], zmm2",
            "vmovups [{to} + {at} + 192], zmm3",
            "add {at}, 256",
            "cmp {at}, {last}",
            "jb 2b",
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
            last = in(reg) len.wrapping_sub(256),
            at = inout(reg) 64usize.wrapping_sub(to.addr() & 63) => _,
            out("xmm0") _, out("xmm1") _, out("xmm2") _, out("xmm3") _,
            out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _,
            out("xmm8") _, out("xmm9") _, out("xmm10") _, out("xmm11") _,
            out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            options(nostack),
        );
    }
}

/// # Safety
/// As for the `copy` of `fallback.rs`; more than 64 bytes.
#[inline(always)]
unsafe fn sse2(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: as in `avx`, with blocks of 64 bytes (P15 asm-memory, P16 black-box, P17 asm-model).
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
/// As for the `copy` of `fallback.rs`.
#[inline(always)]
unsafe fn string(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: in bounds, initialised and shared by bytes only, by this function's contract; the direction flag is clear on
    // entry to assembly; the effect is that of the reference implementation (P15 asm-memory, P16 black-box,
    // P17 asm-model).
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

/// Every path through this file, for the tests.
#[cfg(test)]
pub(super) fn paths() -> std::vec::Vec<super::tests::Path> {
    use super::blocks::{LONG, short};

    /// # Safety
    /// That of `avx`.
    unsafe fn avx_whole(from: *const u8, to: *mut u8, len: usize) {
        // SAFETY: the same contract.
        unsafe { avx(from, to, len, 0) };
    }

    let mut all: std::vec::Vec<super::tests::Path> = std::vec![
        ("load", RUN, load),
        ("store", RUN, store),
        ("short load", RUN, short::<ToPrivate>),
        ("short store", RUN, short::<ToShared>),
        ("sse2", 65, sse2),
        ("string", 0, string),
        ("long", LONG, long),
    ];
    let has = Features::get();
    if has.avx() {
        all.push(("avx", 129, avx_whole));
        all.push(("avx, aligned", 161, avx_aligned));
    }
    if has.avx512() {
        all.push(("avx512", 321, avx512));
    }
    all
}
