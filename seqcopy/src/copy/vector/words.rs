//! One access: a relaxed atomic load or store of a word or a pointer. This file also copies runs byte by byte, without
//! vectors. It is the backend for Miri, for model checkers, for targets without a backend of their own, and for `--cfg
//! seqcopy_portable`.
//!
//! It is the reference implementation of the other backends, too. A block of inline assembly is as sound as some Rust
//! code that could replace it. (P17 asm-model in docs/reference/soundness.md calls that code its story.) Here, [`copy`]
//! is that code for runs and for loads of spans, and [`store_run`] for stores. The tests compare the other backends
//! with it.

#![allow(dead_code)] // where another backend is chosen, only the tests use this one

use crate::primitive::Relaxed;
use crate::primitive::bytes::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32};

#[cfg(target_pointer_width = "16")]
compile_error!(
    "seqcopy needs a target with 32- or 64-bit pointers: the widest atomic accesses follow the pointer width"
);

/// The widest access: a pointer's width. Up to there, atomic loads of read-only memory are allowed (P13 read-only), and
/// every target has such atomics.
pub(crate) const WORD: usize = size_of::<usize>();

/// An integer that has an atomic of its size, or a pointer.
pub(crate) trait Word: Copy {
    /// # Safety
    /// `shared` is aligned to the word's size and readable; its bytes are initialised; whatever accesses them
    /// concurrently is an atomic access of this very word, or a read (P1 data-race, P2 mixed-size, P3 read-read).
    unsafe fn load_word(shared: *const u8) -> Self;

    /// # Safety
    /// `shared` is aligned to the word's size and writable; whatever accesses its bytes concurrently is an atomic
    /// access of this very word (P1 data-race, P2 mixed-size).
    unsafe fn store_word(self, shared: *mut u8);
}

macro_rules! words {
    ($($word:ty, $atomic:ty;)*) => {$(
        #[allow(clippy::cast_ptr_alignment)] // aligned by contract
        impl Word for $word {
            #[inline(always)]
            unsafe fn load_word(shared: *const u8) -> Self {
                // SAFETY: aligned, readable, initialised and accessed atomically by this function's contract. Made
                // by a cast, not by `from_ptr`, which asks for writable memory (P7 from_ptr, P13 read-only).
                let atomic = unsafe { &*shared.cast::<$atomic>() };
                atomic.load(Relaxed)
            }

            #[inline(always)]
            unsafe fn store_word(self, shared: *mut u8) {
                // SAFETY: aligned, writable and accessed atomically by this function's contract (P7 from_ptr).
                let atomic = unsafe { &*shared.cast::<$atomic>() };
                atomic.store(self, Relaxed);
            }
        }
    )*};
}

words! {
    u8, AtomicU8;
    u16, AtomicU16;
    u32, AtomicU32;
}
#[cfg(target_pointer_width = "64")]
words! {
    u64, crate::primitive::bytes::AtomicU64;
}

/// Never accessed as an integer, which would lose its provenance (P11 provenance).
#[allow(clippy::cast_ptr_alignment)] // aligned by contract
impl Word for *mut () {
    #[inline(always)]
    unsafe fn load_word(shared: *const u8) -> Self {
        // SAFETY: as for the integers (P7 from_ptr, P13 read-only).
        let atomic = unsafe { &*shared.cast::<AtomicPtr<()>>() };
        atomic.load(Relaxed)
    }

    #[inline(always)]
    unsafe fn store_word(self, shared: *mut u8) {
        // SAFETY: as for the integers (P7 from_ptr).
        let atomic = unsafe { &*shared.cast::<AtomicPtr<()>>() };
        atomic.store(self, Relaxed);
    }
}

/// Vectors copy no run.
pub(in crate::copy) const RUN: usize = NEVER;

/// Longer than any type.
#[allow(clippy::cast_sign_loss)] // positive
pub(in crate::copy) const NEVER: usize = isize::MAX as usize;

/// From this length on, a run is long: from memory to memory a loop is as fast as blocks one by one, and from 256 bytes
/// on faster. So code that copies in that way reads a value of this size to where it will be, since a loop leaves
/// nothing in registers.
pub const LONG: usize = 192;

/// Copies `len` bytes, each by one relaxed load and one relaxed store.
///
/// # Safety
/// * `from` is readable and `to` writable for `len` bytes, and they do not overlap.
/// * The bytes at `from` are initialised and none belongs to a pointer.
/// * Whatever accesses the shared one of the two concurrently are atomic accesses of single bytes, or such assembly
///   (I1 partition).
pub(in crate::copy) unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    for i in 0..len {
        // SAFETY: in bounds by this function's contract.
        let from = unsafe { from.add(i) };
        // SAFETY: readable, initialised, accessed by bytes, by this function's contract.
        let byte = unsafe { u8::load_word(from) };
        // SAFETY: in bounds by this function's contract.
        let to = unsafe { to.add(i) };
        // SAFETY: writable, accessed by bytes, by this function's contract.
        unsafe { byte.store_word(to) };
    }
}

/// Copies like [`copy`], from private memory, with plain reads: the private value may be borrowed as shared, and an
/// atomic can't be made from such a borrow.
///
/// # Safety
/// The contract of [`copy`]; nothing writes to `private` meanwhile (I4 private).
pub(in crate::copy) unsafe fn store_run(private: *const u8, shared: *mut u8, len: usize) {
    for i in 0..len {
        // SAFETY: in bounds by this function's contract.
        let from = unsafe { private.add(i) };
        // SAFETY: readable, initialised, and not written meanwhile (I4 private), by this function's contract.
        let byte = unsafe { from.read() };
        // SAFETY: in bounds by this function's contract.
        let to = unsafe { shared.add(i) };
        // SAFETY: writable, accessed by bytes, by this function's contract.
        unsafe { byte.store_word(to) };
    }
}

/// A [`copy`] that programs in C can call.
pub(in crate::copy) type Mover = unsafe extern "C" fn(*const u8, *mut u8, usize);

/// The function for runs of this length on this processor, if the backend has one that needs no further choice. For
/// callers who ask once and copy often.
pub(in crate::copy) fn mover(_len: usize) -> Option<Mover> {
    None
}

/// Copies private memory as it is: padding stays what it is, and pointers keep their provenance.
///
/// # Safety
/// Different places that are readable and writable for this many bytes by this thread alone (I4 private).
#[inline(always)]
pub(in crate::copy) unsafe fn copy_private(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: bytes of any kind, as they are (P8 maybe-uninit, P11 provenance); the rest is this function's contract.
    unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
}

#[allow(unused_imports)] // where another backend is chosen
pub(in crate::copy) use {
    copy as in_memory, copy as load_run, copy as load_to_registers, store_run as store_registers,
};

/// Does the same as [`copy`], for the bytes of a `W`.
///
/// # Safety
/// The contract of [`copy`].
#[inline(always)]
pub(in crate::copy) unsafe fn load_word<W>(from: *const u8, to: *mut u8) {
    same_contract!(copy(from, to, size_of::<W>()));
}

/// Does the same as [`store_run`], for the bytes of a `W`.
///
/// # Safety
/// The contract of [`store_run`].
#[inline(always)]
pub(in crate::copy) unsafe fn store_word<W>(private: *const u8, shared: *mut u8) {
    same_contract!(store_run(private, shared, size_of::<W>()));
}

/// Vectors copy no span either, so this is never called.
#[allow(unused_imports)] // where another backend is chosen
pub(in crate::copy) use store_run as store_span;

/// Every path through this file, for the tests.
#[cfg(test)]
pub(super) fn paths() -> std::vec::Vec<super::tests::Path> {
    std::vec![("copy", 0, copy as _), ("store", 0, store_run as _)]
}

/// The reference implementation for spans. Only tests run it: a target without vectors has no spans.
#[cfg(test)]
pub(super) mod spans {
    use core::mem::MaybeUninit;

    use super::Word;
    use super::copy;

    /// Loads a span: its data byte by byte. Padding at `shared` is not accessed, and padding at `private` becomes
    /// uninitialised.
    ///
    /// # Safety
    /// * `shared` is readable and `private` writable for as many bytes, and they do not overlap. `private` is this
    ///   thread's alone.
    /// * Which bytes are data follows from the type, not from the value. At `shared` they are initialised, and none
    ///   belongs to a pointer.
    /// * Whatever accesses them there concurrently are atomic accesses of single bytes, or such assembly (I1
    ///   partition).
    pub(in crate::copy::vector) unsafe fn load_data_bytes(shared: *const u8, private: *mut u8, is_data: &[bool]) {
        for (i, &is_data) in is_data.iter().enumerate() {
            // SAFETY: in bounds by this function's contract.
            let to = unsafe { private.add(i) };
            if is_data {
                // SAFETY: in bounds by this function's contract.
                let from = unsafe { shared.add(i) };
                // SAFETY: one byte of data, by this function's contract.
                unsafe { copy(from, to, 1) };
            } else {
                // SAFETY: writable by this thread alone (I4 private).
                unsafe { to.cast::<MaybeUninit<u8>>().write(MaybeUninit::uninit()) };
            }
        }
    }

    /// Stores a span: its data byte by byte, and some bytes to its padding, chosen without looking at `private`.
    /// Programs must be right whichever bytes these are. The language has no free choice, and an address comes nearest
    /// to one.
    /// # Safety
    /// The contract of [`load_run`], with the sides exchanged; `private` is not written meanwhile. Nothing else
    /// accesses padding at `shared` but such stores, and loads that do not look at it.
    pub(in crate::copy::vector) unsafe fn store_data_bytes(private: *const u8, shared: *mut u8, is_data: &[bool]) {
        for (i, &is_data) in is_data.iter().enumerate() {
            // SAFETY: in bounds by this function's contract.
            let to = unsafe { shared.add(i) };
            if is_data {
                // SAFETY: in bounds by this function's contract.
                let from = unsafe { private.add(i) };
                // SAFETY: one byte of data, by this function's contract.
                unsafe { super::store_run(from, to, 1) };
            } else {
                let x = 0u8;
                #[allow(clippy::cast_possible_truncation)] // some byte of it
                let any = (&raw const x).addr() as u8;
                // SAFETY: writable, and accessed by single bytes, by this function's contract.
                unsafe { any.store_word(to) };
            }
        }
    }
}
