//! Runs by vectors: what the backends have in common, and short runs whole. A backend adds its blocks, and `long`.
//!
//! A block is assembly that moves some bytes between *shared* memory and registers. Between registers and private memory they
//! are moved by ordinary Rust, which the compiler sees into: a value that was just made, or is looked at once it was read, can
//! stay in registers, and a read by value is one copy.

use super::vector;

/// From this length on, a run is moved by vectors.
pub(crate) const RUN: usize = 16;

/// From this length on a run is long: a loop is as fast there.
pub(super) const LONG: usize = 192;

/// Writes blocks: for each, what the registers are called, where the bytes of each belong, of which class they are and as what
/// the compiler knows them; then the instructions of either direction.
macro_rules! blocks {
    (declare $($name:ident)*) => {$(
        /// # Safety
        /// As for the `copy` of `vector.rs`, for as many bytes from `at` on as the name says.
        unsafe fn $name(from: *const u8, to: *mut u8, at: usize);
    )*};
    ($($name:ident: $($register:ident $offset:literal),* in $class:ident $type:ident;
       $($load:literal),*; $($store:literal),*;)*) => {
        impl Blocks for ToPrivate {$(
            #[inline(always)]
            unsafe fn $name(shared: *const u8, private: *mut u8, at: usize) {
                $(let $register: $type;)*
                // SAFETY: in bounds, initialised, and shared by bytes only, by this function's contract; the effect is that of
                // the story (P15, P16, P17).
                unsafe {
                    asm!(
                        $($load,)*
                        shared = in(reg) shared.wrapping_add(at),
                        $($register = out($class) $register,)*
                        options(nostack, preserves_flags),
                    );
                }
                $(
                    // SAFETY: in bounds, and this thread's alone, by this function's contract (I4).
                    unsafe { private.wrapping_add(at).wrapping_add($offset).cast::<$type>().write_unaligned($register) };
                )*
            }
        )*}

        impl Blocks for ToShared {$(
            #[inline(always)]
            unsafe fn $name(private: *const u8, shared: *mut u8, at: usize) {
                $(
                    // SAFETY: in bounds, initialised, and not written meanwhile, by this function's contract (I4).
                    let $register = unsafe { private.wrapping_add(at).wrapping_add($offset).cast::<$type>().read_unaligned() };
                )*
                // SAFETY: in bounds, and shared by bytes only, by this function's contract; the effect is that of the story
                // (P15, P16, P17).
                unsafe {
                    asm!(
                        $($store,)*
                        shared = in(reg) shared.wrapping_add(at),
                        $($register = in($class) $register,)*
                        options(nostack, preserves_flags),
                    );
                }
            }
        )*}
    };
}
pub(super) use blocks;

/// The blocks of a backend, in one direction.
pub(super) trait Blocks {
    blocks! { declare block1 block2 block4 block8 block16 block32 block64 }
}

/// From shared memory.
pub(super) struct ToPrivate;

/// To shared memory.
pub(super) struct ToShared;

/// Copies `len` bytes of shared memory, of which there are at least [`RUN`], to private memory.
///
/// # Safety
/// As for the `copy` of `vector.rs`.
#[inline(always)]
pub(super) unsafe fn load(shared: *const u8, private: *mut u8, len: usize) {
    // SAFETY: the same contract.
    unsafe { copy::<ToPrivate>(shared, private, len) };
}

/// The other way round.
///
/// # Safety
/// As for the `copy` of `vector.rs`.
#[inline(always)]
pub(super) unsafe fn store(private: *const u8, shared: *mut u8, len: usize) {
    // SAFETY: the same contract.
    unsafe { copy::<ToShared>(private, shared, len) };
}

/// # Safety
/// As for the `copy` of `vector.rs`.
#[inline(always)]
unsafe fn copy<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    if len < LONG {
        // SAFETY: the same contract.
        unsafe { short::<B>(from, to, len) };
    } else {
        // SAFETY: the same contract.
        unsafe { vector::long(from, to, len) };
    }
}

/// Straight-line code, since the length is a constant: blocks of 64 bytes, then one of 32, one of 16, and what is left.
///
/// That is one or two smaller moves most often. Where it would be three or four, it is one more block that ends where the run
/// ends: fewer moves, but blocks that overlap can't stay in registers.
///
/// # Safety
/// As for the `copy` of `vector.rs`; at least [`RUN`] bytes.
#[inline(always)]
pub(super) unsafe fn short<B: Blocks>(from: *const u8, to: *mut u8, len: usize) {
    let mut at = 0usize;
    // `at` is never behind the end: nothing wraps, and nothing is checked in the middle of a write (I9).
    let left = |at| len.wrapping_sub(at);
    macro_rules! step {
        ($block:ident $bytes:literal) => {
            if left(at) >= $bytes {
                // SAFETY: so many bytes from `at` on are inside; the rest is the same contract.
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
    if left(at).count_ones() > 2 {
        // SAFETY: the last 16 bytes are inside, since there are as many; the rest is the same contract.
        unsafe { B::block16(from, to, len.wrapping_sub(16)) };
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
