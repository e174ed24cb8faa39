//! [`Cells`]: the sequence word and the payload of a mapped region, one copy or a latch.
//!
//! The protocols are those of [`SeqCount`] and of the latch (`seq_count/latch.rs`); here is only which of them, over which
//! bytes. One copy is counted by [`ParitySkipZero`], a latch from 0: in both, 0 means that nothing was written.

use core::mem::MaybeUninit;

use super::Map;
use super::header::{Control, Place, Plan};
use crate::seq_count::latch::LatchCount;
use crate::{Aligned8, ParitySkipZero, ReadError, SeqCopy, SeqCount, copy};

/// The word, and how many cells there are. Good for as long as the map is.
///
/// No more than that: a read of a small value takes about as long as the loads that it makes, so where the cells lie is told
/// by the callers, most of whom have it as a constant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells {
    word: *const u64,
    /// The bits of a count that are the index of its cell: none for one copy.
    mask: u64,
}

// SAFETY: the word and the cells are accessed atomically, by whoever has the map (I8).
unsafe impl Send for Cells {}
// SAFETY: as above.
unsafe impl Sync for Cells {}

impl Cells {
    /// Those of a mapped region.
    pub(crate) fn of(map: &Map, plan: &Plan) -> Cells {
        // All of them lie inside; the plan has checked that their number is a power of two.
        map.at(plan.place.offset, plan.place.stride * plan.cells as usize);
        Cells { word: map.at(Control::WORD, 8).cast(), mask: u64::from(plan.cells) - 1 }
    }

    /// The bit that says that a write is going on: 1 for one copy, none for a latch. Also by how much the word counts more than
    /// the values.
    #[inline(always)]
    fn busy(&self) -> u64 {
        !self.mask & 1
    }

    /// How many writes may end during a read: as many as there are cells but two, none for one copy.
    #[inline(always)]
    fn window(&self) -> u64 {
        self.mask & !1
    }

    /// # Safety
    /// The map lives.
    #[inline(always)]
    unsafe fn one_copy(&self) -> &SeqCount<ParitySkipZero<u64>> {
        // SAFETY: aligned and mapped (`Cells::of`); accessed in this width only (P7), relaxed where it is read (P13).
        unsafe { SeqCount::from_ptr(self.word) }
    }

    /// # Safety
    /// The map lives.
    #[inline(always)]
    unsafe fn latch(&self) -> &LatchCount {
        // SAFETY: as for `one_copy`.
        unsafe { LatchCount::from_ptr(self.word) }
    }

    /// The cell of a count, whatever the count is: it may come from a process that lies.
    ///
    /// # Safety
    /// `place` is that of the region's plan.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // 64-bit targets
    unsafe fn cell(&self, place: Place, count: u64) -> *mut u8 {
        let index = (count & self.mask) as usize;
        // SAFETY: there are `mask + 1` cells, and all of them lie inside the mapping (`Cells::of`, I8), as the word does.
        unsafe { self.word.cast_mut().byte_add(place.offset - Control::WORD + index * place.stride).cast() }
    }

    /// One attempt: `copy` gets a cell, and what it made of it is good if this returns `Ok`, with the number of the value.
    ///
    /// Which protocol it is, is known at run time only. Their readers differ in little: of one copy an odd word says that a write
    /// is going on, and the word must be the same afterwards, which is a latch's window for two cells. So there is one way
    /// through here, and one copy of the copying code.
    ///
    /// # Safety
    /// The map lives. `place` is that of the region's plan.
    #[inline(always)]
    pub(crate) unsafe fn try_read(&self, place: Place, copy: impl FnOnce(*const u8)) -> Result<u64, ReadError> {
        // SAFETY: this function's contract.
        let count = unsafe { self.latch() };
        let before = count.read_begin_mapped();
        if before & self.busy() != 0 {
            return Err(ReadError::Busy);
        }
        if before == 0 {
            return Err(ReadError::Empty);
        }
        // SAFETY: this function's contract.
        copy(unsafe { self.cell(place, before) });
        if count.read_end(before, self.window()) { Ok(before >> self.busy()) } else { Err(ReadError::Torn) }
    }

    /// One attempt at the bits of a value of the region's type. If it succeeds, every data byte in the room is written.
    ///
    /// # Safety
    /// The map lives, and its schema is that of `T`.
    #[inline(always)]
    pub(crate) unsafe fn load<T: SeqCopy>(&self, room: &mut MaybeUninit<T>) -> Result<u64, ReadError> {
        let to = room.as_mut_ptr().cast::<u8>();
        // SAFETY: a cell is aligned and as long as an `Aligned8<T>`, since the schema is that of `T` (`Plan`); it is the
        // system's initialised memory (I2, P4). Others access it by the same cut (I1): the schema is the same, and with it the
        // cut (P23). `room` has place for the data of a `T` (I4).
        let copy = |cell: *const u8| unsafe { copy::load::<Aligned8<T>>(cell.cast(), to) };
        // SAFETY: this function's contract. The place follows from size and alignment, which schema and plan agree in.
        unsafe { self.try_read(const { Place::of::<T>() }, copy) }
    }

    /// The number of the value published last.
    ///
    /// # Safety
    /// The map lives.
    #[inline]
    pub(crate) unsafe fn version(&self) -> u64 {
        // SAFETY: this function's contract.
        let word = unsafe { self.one_copy() }.load();
        word >> self.busy()
    }

    /// Whether a write is open: of a latch never.
    ///
    /// # Safety
    /// The map lives.
    pub(crate) unsafe fn is_busy(&self) -> bool {
        // SAFETY: this function's contract.
        unsafe { self.one_copy() }.load() & self.busy() != 0
    }

    /// Publishes what `store` puts into the cell that it gets.
    ///
    /// # Safety
    /// The map lives and is writable. This process holds the region's lock, and the thread is its only writer (I5); the lock
    /// orders it behind the writer before. `store` stores a whole value. `place` is that of the region's plan.
    #[inline(always)]
    unsafe fn write(&self, place: Place, store: impl FnOnce(*mut u8)) {
        if self.mask == 0 {
            // SAFETY: this function's contract.
            let word = unsafe { self.one_copy() };
            // SAFETY: this function's contract.
            let cell = unsafe { self.cell(place, 0) };
            // SAFETY: this function's contract; an odd word that a dead writer left is adopted.
            unsafe { word.write(|| store(cell)) };
        } else {
            // SAFETY: this function's contract.
            let latch = unsafe { self.latch() };
            // SAFETY: this function's contract.
            let cell = |count| unsafe { self.cell(place, count) };
            // SAFETY: this function's contract.
            unsafe { latch.write(|count| store(cell(count))) };
        }
    }

    /// Publishes a value of the region's type.
    ///
    /// # Safety
    /// As for [`write`](Self::write), and the schema is that of `T`.
    #[inline(always)]
    pub(crate) unsafe fn store<T: SeqCopy>(&self, value: &T) {
        let from = core::ptr::from_ref(value).cast::<u8>();
        // SAFETY: a cell is aligned and as long as an `Aligned8<T>`, since the schema is that of `T`, and writable; others access
        // it by the same cut (I1, P23). At `from` lies a `T` (I3), in private memory: nothing gives out references to cells (R1).
        let store = |cell: *mut u8| unsafe { copy::store::<Aligned8<T>>(from, cell.cast()) };
        // SAFETY: this function's contract; the place as in `load`.
        unsafe { self.write(const { Place::of::<T>() }, store) };
    }
}
