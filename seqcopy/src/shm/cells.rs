//! [`Cells`]: the sequence word and the payload of a mapped region, one copy or a latch.
//!
//! The protocols are those of [`SeqCount`] and of the latch (`seq_count/latch.rs`); here is only which of them, over which
//! bytes. One copy is counted by [`ParitySkipZero`], a latch from 0: in both, 0 means that nothing was written.

use super::Map;
use super::header::{Control, Plan};
use crate::seq_count::latch::LatchCount;
use crate::{ParitySkipZero, ReadError, SeqCount};

/// Where word and cells lie. Good for as long as the map is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells {
    word: *const u64,
    first: *mut u8,
    stride: usize,
    /// The bits of a count that are the index of its cell: none for one copy.
    mask: u64,
    /// How many writes may end during a read: none for one copy.
    window: u64,
    /// The bit that says that a write is going on: 1 for one copy, none for a latch. Also by how much the word counts more than
    /// the values.
    busy: u64,
}

impl Cells {
    /// Those of a mapped region.
    pub(crate) fn of(map: &Map, plan: &Plan) -> Cells {
        Cells {
            word: map.at(Control::WORD, 8).cast(),
            first: map.at(plan.cell_offset, plan.cell_stride * plan.cells as usize),
            stride: plan.cell_stride,
            // A power of two: the plan has checked it.
            mask: u64::from(plan.cells) - 1,
            window: u64::from(plan.cells).saturating_sub(2),
            busy: u64::from(plan.cells == 1),
        }
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
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // 64-bit targets
    fn cell(&self, count: u64) -> *mut u8 {
        let index = (count & self.mask) as usize;
        // SAFETY: there are `mask + 1` cells, and all of them lie inside the mapping (`Cells::of`, I8).
        unsafe { self.first.add(index * self.stride) }
    }

    /// One attempt: `copy` gets a cell, and what it made of it is good if this returns `Ok`, with the number of the value.
    ///
    /// Which protocol it is, is known at run time only. Their readers differ in little: of one copy an odd word says that a write
    /// is going on, and the word must be the same afterwards, which is a latch's window for two cells. So there is one way
    /// through here, and one copy of the copying code.
    ///
    /// # Safety
    /// The map lives.
    #[inline(always)]
    pub(crate) unsafe fn try_read(&self, copy: impl FnOnce(*const u8)) -> Result<u64, ReadError> {
        // SAFETY: this function's contract.
        let count = unsafe { self.latch() };
        let before = count.read_begin_mapped();
        if before & self.busy != 0 {
            return Err(ReadError::Busy);
        }
        if before == 0 {
            return Err(ReadError::Empty);
        }
        copy(self.cell(before));
        if count.read_end(before, self.window) { Ok(before >> self.busy) } else { Err(ReadError::Torn) }
    }

    /// The number of the value published last.
    ///
    /// # Safety
    /// The map lives.
    #[inline]
    pub(crate) unsafe fn version(&self) -> u64 {
        // SAFETY: this function's contract.
        let word = unsafe { self.one_copy() }.load();
        word >> self.busy
    }

    /// Whether a write is open: of a latch never.
    ///
    /// # Safety
    /// The map lives.
    pub(crate) unsafe fn is_busy(&self) -> bool {
        // SAFETY: this function's contract.
        unsafe { self.one_copy() }.load() & self.busy != 0
    }

    /// Publishes what `store` puts into the cell that it gets.
    ///
    /// # Safety
    /// The map lives and is writable. This process holds the region's lock, and the thread is its only writer (I5); the lock
    /// orders it behind the writer before. `store` stores a whole value.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, store: impl FnOnce(*mut u8)) {
        if self.mask == 0 {
            // SAFETY: this function's contract.
            let word = unsafe { self.one_copy() };
            // SAFETY: this function's contract; an odd word that a dead writer left is adopted.
            unsafe { word.write(|| store(self.first)) };
        } else {
            // SAFETY: this function's contract.
            let latch = unsafe { self.latch() };
            // SAFETY: this function's contract.
            unsafe { latch.write(|count| store(self.cell(count))) };
        }
    }
}
