//! Runs with vector instructions. This file has the part that the backends share: a backend adds its blocks of
//! assembly, and a loop for long runs.
//!
//! A block is assembly that moves some bytes between *shared* memory and registers. Ordinary Rust moves them between
//! registers and private memory, and the compiler can optimise that part. So a value that was just made, or that is
//! used right after the read, can stay in registers, and a read by value is one copy.
//!
//! The same blocks load spans, which are data with padding between. The padding arrives in the registers with the data,
//! so the type of the registers is `MaybeUninit`. Spans are stored by other blocks. These store *some* byte to each
//! byte of padding on the shared side, chosen again each time, and nothing may depend on which one it is. In fact they
//! copy the padding of the private side, but the soundness argument does not use that (docs/reference/soundness.md,
//! "Spans"). Such a byte may be uninitialised, so it must never be in a variable of Rust. Therefore these blocks go
//! from memory to memory.

use super::words::LONG;

/// From this length on, a run is moved by vector instructions.
pub(in crate::copy) const RUN: usize = 16;

/// Implements [`Blocks`]. Its arguments are the functions that load and store long runs, then for each block the names
/// of its registers, the offset of each register's bytes, the register class and the Rust type, and the instructions
/// that load and store.
macro_rules! blocks {
    (declare $($name:ident)*) => {$(
        /// # Safety
        /// The contract of the `copy` of `words.rs`, for as many bytes from `at` on as the name says.
        unsafe fn $name(from: *const u8, to: *mut u8, at: usize);
    )*};
    (long: $long:ident, $store_long:ident;
     $($name:ident: $($register:ident $offset:literal),* in $class:ident $type:ident;
       $($load:literal),*; $($store:literal),*;)*) => {
        impl Blocks for ToPrivate {
            $(
                #[inline(always)]
                unsafe fn $name(shared: *const u8, private: *mut u8, at: usize) {
                    $(let $register: core::mem::MaybeUninit<$type>;)*
                    // SAFETY: in bounds, and shared by bytes only, by this function's contract; the effect is that of
                    // the reference implementation, where padding becomes uninitialised bytes of the registers (P15
                    // asm-memory, P16 black-box, P17 asm-model).
                    unsafe {
                        asm!(
                            $($load,)*
                            shared = in(reg) shared.wrapping_add(at),
                            $($register = out($class) $register,)*
                            options(nostack, preserves_flags),
                        );
                    }
                    let private = private.wrapping_add(at);
                    $(
                        // SAFETY: in bounds, and this thread's alone, by this function's contract (I4 private).
                        unsafe { private.wrapping_add($offset).cast::<core::mem::MaybeUninit<$type>>().write_unaligned($register) };
                    )*
                }
            )*

            #[inline(always)]
            unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
                same_contract!($long(from, to, len));
            }
        }

        impl Blocks for ToShared {
            $(
                #[inline(always)]
                unsafe fn $name(private: *const u8, shared: *mut u8, at: usize) {
                    let private = private.wrapping_add(at);
                    $(
                        // SAFETY: in bounds, initialised, and not written meanwhile, by this function's contract
                        // (I4 private).
                        let $register = unsafe { private.wrapping_add($offset).cast::<$type>().read_unaligned() };
                    )*
                    // SAFETY: in bounds, and shared by bytes only, by this function's contract; the effect is that of
                    // the reference implementation (P15 asm-memory, P16 black-box, P17 asm-model).
                    unsafe {
                        asm!(
                            $($store,)*
                            shared = in(reg) shared.wrapping_add(at),
                            $($register = in($class) $register,)*
                            options(nostack, preserves_flags),
                        );
                    }
                }
            )*

            #[inline(always)]
            unsafe fn long(from: *const u8, to: *mut u8, len: usize) {
                same_contract!($store_long(from, to, len));
            }
        }
    };
}
pub(super) use blocks;

/// One direction of a copy with the blocks of a backend. The `blocks` macro implements it.
pub(super) trait Blocks {
    blocks! { declare block1 block2 block4 block8 block16 block32 block64 }

    /// # Safety
    /// The contract of the `copy` of `words.rs`; at least [`LONG`] bytes.
    unsafe fn long(from: *const u8, to: *mut u8, len: usize);
}

/// From shared memory.
pub(super) struct ToPrivate;

/// To shared memory.
pub(super) struct ToShared;

/// Copies a run or a span of `len` bytes from shared memory to private memory.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn load_run(shared: *const u8, private: *mut u8, len: usize) {
    same_contract!(copy::<ToPrivate>(shared, private, len));
}

/// Copies a run of `len` bytes from private memory to shared memory.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_run(private: *const u8, shared: *mut u8, len: usize) {
    same_contract!(copy::<ToShared>(private, shared, len));
}

/// Does the same as [`load_run`], for a value that the compiler keeps in registers: blocks one after the other, at any
/// length. A loop needs an address, so it would move the value through memory. At 256 bytes that takes twice as long if
/// the value was just made or goes to an existing place, and half as long if it is in memory on both sides.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn load_to_registers(shared: *const u8, private: *mut u8, len: usize) {
    same_contract!(short::<ToPrivate>(shared, private, len));
}

/// Does the same as [`store_run`], for a value that may be in registers.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_registers(private: *const u8, shared: *mut u8, len: usize) {
    same_contract!(short::<ToShared>(private, shared, len));
}

/// Does the same as [`load_run`] for the bytes of a `W`, with one block. A `W` has 1, 2, 4 or 8 bytes.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn load_word<W>(shared: *const u8, private: *mut u8) {
    same_contract!(word::<ToPrivate, W>(shared, private));
}

/// Does the same as [`store_run`] for the bytes of a `W`, with one block. A `W` has 1, 2, 4 or 8 bytes.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_word<W>(private: *const u8, shared: *mut u8) {
    same_contract!(word::<ToShared, W>(private, shared));
}

/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
unsafe fn word<B: Blocks, W>(from: *const u8, to: *mut u8) {
    if const { size_of::<W>() == 8 } {
        // SAFETY: a `W`, which has 8 bytes, by this function's contract (I4 private).
        unsafe { B::block8(from, to, 0) };
    } else if const { size_of::<W>() == 4 } {
        // SAFETY: a `W`, which has 4 bytes, by this function's contract (I4 private).
        unsafe { B::block4(from, to, 0) };
    } else if const { size_of::<W>() == 2 } {
        // SAFETY: a `W`, which has 2 bytes, by this function's contract (I4 private).
        unsafe { B::block2(from, to, 0) };
    } else {
        const { assert!(matches!(size_of::<W>(), 1 | 2 | 4 | 8)) }
        // SAFETY: a `W`, which has 1 byte, by this function's contract (I4 private).
        unsafe { B::block1(from, to, 0) };
    }
}

/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(super) unsafe fn copy<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    if len < LONG {
        same_contract!(short::<B>(from, to, len));
    } else {
        same_contract!(B::long(from, to, len));
    }
}

/// Straight-line code, because the length is a constant: blocks of 64 bytes, then one of 32, one of 16, and the rest.
///
/// The rest usually takes one or two smaller moves. Where it would take three or four, one more block of 16 bytes is
/// moved, which ends where the run ends. It overlaps the block before it, so the two can't both stay in registers. That
/// block comes first: code that uses the value next loads words counted from its beginning, and a processor forwards a
/// store to such a load only if all bytes come from one store, the last one.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(super) unsafe fn short<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    let mut at = 0usize;
    // `at` is never after the end, so nothing wraps. A check could panic in the middle of a write (I9 no-panic).
    let left = |at| len.wrapping_sub(at);
    let overlaps = len >= 16 && (len & 15).count_ones() > 2;
    if overlaps {
        // SAFETY: the last 16 bytes are inside, since there are as many; the rest is the same contract.
        unsafe { B::block16(from, to, len.wrapping_sub(16)) };
    }
    macro_rules! step {
        ($block:ident $bytes:literal) => {
            if left(at) >= $bytes {
                // SAFETY: this many bytes from `at` on are inside; the rest is the same contract.
                unsafe { B::$block(from, to, at) };
                at = at.wrapping_add($bytes);
            }
        };
    }
    while left(at) >= 64 {
        step!(block64 64);
    }
    step!(block32 32);
    step!(block16 16);
    if overlaps {
        return;
    }
    step!(block8 8);
    step!(block4 4);
    step!(block2 2);
    if at < len {
        // SAFETY: the last byte; the rest is the same contract.
        unsafe { B::block1(from, to, at) };
    }
}

/// Copies a long run with blocks of 64 bytes, from the next multiple of 16 of the destination on. For stores, where the
/// private side must not be passed to assembly.
///
/// A function that only reads through a pointer and keeps it nowhere can be given the original of a value instead of a
/// copy that the caller makes: `lock.write(*value)` then copies once. The compiler infers this of Rust code, not of
/// assembly, and only of functions that it compiles in the same crate: those that are generic, and not
/// `#[inline(never)]`, which crates share.
///
/// # Safety
/// The contract of the `copy` of `words.rs`; at least 80 bytes.
pub(super) unsafe fn by_blocks<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    let mut at = to.addr().wrapping_neg() & 15;
    if at != 0 {
        // SAFETY: the first 16 bytes are inside, some of which are copied again; the rest is the same contract.
        unsafe { B::block16(from, to, 0) };
    }
    let last = len.wrapping_sub(64);
    while at < last {
        // SAFETY: more than 64 bytes from here on; the rest is the same contract.
        unsafe { B::block64(from, to, at) };
        at = at.wrapping_add(64);
    }
    // SAFETY: the last 64 bytes, some of which may have been copied; the rest is the same contract.
    unsafe { B::block64(from, to, last) };
}

/// From private to shared memory, padding included.
pub(super) struct SpanToShared;

/// Implements `Blocks` for [`SpanToShared`]. Its arguments are the function that copies long runs, then for each block
/// the names of its registers and their class, and the instructions that load and store.
macro_rules! span_blocks {
    (long: $long:ident;
     $($name:ident: $($register:ident),* in $class:ident; $($load:literal),*; $($store:literal),*;)*) => {
        impl super::blocks::Blocks for super::blocks::SpanToShared {
            $(
                #[inline(always)]
                unsafe fn $name(from: *const u8, to: *mut u8, at: usize) {
                    // SAFETY: in bounds, the data bytes initialised and not written meanwhile, those at `to` shared by
                    // bytes only, by this function's contract; the effect is that of the reference implementation,
                    // `spans::store` of `words.rs` (P15 asm-memory, P16 black-box, P17 asm-model).
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

/// Copies a span of `len` bytes from private memory to shared memory. Its padding there receives any bytes.
/// # Safety
/// The contract of the `spans::store` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_span(private: *const u8, shared: *mut u8, len: usize) {
    same_contract!(copy::<SpanToShared>(private, shared, len));
}
