//! One word or pointer: a relaxed atomic access on the shared side.

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
    unsafe fn load(shared: *const u8) -> Self;

    /// # Safety
    /// `shared` is aligned to the word's size and writable; whatever accesses its bytes concurrently is an atomic
    /// access of this very word (P1 data-race, P2 mixed-size).
    unsafe fn store(self, shared: *mut u8);
}

macro_rules! words {
    ($($word:ty, $atomic:ty;)*) => {$(
        #[allow(clippy::cast_ptr_alignment)] // aligned by contract
        impl Word for $word {
            #[inline(always)]
            unsafe fn load(shared: *const u8) -> Self {
                // SAFETY: aligned, readable, initialised and accessed atomically by this function's contract. Made
                // by a cast, not by `from_ptr`, which asks for writable memory (P7 from_ptr, P13 read-only).
                let atomic = unsafe { &*shared.cast::<$atomic>() };
                atomic.load(Relaxed)
            }

            #[inline(always)]
            unsafe fn store(self, shared: *mut u8) {
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
    unsafe fn load(shared: *const u8) -> Self {
        // SAFETY: as for the integers (P7 from_ptr, P13 read-only).
        let atomic = unsafe { &*shared.cast::<AtomicPtr<()>>() };
        atomic.load(Relaxed)
    }

    #[inline(always)]
    unsafe fn store(self, shared: *mut u8) {
        // SAFETY: as for the integers (P7 from_ptr).
        let atomic = unsafe { &*shared.cast::<AtomicPtr<()>>() };
        atomic.store(self, Relaxed);
    }
}
