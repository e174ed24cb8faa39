//! Runs by vector instructions: what the backends have in common. A backend adds its blocks, and a loop for long runs.
//!
//! A block is assembly that moves some bytes between *shared* memory and registers. Between registers and private memory they
//! are moved by ordinary Rust, which the compiler sees into: a value that was just made, or is looked at once it was read, can
//! stay in registers, and a read by value is one copy.
//!
//! Loads move spans, runs of data with padding between, too. Padding arrives in the registers with the rest, so their type is `MaybeUninit`.
//! Stores of spans are made by other blocks. What they store to the padding of the shared side is *some* byte, chosen each time: which one,
//! nothing may depend on. That the blocks take what lies in the padding of the private side is no part of their story
//! (docs/reference/soundness.md, "Spans"). Such a byte may be uninitialised, so it never becomes a value of Rust's, nor of the compiler's:
//! unlike the other blocks, these go from memory to memory.

use super::words::LONG;

/// From this length on, a run is moved by vector instructions.
pub(in crate::copy) const RUN: usize = 16;

/// Implements [`Blocks`]: takes the functions that load and that store long runs, and for each block the names of the registers, the offset of
/// the bytes of each, their register class and their Rust type; then the instructions that load, and those that store.
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
                    // SAFETY: in bounds, and shared by bytes only, by this function's contract; the effect is that of the
                    // reference implementation, where padding becomes uninitialised bytes of the registers (P15 asm-memory,
                    // P16 black-box, P17 asm-model).
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
                    // SAFETY: in bounds, and shared by bytes only, by this function's contract; the effect is that of the
                    // reference implementation (P15 asm-memory, P16 black-box, P17 asm-model).
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

/// One direction of a copy, as a backend makes it. The `blocks` macro implements it.
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

/// [`load_run`] for a value that the compiler is to keep in registers: blocks one by one, at any length. A loop takes an address, and so
/// the value through memory: at 256 bytes that is twice as slow where a value was just made, or is put into an existing place, and
/// twice as fast where it lies in memory on both sides.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn load_to_registers(shared: *const u8, private: *mut u8, len: usize) {
    same_contract!(short::<ToPrivate>(shared, private, len));
}

/// [`store_run`] of a value that the compiler may have in registers.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_registers(private: *const u8, shared: *mut u8, len: usize) {
    same_contract!(short::<ToShared>(private, shared, len));
}

/// [`load_run`] of as many bytes as a `W` has, 1, 2, 4 or 8, by one block.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn load_word<W>(shared: *const u8, private: *mut u8) {
    same_contract!(word::<ToPrivate, W>(shared, private));
}

/// [`store_run`] of as many bytes as a `W` has, 1, 2, 4 or 8, by one block.
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

/// Straight-line code, since the length is a constant: blocks of 64 bytes, then one of 32, one of 16, and what is left.
///
/// What is left mostly takes one or two smaller moves. Where it would take three or four, one more block of 16 bytes ends where
/// the run ends: fewer moves, but blocks that overlap can't stay in registers. That block comes first: code that looks at the value next
/// does so in words counted from its beginning, and a processor passes a store on to such a load only if the bytes are all of one store,
/// the last one.
///
/// # Safety
/// The contract of the `copy` of `words.rs`.
#[inline(always)]
pub(super) unsafe fn short<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    let mut at = 0usize;
    // `at` is never after the end: nothing wraps, and nothing is checked in the middle of a write (I9 no-panic).
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

/// A long run by blocks of 64 bytes, from the next multiple of 16 of the destination on. For stores, where the private side must not
/// be passed to assembly.
///
/// A function that only reads through a pointer and keeps it nowhere can be given the original of a value instead of a copy that the
/// caller makes: `lock.write(*value)` then copies once. The compiler infers this of Rust code, not of assembly, and only of functions
/// that it compiles in the same crate: those that are generic, and not `#[inline(never)]`, which crates share.
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

/// Implements `Blocks` for [`SpanToShared`]: takes the function that copies long runs, and for each block the names of the registers
/// and their class; then the instructions that load, and those that store.
macro_rules! span_blocks {
    (long: $long:ident;
     $($name:ident: $($register:ident),* in $class:ident; $($load:literal),*; $($store:literal),*;)*) => {
        impl super::blocks::Blocks for super::blocks::SpanToShared {
            $(
                #[inline(always)]
                unsafe fn $name(from: *const u8, to: *mut u8, at: usize) {
                    // SAFETY: in bounds, the data bytes initialised and not written meanwhile, those at `to` shared by bytes only,
                    // by this function's contract; the effect is that of the reference implementation, `spans::store` of
                    // `words.rs` (P15 asm-memory, P16 black-box, P17 asm-model).
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
/// The contract of the `spans::store` of `words.rs`.
#[inline(always)]
pub(in crate::copy) unsafe fn store_span(private: *const u8, shared: *mut u8, len: usize) {
    same_contract!(copy::<SpanToShared>(private, shared, len));
}
