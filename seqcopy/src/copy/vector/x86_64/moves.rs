//! Which moves are fastest on a processor, asked once with `cpuid`. Also the stores of long runs, whose private side
//! Rust reads instead of assembly ([`by_blocks`] says why).

use core::arch::asm;
use core::arch::x86_64::{__cpuid_count, __m256i};

use super::super::blocks::{Blocks, ToShared, by_blocks};
use super::{OUT_OF_CACHE, WIDE, string};
use crate::primitive::Relaxed;
use crate::primitive::bytes::AtomicU8;

/// The fastest moves on this processor that the operating system allows. Found once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moves(u8);

impl Moves {
    const FOUND: u8 = 1;
    /// 256-bit registers.
    pub(super) const AVX: u8 = 2;
    /// 256-bit registers with aligned destinations, at every length. Where 512-bit registers are better, they pay
    /// before alignment does.
    pub(super) const ALIGNED: u8 = 4;
    /// 512-bit registers, from [`WIDE`](super::WIDE) on.
    pub(super) const AVX512: u8 = 8;
    /// The string instruction, from [`OUT_OF_CACHE`](super::OUT_OF_CACHE) on, or from [`WIDE`](super::WIDE) on without
    /// AVX.
    pub(super) const STRING: u8 = 16;

    #[inline(always)]
    pub(super) fn get() -> Moves {
        /// The chosen [`Moves`], or 0 if none are chosen yet. All threads choose the same, so no ordering is needed.
        static MOVES: AtomicU8 = AtomicU8::new(0);
        #[cold]
        fn find() -> u8 {
            let found = Moves::choose(&Processor::this()).0;
            MOVES.store(found, Relaxed);
            found
        }
        match MOVES.load(Relaxed) {
            0 => Moves(find()),
            found => Moves(found),
        }
    }

    #[inline(always)]
    pub(super) fn has(self, moves: u8) -> bool {
        self.0 & moves != 0
    }

    fn choose(processor: &Processor) -> Moves {
        // A Zen 4 moves 512 bits in two halves, and older processors of Intel slow down for them. All that move them at
        // full speed have AVX-VNNI, by which glibc decides as well.
        let wide = processor.avx512 && processor.seventh_1_eax & 1 << 4 != 0;
        let erms = processor.seventh_ebx & 1 << 9 != 0;
        let intel = processor.vendor == *b"Genu";
        let choice = [
            (true, Moves::FOUND),
            (processor.avx, Moves::AVX),
            (processor.avx && !wide, Moves::ALIGNED),
            (wide, Moves::AVX512),
            // On a Zen 4, AVX-512 is never faster than AVX, and 8 % slower if the two sides differ in alignment. On a
            // Zen 5 it is as fast. On Intel's processors, libc's `memcpy` uses it, too.
            (erms && (intel || !processor.avx), Moves::STRING),
        ];
        Moves(choice.into_iter().fold(0, |all, (is, bit)| if is { all | bit } else { all }))
    }
}

/// The facts that decide about [`Moves`]. For the bits of `cpuid`, see Intel's Software Developer's Manual, volume 2.
#[derive(Debug, Clone, Copy)]
pub(super) struct Processor {
    /// The first four bytes of the vendor's name.
    vendor: [u8; 4],
    /// Leaf 7: bit 9 is ERMS, "enhanced `rep movsb`".
    seventh_ebx: u32,
    /// Leaf 7, part 1: bit 4 is AVX-VNNI.
    seventh_1_eax: u32,
    /// Whether the processor has AVX, and the operating system saves its registers.
    pub(super) avx: bool,
    /// The same for AVX-512F.
    pub(super) avx512: bool,
}

impl Processor {
    pub(super) fn this() -> Processor {
        // Only `std` asks the operating system.
        #[cfg(feature = "std")]
        let (avx, avx512) =
            (std::arch::is_x86_feature_detected!("avx"), std::arch::is_x86_feature_detected!("avx512f"));
        #[cfg(not(feature = "std"))]
        let (avx, avx512) = (cfg!(target_feature = "avx"), cfg!(target_feature = "avx512f"));
        #[allow(unused_unsafe)] // a safe function since 1.94
        // SAFETY: every x86-64 processor has `cpuid` outside of enclaves, where this backend is not chosen; it touches
        // no memory (P15 asm-memory).
        let leaf = |leaf, part| unsafe { __cpuid_count(leaf, part) };
        let first = leaf(0, 0);
        let (ebx, parts) = if first.eax >= 7 { (leaf(7, 0).ebx, leaf(7, 0).eax) } else { (0, 0) };
        let part_1 = if parts >= 1 { leaf(7, 1).eax } else { 0 };
        Processor { vendor: first.ebx.to_le_bytes(), seventh_ebx: ebx, seventh_1_eax: part_1, avx, avx512 }
    }
}

/// The `long` of stores. Runs that are larger than the cache still go from memory to memory.
///
/// # Safety
/// The contract of the `copy` of `words.rs`; at least 192 bytes.
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
/// The contract of the `copy` of `words.rs`; at least 80 bytes.
#[cold]
pub(super) unsafe fn store_sse2<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    same_contract!(by_blocks::<B>(from, to, len));
}

/// The `avx` of stores. With a mask of 63, two registers of 32 bytes are joined, so that each store has 64 bytes.
/// # Safety
/// The contract of the `copy` of `words.rs`; at least 192 bytes, and the processor has AVX, for a mask of 63 AVX-512F.
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
                // SAFETY: in bounds: see below; initialised, and not written meanwhile, by this function's contract (I4
                // private).
                let $register = unsafe { from.wrapping_add($index).read_unaligned() };
            )*
            // SAFETY: blocks that lie in bounds, see below, of places that are this thread's or shared byte by byte
            // (P15 asm-memory, P16 black-box, P17 asm-model). What a joined register has beyond 32 bytes is lost.
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
    // At least 192 bytes are left, and every block begins at least its own size before the end.
    let last = len.wrapping_sub(128);
    while at < last {
        block!(128 at at);
        at = at.wrapping_add(128);
    }
    block!(128 at last);
}

#[cfg(test)]
mod tests {
    use super::{Moves, Processor};

    #[test]
    fn moves_by_processor() {
        let erms = 1 << 9;
        let old = Processor { vendor: *b"Auth", seventh_ebx: 0, seventh_1_eax: 0, avx: false, avx512: false };
        let zen_3 = Processor { seventh_ebx: erms, avx: true, ..old };
        let zen_4 = Processor { avx512: true, ..zen_3 };
        let zen_5 = Processor { seventh_1_eax: 1 << 4, ..zen_4 };
        let skylake = Processor { vendor: *b"Genu", ..zen_4 };
        let alder_lake = Processor { vendor: *b"Genu", seventh_1_eax: 1 << 4, ..zen_3 };
        let sapphire_rapids = Processor { vendor: *b"Genu", ..zen_5 };
        let without_registers = Processor { avx: false, avx512: false, ..zen_4 };
        for (processor, moves) in [
            (old, 0),
            (without_registers, Moves::STRING),
            (zen_3, Moves::AVX | Moves::ALIGNED),
            (zen_4, Moves::AVX | Moves::ALIGNED),
            (zen_5, Moves::AVX | Moves::AVX512),
            (skylake, Moves::AVX | Moves::ALIGNED | Moves::STRING),
            (alder_lake, Moves::AVX | Moves::ALIGNED | Moves::STRING),
            (sapphire_rapids, Moves::AVX | Moves::AVX512 | Moves::STRING),
        ] {
            assert_eq!(Moves::choose(&processor), Moves(Moves::FOUND | moves), "{processor:?}");
        }
    }
}
