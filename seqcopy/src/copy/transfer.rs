//! What is done at the accesses of a partition: [`Load`], [`Store`], and [`CopyActive`] between two private places.
//!
//! The private sides carry the promises of [`load`](super::load) and [`store`](super::store): a [`Load`] or a
//! [`Store`] is made by these two only, and given to `visit` functions only, which announce bytes inside the type
//! (I3 exact). That is what the methods here rest on.

#![allow(clippy::cast_ptr_alignment)] // the partition keeps words and pointers aligned: each cast says why

use core::mem::MaybeUninit;

use super::by_table::ByTable;
use super::partition::Partition;
use super::vector;
use super::word::{Transfer, WORD, Word, put, take};
use crate::primitive::Relaxed;
use crate::primitive::bytes::AtomicPtr;
use crate::seq_copy::visitor::{EnumWithFields, Visitor};

/// The two places of a copy, of which one may be shared.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    pub(super) from: *const u8,
    pub(super) to: *mut u8,
}

impl Sides {
    /// The places of a part.
    #[inline(always)]
    fn at(self, offset: usize) -> Sides {
        // Inside both places, since what is announced lies inside the type (I3 exact). Unoptimised `add` would check that.
        Sides { from: self.from.wrapping_add(offset), to: self.to.wrapping_add(offset) }
    }
}

/// From shared to private memory, which may be registers: the private side of a value that the caller is given by value.
#[derive(Clone, Copy)]
pub(super) struct Load<const IN_REGISTERS: bool = false> {
    sides: Sides,
    /// Whether spans are moved as a whole: only if padding of the private side may become uninitialised.
    moves_spans: bool,
}

impl<const IN_REGISTERS: bool> Load<IN_REGISTERS> {
    #[inline(always)]
    pub(super) fn new(shared: *const u8, private: *mut u8, moves_spans: bool) -> Self {
        Load { sides: Sides { from: shared, to: private }, moves_spans }
    }

    /// # Safety
    /// As for [`vector::load`].
    #[inline(always)]
    unsafe fn load_run(from: *const u8, to: *mut u8, len: usize) {
        if IN_REGISTERS {
            // SAFETY: the same contract.
            unsafe { vector::load_to_registers(from, to, len) };
        } else {
            // SAFETY: the same contract.
            unsafe { vector::load(from, to, len) };
        }
    }
}

impl<const IN_REGISTERS: bool> Transfer for Load<IN_REGISTERS> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        trace::note(offset, size_of::<W>());
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: the partition keeps words aligned; initialised by I2 init; all others follow the same partition
        // (I1 partition).
        let word = unsafe { W::load(from) };
        // SAFETY: writable by this thread alone (I4 private).
        unsafe { put(to, word) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: initialised by I2 init and not pointers; all others access these bytes one by one as well
        // (I1 partition); the private side is this thread's alone (I4 private).
        unsafe { Self::load_run(from, to, len) };
    }

    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        trace::note_bytes(offset, size_of::<W>());
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: as in `bytes` (I1 partition, I2 init, I4 private).
        unsafe { vector::load_word::<W>(from, to) };
    }

    #[inline(always)]
    fn moves_spans(&self) -> bool {
        self.moves_spans
    }

    #[inline(always)]
    fn span(&self, offset: usize, len: usize) {
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: inside both places (I3 exact). Data bytes are initialised (I2 init), not pointers, and accessed one by one by all
        // (I1 partition); the rest is padding of the type, which the story does not access on the shared side, and which may become
        // uninitialised on the private side, this thread's alone (I4 private): the caller of `load` allows that.
        unsafe { Self::load_run(from, to, len) };
    }

    const NOTES_MOVED: bool = trace::IS_ON;

    #[inline(always)]
    fn moved(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        trace::note(offset, size_of::<*mut ()>());
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: aligned, because the layout of every struct and enum was checked for it, initialised (I2 init),
        // accessed by all as a pointer (I1 partition). A pointer is never loaded as an integer: it would lose its
        // provenance (P11 provenance).
        let atomic = unsafe { &*from.cast::<AtomicPtr<()>>() };
        // SAFETY: writable by this thread alone (I4 private).
        unsafe { put(to, atomic.load(Relaxed)) };
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        Load { sides: self.sides.at(offset), ..*self }
    }

    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        accesses(self.at(offset));
    }
}

impl ByTable for Load {
    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: as in `bytes` (I1 partition, I2 init, I4 private).
        unsafe { vector::in_memory(from, to, len) };
    }
}

/// From private to shared memory, of a value that may be in registers.
#[derive(Clone, Copy)]
pub(super) struct Store<const IN_REGISTERS: bool = false> {
    sides: Sides,
    /// Whether spans are moved as a whole: only if the padding of the shared side is the crate's alone.
    moves_spans: bool,
}

impl<const IN_REGISTERS: bool> Store<IN_REGISTERS> {
    #[inline(always)]
    pub(super) fn new(private: *const u8, shared: *mut u8, moves_spans: bool) -> Self {
        Store { sides: Sides { from: private, to: shared }, moves_spans }
    }
}

impl<const IN_REGISTERS: bool> Transfer for Store<IN_REGISTERS> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        trace::note(offset, size_of::<W>());
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: data bytes of a value are initialised (P4 uninit, P5 scalar), those of a run are not pointers, and
        // they are not written meanwhile (I4 private).
        let word = unsafe { take::<W>(from) };
        // SAFETY: the partition keeps words aligned; all others follow the same partition (I1 partition).
        unsafe { word.store(to) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        let Sides { from, to } = self.sides.at(offset);
        if IN_REGISTERS {
            // SAFETY: data bytes of a value are initialised, those of a run are not pointers (P4 uninit, P5 scalar); they
            // are not written meanwhile (I4 private); all others access the shared bytes one by one as well (I1 partition).
            unsafe { vector::store_registers(from, to, len) };
        } else {
            // SAFETY: as above (P4 uninit, P5 scalar, I1 partition, I4 private).
            unsafe { vector::store(from, to, len) };
        }
    }

    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        trace::note_bytes(offset, size_of::<W>());
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: as in `bytes` (P4 uninit, P5 scalar, I1 partition, I4 private).
        unsafe { vector::store_word::<W>(from, to) };
    }

    #[inline(always)]
    fn moves_spans(&self) -> bool {
        self.moves_spans
    }

    #[inline(always)]
    fn span(&self, offset: usize, len: usize) {
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: inside both places (I3 exact). Data bytes are initialised (P4 uninit, P5 scalar), not pointers, not written
        // meanwhile (I4 private), and accessed one by one by all on the shared side (I1 partition); the rest is padding, which on
        // that side nothing else accesses: so the caller of `store_owned` promised.
        unsafe { vector::store_span(from, to, len) };
    }

    const NOTES_MOVED: bool = trace::IS_ON;

    #[inline(always)]
    fn moved(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        trace::note(offset, size_of::<*mut ()>());
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: initialised: a pointer of the value, or, in an enum with fields, bytes of another variant, which
        // are a pointer without provenance (P11 provenance). Not written meanwhile (I4 private).
        let pointer = unsafe { take::<*mut ()>(from) };
        // SAFETY: aligned (checked with the layout), accessed by all as a pointer (I1 partition, P7 from_ptr).
        let atomic = unsafe { AtomicPtr::from_ptr(to.cast::<*mut ()>()) };
        atomic.store(pointer, Relaxed);
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        Store { sides: self.sides.at(offset), ..*self }
    }

    /// Which bytes of the value are data depends on its variant, but the partition does not: so an image of zeros is made first,
    /// and the active variant copied into it. The zeros are written in place, since a move of the image could lose them
    /// (P8 maybe-uninit).
    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        let Sides { from, to } = self.sides.at(offset);
        let mut image = MaybeUninit::<E>::uninit();
        // SAFETY: a local, written as a whole (I4 private).
        unsafe { image.as_mut_ptr().write_bytes(0, 1) };
        // SAFETY: an `E` lies at `from` (I3 exact, I4 private); the image is a local.
        unsafe { copy_active_variant::<E>(Sides { from, to: image.as_mut_ptr().cast() }) };
        accesses(Store { sides: Sides { from: image.as_ptr().cast(), to }, ..*self });
    }
}

impl ByTable for Store {
    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        let Sides { from, to } = self.sides.at(offset);
        // SAFETY: as in `bytes` (P4 uninit, P5 scalar, I1 partition, I4 private).
        unsafe { vector::in_memory(from, to, len) };
    }
}

/// From one private place to another: the data of a value and nothing else.
#[derive(Clone, Copy)]
struct CopyActive(Sides);

/// Copies the tag and the fields of the variant that it names.
///
/// # Safety
/// At `from` lies an `E` whose tag and active fields are initialised (I6 maybe-invalid); `to` is writable for its size.
/// Both belong to this thread (I4 private) and need no alignment.
#[inline(always)]
pub(super) unsafe fn copy_active_variant<E: EnumWithFields>(sides: Sides) {
    // SAFETY: the tag lies at offset 0, is an initialised integer, and may be read through a cast (P14 tag). The enum
    // itself is not touched, which might be misaligned.
    let tag = unsafe { sides.from.cast::<E::Tag>().read_unaligned() };
    // Nothing here is atomic, so nothing needs alignment, and the widest words will do.
    let mut partition = Partition::new(CopyActive(sides), WORD);
    partition.data(0, size_of::<E::Tag>());
    // The visit ends at the end of the enum, so nothing is left to flush, unless the tag names no variant.
    if !E::visit_variant(tag, &mut partition, 0) {
        partition.flush();
    }
}

impl Transfer for CopyActive {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        let Sides { from, to } = self.0.at(offset);
        // SAFETY: data of the active variant: initialised, no pointer (I3 exact, I6 maybe-invalid).
        let word = unsafe { take::<W>(from) };
        // SAFETY: writable (I4 private).
        unsafe { put(to, word) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        let Sides { from, to } = self.0.at(offset);
        // SAFETY: private memory on both sides (I4 private), a value and an image of it.
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        let Sides { from, to } = self.0.at(offset);
        // SAFETY: a pointer of the active variant (I3 exact, I6 maybe-invalid).
        let pointer = unsafe { take::<*mut ()>(from) };
        // SAFETY: writable (I4 private).
        unsafe { put(to, pointer) };
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        CopyActive(self.0.at(offset))
    }

    /// An enum inside an enum: again only its active variant, the zeros are there already.
    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, _accesses: impl FnOnce(Self)) {
        // SAFETY: an `E` lies there (I3 exact), in private memory (I4 private).
        unsafe { copy_active_variant::<E>(self.0.at(offset)) };
    }
}

/// In the crate's own tests every access is noted, so that a test can compare what was done with the partition.
pub(crate) mod trace {
    pub(crate) const IS_ON: bool = cfg!(test);

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

        #[cfg_attr(not(feature = "derive"), allow(dead_code))] // the tests that ask for the accesses need it
        pub(crate) fn take() -> Vec<(usize, usize)> {
            ACCESSES.take()
        }
    }
}
