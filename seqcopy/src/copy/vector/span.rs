//! Stores of spans, runs of data with padding between that are moved as a whole; in a file of its own as only builds with vector blocks have it.
//!
//! What they store to the padding of the shared side is *some* byte, chosen each time: which one, nothing may depend on. That
//! the blocks take what lies in the padding of the private side is no part of their story (docs/reference/soundness.md, "Spans"). Such a byte
//! may be uninitialised, so it never becomes a value of Rust's, nor of the compiler's: unlike the blocks of `blocks.rs`, these go
//! from memory to memory.

use super::blocks::copy;

/// From private to shared memory, padding included.
pub(super) struct SpanToShared;

/// Implements `Blocks` for [`SpanToShared`]: takes the function that copies long runs, and for each block the names of the registers
/// and their class; then the instructions that load, and those that store.
macro_rules! span_blocks {
    (long: $long:ident;
     $($name:ident: $($register:ident),* in $class:ident; $($load:literal),*; $($store:literal),*;)*) => {
        impl super::blocks::Blocks for super::span::SpanToShared {
            $(
                #[inline(always)]
                unsafe fn $name(from: *const u8, to: *mut u8, at: usize) {
                    // SAFETY: in bounds, the data bytes initialised and not written meanwhile, those at `to` shared by bytes only,
                    // by this function's contract; the effect is that of the reference implementation, `spans::store` of
                    // `fallback.rs` (P15 asm-memory, P16 black-box, P17 asm-model).
                    unsafe {
                        asm!(
                            $($load,)*
                            $($store,)*
                            from = in(reg) from.wrapping_add(at),
                            to = in(reg) to.wrapping_add(at),
                            $($register = out($class) _,)*
                            options(nostack, preserves_flags),
                        );
                    }
                }
            )*

            #[inline(always)]
            unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
                // SAFETY: it goes from memory to memory, too; the rest is this function's contract.
                unsafe { $long(from, to, len) };
            }
        }
    };
}
pub(super) use span_blocks;

/// Copies a span of `len` bytes from private memory to shared memory; to its padding there, any bytes.
///
/// # Safety
/// The contract of the `spans::store` of `fallback.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_span(private: *const u8, shared: *mut u8, len: usize) {
    same_contract!(copy::<SpanToShared>(private, shared, len));
}
