//! What is done at the accesses of a partition: by [`Whole`], the copy of a value, in one [`Direction`] or the other, and by
//! [`CopyActive`], between two private places.
//!
//! The methods of a [`Transfer`] are safe to call, and access what they are told to. What they rest on is promised where a [`Whole`] is
//! made, by unsafe code: that it is given to walks only that announce bytes inside the type, and to a partition at the right base
//! (I1 partition, I3 exact).

use core::marker::PhantomData;

use super::by_table::ByTable;
use super::direction::{Direction, Sides};
use super::partition::Partition;
use super::word::{Transfer, WORD, Word, put, take};
use crate::seq_copy::visitor::{EnumWithFields, Visitor};

/// The copy of a value.
#[derive(Clone, Copy)]
pub(super) struct Whole<D> {
    sides: Sides,
    moves_spans: bool,
    direction: PhantomData<D>,
}

impl<D: Direction> Whole<D> {
    /// With `moves_spans`, the padding of spans is moved along: then a load may make that of the private side uninitialised, and a store
    /// may put any bytes into that of the shared side.
    ///
    /// # Safety
    /// As for [`load`](super::load), [`store`](super::store) or, if it moves spans, [`store_owned`](super::store_owned) of a type, for as
    /// long as accesses are made: by a partition at the base of the storage, driven by the type's `visit` or its tree, or by its table.
    #[inline(always)]
    pub(super) unsafe fn new(shared: *mut u8, private: *mut u8, moves_spans: bool) -> Self {
        Whole { sides: Sides { shared, private }, moves_spans, direction: PhantomData }
    }
}

impl<D: Direction> Transfer for Whole<D> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        trace::note(offset, size_of::<W>());
        // SAFETY: inside both places (I3 exact), aligned: words by the partition, pointers by the layout, which was checked for it. Bytes
        // in storage are initialised (I2 init), so are data bytes of a value (P4 uninit, P5 scalar) and of an image; all others follow
        // the same partition (I1 partition); the private side is this thread's alone (I4 private).
        unsafe { D::word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        // SAFETY: as in `word`, and all others access these bytes one by one as well; those of a run are not pointers (I1 partition,
        // I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes(self.sides.at(offset), len) };
    }

    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        trace::note_bytes(offset, size_of::<W>());
        // SAFETY: as in `bytes` (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes_of_word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn moves_spans(&self) -> bool {
        self.moves_spans
    }

    #[inline(always)]
    fn span(&self, offset: usize, len: usize) {
        // SAFETY: as in `bytes`, of the data (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar); the rest is padding of
        // the type, which on the shared side nothing else accesses if it is stored to, and which may become uninitialised on the private
        // side if that is: what the caller of `new` promised.
        unsafe { D::span(self.sides.at(offset), len) };
    }

    const NOTES_MOVED: bool = trace::IS_ON;

    #[inline(always)]
    fn moved(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
    }

    /// Never as an integer: it would lose its provenance (P11 provenance). In an enum with fields these may be bytes of another variant,
    /// which are a pointer without any.
    #[inline(always)]
    fn pointer(&self, offset: usize) {
        self.word::<*mut ()>(offset);
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        Whole { sides: self.sides.at(offset), ..*self }
    }

    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, accesses: impl FnOnce(Self)) {
        let Sides { shared, private } = self.sides.at(offset);
        let accesses = |private| accesses(Whole { sides: Sides { shared, private }, ..*self });
        // SAFETY: an `E` lies at this offset of the type (I3 exact, I4 private).
        unsafe { D::image::<E>(private, accesses) };
    }
}

impl<D: Direction> ByTable for Whole<D> {
    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        trace::note_bytes(offset, len);
        // SAFETY: as in `bytes` (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes_in_memory(self.sides.at(offset), len) };
    }

    #[inline(always)]
    fn span_in_memory(&self, offset: usize, len: usize) {
        // SAFETY: as in `span`; from memory to memory, padding never becomes a value (I1 partition, I2 init, I3 exact, I4 private,
        // P4 uninit, P5 scalar).
        unsafe { D::bytes_in_memory(self.sides.at(offset), len) };
    }
}

/// From one private place to another: the data of a value and nothing else.
#[derive(Clone, Copy)]
struct CopyActive {
    from: *const u8,
    to: *mut u8,
}

/// Copies the tag and the fields of the variant that it names.
///
/// # Safety
/// At `from` lies an `E` whose tag and active fields are initialised (I6 maybe-invalid); `to` is writable for its size.
/// Both belong to this thread (I4 private) and need no alignment.
#[inline(always)]
pub(super) unsafe fn copy_active_variant<E: EnumWithFields>(from: *const u8, to: *mut u8) {
    // SAFETY: the tag lies at offset 0, is an initialised integer, and may be read through a cast (P14 tag). The enum
    // itself is not touched, which might be misaligned.
    let tag = unsafe { from.cast::<E::Tag>().read_unaligned() };
    // Nothing here is atomic, so nothing needs alignment, and the widest words will do.
    let mut partition = Partition::new(CopyActive { from, to }, WORD);
    partition.data(0, size_of::<E::Tag>());
    // The visit ends at the end of the enum, so nothing is left to flush, unless the tag names no variant.
    if !E::visit_variant(tag, &mut partition, 0) {
        partition.flush();
    }
}

impl Transfer for CopyActive {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: data of the active variant: initialised, a pointer where it is loaded as one (I3 exact, I6 maybe-invalid).
        let word = unsafe { take::<W>(from) };
        // SAFETY: writable (I4 private).
        unsafe { put(to, word) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: private memory on both sides (I4 private), a value and an image of it.
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }

    #[inline(always)]
    fn pointer(&self, offset: usize) {
        self.word::<*mut ()>(offset);
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        // Inside both places (I3 exact), as in `Sides::at`.
        CopyActive { from: self.from.wrapping_add(offset), to: self.to.wrapping_add(offset) }
    }

    /// An enum inside an enum: again only its active variant, the zeros are there already.
    #[inline(always)]
    fn enum_with_fields<E: EnumWithFields>(&self, offset: usize, _accesses: impl FnOnce(Self)) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: an `E` lies there (I3 exact), in private memory (I4 private).
        unsafe { copy_active_variant::<E>(from, to) };
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
