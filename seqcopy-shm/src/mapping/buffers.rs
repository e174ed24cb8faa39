//! [`Buffers`] has the sequence word and the buffers of a mapped region. One buffer is a `SeqLock`, several are a
//! latch.
//!
//! The protocols are those of [`SeqCount`] and of the latch (`seq_count/latch.rs`); this file only selects one of them
//! and the bytes. The word of a single buffer counts as [`ParitySkipZero`], that of a latch from 0: in both, 0 means
//! that nothing was written.

use core::mem::MaybeUninit;

use crate::mapping::header::{BufferLayout, Control, RegionLayout};
use crate::mapping::mmap::Mmap;
use seqcopy::seq_count::{LatchWord, ParitySkipZero, SeqCount};
use seqcopy::{Aligned8, AtomicPerByte, ReadError, SeqCopy};

/// The word, and the number of buffers, in a mapping that stays valid: the owner of this struct, or of a copy, keeps
/// the mapping. So constructing it is unsafe, and using it is safe.
///
/// It contains nothing else. A read of a small value takes about as long as its loads, so callers pass the place of the
/// buffers, which most of them know as a constant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buffers {
    word: *const u64,
    /// The bits of a count that select the buffer. 0 for a single buffer.
    mask: u64,
}

// SAFETY: the word and the buffers are accessed atomically, by every process that maps them (I8 mapping).
unsafe impl Send for Buffers {}
// SAFETY: atomically, whichever thread does (I8 mapping).
unsafe impl Sync for Buffers {}

impl Buffers {
    /// The buffers of a mapped region.
    ///
    /// # Safety
    /// The map lives for as long as what is returned, and its copies.
    pub(crate) unsafe fn from_map(map: &Mmap, layout: &RegionLayout) -> Buffers {
        // Asserts that all buffers are inside of the mapping. `RegionLayout` has checked that their number is a power
        // of two.
        map.at(layout.buffer_layout.offset, layout.buffer_layout.stride * layout.buffers as usize);
        Buffers { word: map.at(Control::WORD, 8).cast(), mask: u64::from(layout.buffers) - 1 }
    }

    /// The number of buffers minus one.
    pub(crate) fn last(&self) -> u64 {
        self.mask
    }

    /// The bit that marks a write in progress: 1 for a single buffer, none for a latch. It is also how far the word is
    /// shifted to get the number of the value.
    #[inline(always)]
    fn busy(&self) -> u64 {
        !self.mask & 1
    }

    /// How many writes may end during a read: `buffers - 2`, and none for a single buffer.
    #[inline(always)]
    fn window(&self) -> u64 {
        self.mask & !1
    }

    #[inline(always)]
    fn single_buffer(&self) -> &SeqCount<ParitySkipZero<u64>> {
        // SAFETY: aligned and mapped (`Buffers::from_map`, I8 mapping); accessed in this width only (P7 from_ptr),
        // relaxed where it is read (P13 read-only).
        unsafe { SeqCount::from_ptr(self.word) }
    }

    #[inline(always)]
    fn latch(&self) -> &LatchWord<u64> {
        // SAFETY: aligned and mapped (`Buffers::from_map`, I8 mapping); accessed in this width only (P7 from_ptr),
        // relaxed where it is read (P13 read-only).
        unsafe { LatchWord::from_ptr(self.word) }
    }

    /// The buffer of a count, if `buffer_layout` is that of the region. Any count is allowed, because it may come from
    /// a hostile process.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // 64-bit targets
    fn buffer(&self, buffer_layout: BufferLayout, count: u64) -> *mut u8 {
        let index = (count & self.mask) as usize;
        // Inside of the mapping, which has `mask + 1` buffers (`Buffers::from_map`), so nothing wraps. Nothing here can
        // panic in the middle of a write (I9 no-panic).
        let at =
            buffer_layout.offset.wrapping_sub(Control::WORD).wrapping_add(index.wrapping_mul(buffer_layout.stride));
        self.word.cast_mut().wrapping_byte_add(at).cast()
    }

    /// Attempts one read. `copy` receives a buffer. If this returns `Ok`, with the number of the value, the copy is
    /// consistent.
    ///
    /// The protocol is known at run time only. The two readers differ little: a single buffer's word is odd during a
    /// write and must be the same afterwards, which corresponds to a latch's window for two buffers. So both take the
    /// same path, with one instance of the copying code.
    ///
    /// `copy` receives a buffer only if `buffer_layout` is that of the region.
    #[inline(always)]
    pub(crate) fn try_read(&self, buffer_layout: BufferLayout, copy: impl FnOnce(*const u8)) -> Result<u64, ReadError> {
        let latch = self.latch();
        let before = latch.count();
        if before & self.busy() != 0 {
            return Err(ReadError::Busy);
        }
        if before == 0 {
            return Err(ReadError::Empty);
        }
        copy(self.buffer(buffer_layout, before));
        if latch.read_end(before, self.window()) { Ok(before >> self.busy()) } else { Err(ReadError::Torn) }
    }

    /// Attempts once to load the bits of a value of the region's type. If it succeeds, every data byte of `buf` is
    /// written.
    ///
    /// # Safety
    /// The region's schema is that of `T`.
    #[inline(always)]
    pub(crate) unsafe fn attempt_into<T: SeqCopy>(&self, buf: &mut MaybeUninit<T>) -> Result<u64, ReadError> {
        // SAFETY: a buffer is aligned and as long as an `Aligned8<T>`, since the schema is that of `T`
        // (`RegionLayout`); it is the system's initialised memory (I2 init, P4 uninit). Other processes access it by
        // the same partition (I1 partition), because the schema is the same (P23 one-process).
        let buffer = |buffer: *const u8| unsafe { AtomicPerByte::<Aligned8<T>>::from_ptr(buffer.cast_mut().cast()) };
        // The layout follows from the size and the alignment, which the schema determines.
        self.try_read(const { BufferLayout::for_type::<T>() }, |at| _ = buffer(at).load_inner_into(buf))
    }

    /// The number of the newest value.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        self.word().1
    }

    /// The word, and the number of the newest value, with one load.
    #[inline]
    pub(crate) fn word(&self) -> (u64, u64) {
        let word = self.single_buffer().load();
        (word, word >> self.busy())
    }

    /// The word from which the value with this number is published.
    pub(crate) fn word_before(&self, number: u64) -> u64 {
        number.wrapping_sub(1) << self.busy()
    }

    /// The word while the value after number `number` is written. `None` for a latch, whose word does not show a write
    /// in progress.
    pub(crate) fn word_during(&self, number: u64) -> Option<u64> {
        (self.busy() != 0).then_some(number << 1 | 1)
    }

    /// The sequence word, if a write is in progress. Always `None` for a latch.
    pub(crate) fn open_write(&self) -> Option<u64> {
        let word = self.single_buffer().load();
        (word & self.busy() != 0).then_some(word)
    }

    /// Publishes one write: calls `store` with the buffer to change.
    ///
    /// # Safety
    /// The map is writable. This process holds the writer lock, and this thread is its only writer (I5 one-writer); the
    /// lock orders it after the previous writer. `store` stores a whole value, a slice up to its last element, or a
    /// part of the value that is there. `buffer_layout` is that of the region's layout.
    #[inline(always)]
    pub(crate) unsafe fn write(&self, buffer_layout: BufferLayout, store: impl FnOnce(*mut u8)) {
        if self.mask == 0 {
            let (word, buffer) = (self.single_buffer(), self.buffer(buffer_layout, 0));
            // SAFETY: the only writer, by this function's contract (I5 one-writer); a word that a dead writer left odd
            // is taken over.
            unsafe { word.write(|| store(buffer)) };
        } else {
            let latch = self.latch();
            // SAFETY: the only writer, by this function's contract (I5 one-writer).
            let next = unsafe { latch.write_begin() };
            store(self.buffer(buffer_layout, next));
            // SAFETY: begun above, and the only writer (I5 one-writer).
            unsafe { latch.write_end(next) };
        }
    }

    /// Publishes a value of the region's type.
    ///
    /// # Safety
    /// The contract of [`write`](Self::write), and the schema is that of `T`.
    #[inline(always)]
    pub(crate) unsafe fn publish_value<T: SeqCopy>(&self, value: &T) {
        // SAFETY: a buffer is aligned and as long as an `Aligned8<T>`, since the schema is that of `T`, and writable;
        // other processes access it by the same partition (I1 partition, P23 one-process).
        let buffer = |buffer: *mut u8| unsafe { AtomicPerByte::<Aligned8<T>>::from_ptr(buffer.cast()) };
        let store = |at: *mut u8| buffer(at).store_inner(value);
        // SAFETY: a whole value, and the only writer, by this function's contract (I5 one-writer); the layout as in
        // `load`.
        unsafe { self.write(const { BufferLayout::for_type::<T>() }, store) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Value = [u64; 3];

    /// A read is torn if enough writes end during it, and not before. A read that is not torn has the value of its
    /// number.
    #[test]
    #[allow(clippy::cast_ptr_alignment)] // the memory is aligned to a page, and buffers lie in it as in a region
    fn a_read_that_writes_overlap_is_torn() {
        for number in [1u32, 2, 4, 16] {
            let layout = BufferLayout::for_type::<Value>();
            let size = layout.offset - Control::WORD + layout.stride * number as usize;
            // Aligned like a mapping, and zeros, as the system provides it.
            let memory = std::alloc::Layout::from_size_align(size, 4096).unwrap();
            // SAFETY: of more than no bytes (P9 layout).
            let word = unsafe { std::alloc::alloc_zeroed(memory) }.cast::<u64>();
            assert!(!word.is_null());
            let buffers = Buffers { word, mask: u64::from(number) - 1 };
            let mut last = 0;
            let mut write = || {
                last += 1;
                // SAFETY: memory for the word and this many buffers; the only writer (I5 one-writer).
                unsafe { buffers.publish_value::<Value>(&[last; 3]) };
            };
            write();
            for writes in 0..=number {
                let before = buffers.version();
                let mut value = [0; 3];
                let copy = |at: *const u8| {
                    (0..writes / 2).for_each(|_| write());
                    // SAFETY: a buffer, accessed by this partition only (I1 partition).
                    let bits = unsafe { seqcopy::raw::load(at.cast::<Aligned8<Value>>()) };
                    value = bits.validate().unwrap().0;
                    (writes / 2..writes).for_each(|_| write());
                };
                let read = buffers.try_read(layout, copy);
                let is_whole = writes == 0 || writes + 2 <= number;
                assert_eq!(read, if is_whole { Ok(before) } else { Err(ReadError::Torn) }, "{writes} of {number}");
                assert!(!is_whole || value == [before; 3], "{value:?} is not that of {before}");
            }
            // SAFETY: allocated by this layout, and not used again (I4 private).
            unsafe { std::alloc::dealloc(word.cast(), memory) };
        }
    }
}
