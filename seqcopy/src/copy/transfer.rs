//! What is done at the accesses of a partition: by [`Whole`], the copy of a value, in one [`Direction`] or the other, and by
//! [`CopyActive`], between two private places.
//!
//! The methods of a [`Transfer`] are safe to call, and access what they are told to. What they rest on is promised where a [`Whole`] is
//! made, by unsafe code: that it is told the steps of the type that it copies, at the right base, and nothing else (I1 partition,
//! I3 exact). Some are called while the sequence word is busy, so nothing here panics (I9 no-panic): no assertion, no index, and
//! arithmetic that wraps where an unoptimised build would check it. Offsets lie inside a type, so it never does wrap.

use core::marker::PhantomData;
use core::ops::Range;

use super::direction::{Direction, Sides};
use super::memory;
use super::word::{Word, take};

/// What is done at each access of the partition.
pub(super) trait Transfer: Copy {
    /// One word at `offset`, which is a multiple of its size.
    fn word<W: Word>(&self, offset: usize);

    /// `count` words, one after the other.
    #[inline(always)]
    fn words<W: Word>(&self, offset: usize, count: usize) {
        let mut i = 0usize;
        while i < count {
            self.word::<W>(offset.wrapping_add(i.wrapping_mul(size_of::<W>())));
            i = i.wrapping_add(1);
        }
    }

    /// A long run, or one of any length in a span, as accesses of one byte each, to be made all at once.
    fn bytes(&self, offset: usize, len: usize);

    /// [`bytes`](Self::bytes), from memory to memory, by little code.
    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
        self.bytes(offset, len);
    }

    /// As many bytes as a word has, at any offset: [`bytes`](Self::bytes), with less code.
    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        self.bytes(offset, size_of::<W>());
    }

    /// The bytes of words that lie side by side, `len` in all.
    #[inline(always)]
    fn bytes_of_words<W: Word>(&self, offset: usize, len: usize) {
        let mut i = 0usize;
        while i < len {
            self.bytes_of_word::<W>(offset.wrapping_add(i));
            i = i.wrapping_add(size_of::<W>());
        }
    }

    /// A span as a whole: accesses of one byte each to its data, and what the transfer does with the padding between.
    #[inline(always)]
    fn span(&self, _offset: usize, _len: usize) {}

    /// [`span`](Self::span), from memory to memory.
    #[inline(always)]
    fn span_in_memory(&self, offset: usize, len: usize) {
        self.span(offset, len);
    }

    /// One pointer.
    fn pointer(&self, offset: usize);

    /// Which of an array's elements, `size` bytes each from `offset` on, have accesses that are to be made.
    #[inline(always)]
    fn touched(&self, _offset: usize, _size: usize, count: usize) -> Range<usize> {
        0..count
    }

    /// The same for places counted from `offset`.
    fn at(&self, offset: usize) -> Self;

    /// Whether enums with fields are copied by an [`image`](Self::image).
    const BY_IMAGE: bool = false;

    /// Given a place for an image of the enum at `offset`: what copies the active variant there, and what makes the accesses from there.
    /// `None` if none are to be made.
    #[inline(always)]
    fn image(&self, _offset: usize, _size: usize, _image: *mut u8) -> Option<(CopyActive, Self)> {
        None
    }

    /// A piece of a value, which only a [`CopyActive`] copies.
    #[inline(always)]
    fn piece(&self, _offset: usize, _len: usize) {}

    /// [`piece`](Self::piece), by little code.
    #[inline(always)]
    fn piece_in_memory(&self, offset: usize, len: usize) {
        self.piece(offset, len);
    }

    /// A tag, for which only a [`CopyActive`] is asked.
    #[inline(always)]
    fn tag(&self, _offset: usize, _width: usize) -> u64 {
        0
    }
}

/// The copy of a value.
#[derive(Clone, Copy)]
pub(super) struct Whole<D> {
    sides: Sides,
    direction: PhantomData<D>,
}

impl<D: Direction> Whole<D> {
    /// # Safety
    /// As for [`load`](super::load), [`store`](super::store) or, if it is told to move spans, [`store_owned`](super::store_owned) of a
    /// type, for as long as accesses are made: those of the steps of that type at the base of the storage.
    #[inline(always)]
    pub(super) unsafe fn new(shared: *mut u8, private: *mut u8) -> Self {
        Whole { sides: Sides { shared, private }, direction: PhantomData }
    }
}

impl<D: Direction> Transfer for Whole<D> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        // SAFETY: inside both places (I3 exact), aligned: words by the partition, pointers by the layout, which was checked for it. Bytes
        // in storage are initialised (I2 init), so are data bytes of a value (P4 uninit, P5 scalar) and of an image; all others follow
        // the same partition (I1 partition); the private side is this thread's alone (I4 private).
        unsafe { D::word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        // SAFETY: as in `word`, and all others access these bytes one by one as well; those of a run are not pointers (I1 partition,
        // I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes(self.sides.at(offset), len) };
    }

    #[inline(always)]
    fn bytes_of_word<W: Word>(&self, offset: usize) {
        // SAFETY: as in `bytes` (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar).
        unsafe { D::bytes_of_word::<W>(self.sides.at(offset)) };
    }

    #[inline(always)]
    fn span(&self, offset: usize, len: usize) {
        // SAFETY: as in `bytes`, of the data (I1 partition, I2 init, I3 exact, I4 private, P4 uninit, P5 scalar); the rest is padding of
        // the type, which on the shared side nothing else accesses if it is stored to, and which may become uninitialised on the private
        // side if that is: what the caller of `new` promised.
        unsafe { D::span(self.sides.at(offset), len) };
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

    const BY_IMAGE: bool = D::BY_IMAGE;

    #[inline(always)]
    fn image(&self, offset: usize, _size: usize, image: *mut u8) -> Option<(CopyActive, Self)> {
        // Where the value would lie if the image were that of the enum in it: nothing outside of the image is accessed.
        let private = image.wrapping_sub(offset);
        let accesses = Whole { sides: Sides { private, ..self.sides }, ..*self };
        Some((CopyActive { from: self.sides.private, to: private }, accesses))
    }

    #[inline(always)]
    fn bytes_in_memory(&self, offset: usize, len: usize) {
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

/// From a value to the image of an enum in it, both private: the pieces of the active variant and nothing else. Made by
/// [`image`](Transfer::image) alone, for the steps after an [`Op::Active`](super::step::Op::Active), none of which is an access.
#[derive(Clone, Copy)]
pub(super) struct CopyActive {
    /// The value, and where it would lie if the image were that of the enum in it.
    pub(super) from: *const u8,
    pub(super) to: *mut u8,
}

impl Transfer for CopyActive {
    #[inline(always)]
    fn word<W: Word>(&self, _offset: usize) {}

    #[inline(always)]
    fn bytes(&self, _offset: usize, _len: usize) {}

    #[inline(always)]
    fn pointer(&self, _offset: usize) {}

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        // Inside both places (I3 exact), as in `Sides::at`.
        CopyActive { from: self.from.wrapping_add(offset), to: self.to.wrapping_add(offset) }
    }

    #[inline(always)]
    fn piece(&self, offset: usize, len: usize) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: bytes of the active variant, which lies inside the enum (I3 exact): of a value, and of an image, a local, so that they
        // don't overlap (I4 private). They are copied as they are (P8 maybe-uninit, P11 provenance).
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
    }

    #[inline(always)]
    fn piece_in_memory(&self, offset: usize, len: usize) {
        let CopyActive { from, to } = self.at(offset);
        // SAFETY: as in `piece` (I3 exact, I4 private).
        unsafe { memory::copy(from, to, len) };
    }

    #[inline(always)]
    fn tag(&self, offset: usize, width: usize) -> u64 {
        // SAFETY: the tag of an enum in the value is an initialised integer of that width (I3 exact, I6 maybe-invalid), and may be read
        // through a cast (P14 tag).
        unsafe { take_tag(self.from.wrapping_add(offset), width) }
    }
}

/// A tag as a number. What `read_number` does, without the checks that unoptimised code has there.
///
/// # Safety
/// At `from` lies an integer of this many bytes, which this thread may read; it needs no alignment (I4 private).
#[inline(always)]
unsafe fn take_tag(from: *const u8, width: usize) -> u64 {
    match width {
        // SAFETY: this function's contract.
        1 => u64::from(unsafe { take::<u8>(from) }),
        // SAFETY: as above.
        2 => u64::from(unsafe { take::<u16>(from) }),
        // SAFETY: as above.
        4 => u64::from(unsafe { take::<u32>(from) }),
        // SAFETY: as above; the derive takes no tag wider than 8 bytes (it refuses `repr(u128)`).
        _ => unsafe { take::<u64>(from) },
    }
}
