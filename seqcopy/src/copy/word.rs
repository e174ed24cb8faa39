//! One access: a relaxed atomic on the shared side, a plain unaligned one on the private side. The core of the
//! unsafe code; everything else only decides where.
//!
//! The private sides carry the promises of [`load`](super::load) and [`store`](super::store): a [`Load`] or a
//! [`Store`] is made by these two only, and given to `visit` functions only, which announce bytes inside the type
//! (I3). That is what the methods here rest on.

#![allow(clippy::cast_ptr_alignment)] // the cut keeps words and pointers aligned: the argument stands at each cast

use core::mem::MaybeUninit;

use super::partition::{Merge, Transfer};
use super::vector;
use super::visitor::{Choice, Visitor};
use crate::mutation::mutant;
use crate::primitive::Relaxed;
use crate::primitive::bytes::{AtomicPtr, AtomicU8, AtomicU16, AtomicU32};

#[cfg(target_pointer_width = "16")]
compile_error!(
    "seqcopy needs a target with 32- or 64-bit pointers: the widest atomic accesses follow the pointer width"
);

/// The widest access: a pointer's width. Up to there, atomic loads of read-only memory are allowed (P13), and
/// every target has such atomics.
pub(crate) const WORD: usize = size_of::<usize>();

/// An integer that has an atomic of its size.
pub(crate) trait Word: Copy {
    /// # Safety
    /// `shared` is aligned to the word's size and readable; its bytes are initialised; whatever accesses them
    /// concurrently is an atomic access of this very word, or a read (P1, P2, P3).
    unsafe fn load(shared: *const u8) -> Self;

    /// # Safety
    /// `shared` is aligned to the word's size and writable; whatever accesses its bytes concurrently is an atomic
    /// access of this very word (P1, P2).
    unsafe fn store(self, shared: *mut u8);
}

macro_rules! words {
    ($($word:ty, $atomic:ty;)*) => {$(
        impl Word for $word {
            #[inline(always)]
            unsafe fn load(shared: *const u8) -> Self {
                // SAFETY: aligned, readable, initialised and accessed atomically by this function's contract. Made
                // by a cast, not by `from_ptr`, which asks for writable memory (P7, P13).
                let atomic = unsafe { &*shared.cast::<$atomic>() };
                atomic.load(Relaxed)
            }

            #[inline(always)]
            unsafe fn store(self, shared: *mut u8) {
                mutant!(store_word(self, shared));
                // SAFETY: aligned, writable and accessed atomically by this function's contract (P7).
                let atomic = unsafe { <$atomic>::from_ptr(shared.cast()) };
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

/// From shared to private memory.
#[derive(Clone, Copy)]
pub(super) struct Load {
    shared: *const u8,
    private: *mut u8,
}

impl Load {
    #[inline(always)]
    pub(super) fn new(shared: *const u8, private: *mut u8) -> Self {
        Load { shared, private }
    }
}

impl Transfer for Load {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        trace::note(offset, size_of::<W>());
        // SAFETY: the bytes lie inside the type (I3), so inside both sides.
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: the cut keeps words aligned; initialised by I2; all others follow the same cut (I1).
        let word = unsafe { W::load(shared) };
        // SAFETY: inside, as above.
        let private = unsafe { self.private.add(offset) };
        // SAFETY: writable by this thread alone (I4).
        unsafe { private.cast::<W>().write_unaligned(word) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        // SAFETY: inside both sides (I3).
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: as above.
        let private = unsafe { self.private.add(offset) };
        // SAFETY: initialised by I2 and no pointers; all others access these bytes one by one as well (I1); the private
        // side is ours alone (I4).
        unsafe { vector::load(shared, private, len) };
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        trace::note(offset, size_of::<*mut ()>());
        // SAFETY: inside (I3).
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: aligned, because the layout of every struct and enum was checked for it, initialised (I2),
        // accessed by all as a pointer (I1). A pointer is never loaded as an integer: it would lose its
        // provenance (P11).
        let atomic = unsafe { &*shared.cast::<AtomicPtr<()>>() };
        let pointer = atomic.load(Relaxed);
        // SAFETY: inside, as above.
        let private = unsafe { self.private.add(offset) };
        // SAFETY: writable by this thread alone (I4).
        unsafe { private.cast::<*mut ()>().write_unaligned(pointer) };
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        // SAFETY: parts of a type lie inside it (I3).
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: as above.
        let private = unsafe { self.private.add(offset) };
        Load { shared, private }
    }

    #[inline(always)]
    fn area<E: Choice>(&self, offset: usize, cut: impl FnOnce(Self)) {
        cut(self.at(offset));
    }
}

/// From private to shared memory.
#[derive(Clone, Copy)]
pub(super) struct Store {
    private: *const u8,
    shared: *mut u8,
}

impl Store {
    #[inline(always)]
    pub(super) fn new(private: *const u8, shared: *mut u8) -> Self {
        Store { private, shared }
    }
}

impl Transfer for Store {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        trace::note(offset, size_of::<W>());
        // SAFETY: the bytes lie inside the type (I3), so inside both sides.
        let private = unsafe { self.private.add(offset) };
        // SAFETY: data bytes of a value are initialised (P4, P5), those of a run are no pointers, and nobody
        // writes them meanwhile (I4).
        let word = unsafe { private.cast::<W>().read_unaligned() };
        // SAFETY: inside, as above.
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: the cut keeps words aligned; all others follow the same cut (I1).
        unsafe { word.store(shared) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        // SAFETY: inside both sides (I3).
        let private = unsafe { self.private.add(offset) };
        // SAFETY: as above.
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: data bytes of a value are initialised, those of a run are no pointers (P4, P5); nobody writes them
        // meanwhile (I4); all others access the shared bytes one by one as well (I1).
        unsafe { vector::store(private, shared, len) };
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        trace::note(offset, size_of::<*mut ()>());
        // SAFETY: inside (I3).
        let private = unsafe { self.private.add(offset) };
        // SAFETY: initialised: a pointer of the value, or, in an enum's area, the bytes of another variant, which
        // are a pointer without provenance (P11). Nobody writes them meanwhile (I4).
        let pointer = unsafe { private.cast::<*mut ()>().read_unaligned() };
        // SAFETY: inside, as above.
        let shared = unsafe { self.shared.add(offset) };
        // SAFETY: aligned (checked with the layout), accessed by all as a pointer (I1, P7).
        let atomic = unsafe { AtomicPtr::from_ptr(shared.cast::<*mut ()>()) };
        atomic.store(pointer, Relaxed);
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        // SAFETY: parts of a type lie inside it (I3).
        let private = unsafe { self.private.add(offset) };
        // SAFETY: as above.
        let shared = unsafe { self.shared.add(offset) };
        Store { private, shared }
    }

    /// Which bytes of the value are data depends on its variant, but the cut does not: so the value is laid out
    /// between zeros first. The zeros are written in place, since a move of the image could lose them (P8).
    #[inline(always)]
    fn area<E: Choice>(&self, offset: usize, cut: impl FnOnce(Self)) {
        let here = self.at(offset);
        let mut image = MaybeUninit::<E>::uninit();
        // SAFETY: a local, written as a whole (I4).
        unsafe { image.as_mut_ptr().write_bytes(0, 1) };
        mutant!(zeroed(&mut image));
        // SAFETY: an `E` lies at `private` (I3, I4); the image is a local.
        unsafe { gather::<E>(here.private, image.as_mut_ptr().cast()) };
        cut(Store { private: image.as_ptr().cast(), ..here });
    }
}

/// From one private place to another: the data of a value and nothing else.
#[derive(Clone, Copy)]
struct Gather {
    from: *const u8,
    to: *mut u8,
}

/// Copies the tag and the fields of the variant that it names.
///
/// # Safety
/// At `from` lies an `E` whose tag and active fields are initialised (I6); `to` is writable for its size. Both
/// belong to this thread (I4) and need no alignment.
#[inline(always)]
unsafe fn gather<E: Choice>(from: *const u8, to: *mut u8) {
    // SAFETY: the tag lies at offset 0, is an initialised integer, and may be read through a cast (P14). The enum
    // itself is not touched, which might be misaligned.
    let tag = unsafe { from.cast::<E::Tag>().read_unaligned() };
    // Nothing here is atomic, so nothing needs alignment, and the widest words will do.
    let mut merge = Merge::new(Gather { from, to }, WORD);
    merge.data(0, size_of::<E::Tag>());
    // The visit ends at the end of the enum, so nothing is left to flush, unless the tag names no variant.
    if !E::visit_variant(tag, &mut merge, 0) {
        merge.flush();
    }
}

impl Transfer for Gather {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        // SAFETY: inside the type (I3).
        let from = unsafe { self.from.add(offset) };
        // SAFETY: data of the active variant: initialised, no pointer (I3, I6).
        let word = unsafe { from.cast::<W>().read_unaligned() };
        // SAFETY: inside, as above.
        let to = unsafe { self.to.add(offset) };
        // SAFETY: writable (I4).
        unsafe { to.cast::<W>().write_unaligned(word) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        // SAFETY: inside the type (I3).
        let from = unsafe { self.from.add(offset) };
        // SAFETY: as above.
        let to = unsafe { self.to.add(offset) };
        // SAFETY: private memory on both sides (I4), a value and an image of it.
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        // SAFETY: inside the type (I3).
        let from = unsafe { self.from.add(offset) };
        // SAFETY: a pointer of the active variant (I3, I6).
        let pointer = unsafe { from.cast::<*mut ()>().read_unaligned() };
        // SAFETY: inside, as above.
        let to = unsafe { self.to.add(offset) };
        // SAFETY: writable (I4).
        unsafe { to.cast::<*mut ()>().write_unaligned(pointer) };
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        // SAFETY: parts of a type lie inside it (I3).
        let from = unsafe { self.from.add(offset) };
        // SAFETY: as above.
        let to = unsafe { self.to.add(offset) };
        Gather { from, to }
    }

    /// An enum inside an enum: again only its active variant, the zeros are there already.
    #[inline(always)]
    fn area<E: Choice>(&self, offset: usize, _cut: impl FnOnce(Self)) {
        let here = self.at(offset);
        // SAFETY: an `E` lies there (I3), in private memory (I4).
        unsafe { gather::<E>(here.from, here.to) };
    }
}

/// In the crate's own tests every access is noted, so that a test can hold what was done against the cut.
pub(crate) mod trace {
    #[cfg(not(test))]
    #[inline(always)]
    pub(crate) fn note(_offset: usize, _width: usize) {}

    #[cfg(not(test))]
    #[inline(always)]
    pub(crate) fn note_bytes(_offset: usize, _len: usize) {}

    #[cfg(test)]
    pub(crate) use record::*;

    #[cfg(test)]
    mod record {
        use std::cell::RefCell;
        use std::vec::Vec;

        std::thread_local! {
            static ACCESSES: RefCell<Vec<(usize, usize)>> = const { RefCell::new(Vec::new()) };
        }

        pub(crate) fn note(offset: usize, width: usize) {
            ACCESSES.with_borrow_mut(|accesses| accesses.push((offset, width)));
        }

        pub(crate) fn note_bytes(offset: usize, len: usize) {
            (0..len).for_each(|i| note(offset + i, 1));
        }

        pub(crate) fn take() -> Vec<(usize, usize)> {
            ACCESSES.take()
        }
    }
}
