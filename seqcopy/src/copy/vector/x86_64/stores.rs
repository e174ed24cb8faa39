//! Stores of long runs, whose private side is read by Rust instead of assembly ([`by_blocks`] says why).

use core::arch::asm;
use core::arch::x86_64::__m256i;

use super::super::blocks::{Blocks, ToShared, by_blocks};
use super::moves::Moves;
use super::{OUT_OF_CACHE, WIDE, string};

/// The `long` of stores. Runs that leave the cache go from memory to memory even so.
///
/// # Safety
/// The contract of the `copy` of `fallback.rs`; at least 192 bytes.
#[inline(always)]
pub(super) unsafe fn store_long(from: *const u8, to: *mut u8, len: usize) {
    let moves = Moves::get();
    if len >= OUT_OF_CACHE && moves.has(Moves::STRING) {
        same_contract!(string(from, to, len));
    } else if len >= WIDE && moves.has(Moves::AVX512) {
        // SAFETY: at least 192 bytes, and the processor has AVX-512F; the rest is this function's contract.
        unsafe { store_avx::<63>(from, to, len) };
    } else if moves.has(Moves::ALIGNED) {
        // SAFETY: at least 192 bytes, and the processor has AVX; the rest is this function's contract.
        unsafe { store_avx::<31>(from, to, len) };
    } else if moves.has(Moves::AVX) {
        // SAFETY: at least 192 bytes, and the processor has AVX; the rest is this function's contract.
        unsafe { store_avx::<0>(from, to, len) };
    } else {
        // SAFETY: at least 80 bytes; the rest is this function's contract.
        unsafe { store_sse2::<ToShared>(from, to, len) };
    }
}

/// # Safety
/// The contract of the `copy` of `fallback.rs`; at least 80 bytes.
#[cold]
pub(super) unsafe fn store_sse2<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    same_contract!(by_blocks::<B>(from, to, len));
}

/// The `avx` of stores. With a mask of 63, registers of 32 bytes are joined to stores of 64.
///
/// # Safety
/// The contract of the `copy` of `fallback.rs`; at least 192 bytes, and the processor has AVX, for a mask of 63 AVX-512F.
#[target_feature(enable = "avx")]
#[allow(clippy::cast_ptr_alignment)] // unaligned loads
pub(super) unsafe fn store_avx<const MASK: usize>(from: *const u8, to: *mut u8, len: usize) {
    macro_rules! block {
        (32 at $at:expr) => {
            block!($at, a 0; "vmovups [{to} + {at}], {a}"; "vmovups [{to} + {at}], {a}")
        };
        (64 at $at:expr) => {
            block!($at, a 0 b 1;
                "vmovups [{to} + {at}], {a}", "vmovups [{to} + {at} + 32], {b}";
                "vinserti64x4 {a:z}, {a:z}, {b:y}, 1", "vmovups [{to} + {at}], {a:z}")
        };
        (128 at $at:expr) => {
            block!($at, a 0 b 1 c 2 d 3;
                "vmovups [{to} + {at}], {a}", "vmovups [{to} + {at} + 32], {b}",
                "vmovups [{to} + {at} + 64], {c}", "vmovups [{to} + {at} + 96], {d}";
                "vinserti64x4 {a:z}, {a:z}, {b:y}, 1", "vinserti64x4 {c:z}, {c:z}, {d:y}, 1",
                "vmovups [{to} + {at}], {a:z}", "vmovups [{to} + {at} + 64], {c:z}")
        };
        ($at:expr, $($register:ident $index:literal)*; $($narrow:literal),*; $($wide:literal),*) => {{
            let at: usize = $at;
            let from = from.wrapping_add(at).cast::<__m256i>();
            $(
                // SAFETY: in bounds: see below; initialised, and not written meanwhile, by this function's contract (I4 private).
                let $register = unsafe { from.wrapping_add($index).read_unaligned() };
            )*
            // SAFETY: blocks that lie in bounds, see below, of places that are this thread's or shared byte by byte (P15 asm-memory, P16
            // black-box, P17 asm-model). What a joined register has beyond 32 bytes is lost.
            unsafe {
                if MASK == 63 {
                    asm!($($wide,)* to = in(reg) to, at = in(reg) at,
                        $($register = inout(ymm_reg) $register => _,)* options(nostack, preserves_flags));
                } else {
                    asm!($($narrow,)* to = in(reg) to, at = in(reg) at,
                        $($register = in(ymm_reg) $register,)* options(nostack, preserves_flags));
                }
            }
        }};
    }
    let mut at = to.addr().wrapping_neg() & MASK;
    if at != 0 {
        if MASK == 63 {
            block!(64 at 0);
        } else {
            block!(32 at 0);
        }
    }
    // There are at least 192 bytes, and every block begins at most this many before the end as it has.
    let last = len.wrapping_sub(128);
    while at < last {
        block!(128 at at);
        at = at.wrapping_add(128);
    }
    block!(128 at last);
}
