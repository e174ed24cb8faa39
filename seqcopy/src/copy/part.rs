//! Copies of a part of a value. They make those accesses of the whole value's partition that touch the part.
//!
//! A part has no partition of its own. Read by words of its own width, it would be read in other pieces than the whole
//! value is written in (P2 mixed-size). A word that it shares with its neighbours is therefore loaded whole, and the
//! neighbours' bytes are dropped. A store of a part loads such a word first and stores it with the neighbours' bytes
//! unchanged, which only the one writer may do. Of runs that are partitioned into single bytes, exactly the bytes of
//! the part are accessed.
//!
//! The private side holds the part alone, so reading four bytes of a kilobyte needs four bytes of stack.
//!
//! Nothing here panics (I9 no-panic), for the reasons that `transfer` gives. As there, the methods rest on what is
//! promised where a [`PartCopy`] is made.

use core::cell::Cell;
use core::marker::PhantomData;
use core::ops::Range;

use super::direction::{Direction, Load, Sides, Store};
use super::straight::if_by_table;
use super::transfer::{CopyActive, Of, Transfer};
use super::vector::Word;
use crate::seq_copy::SeqCopy;

/// Loads the data bytes of a part of a `T`: the `len` bytes from `from` on. Other bytes of `private` are not written.
///
/// # Safety
/// The contract of [`load`](super::load), but `private` has space for the `len` bytes of the part, which lies inside a
/// `T`.
#[inline(always)]
pub(crate) unsafe fn load_part<T: SeqCopy>(shared: *const T, private: *mut u8, from: usize, len: usize) {
    let sides = Sides { shared: shared.cast_mut().cast(), private };
    same_contract!(copy_part::<T, Load>(sides, from, len));
}

/// Stores the data bytes of a part of a `T`: the `len` bytes from `from` on.
///
/// An enum with fields that is only partly inside the part is skipped, because its tag decides which of its bytes are
/// data. Fields of a type never split an enum. Only parts of a field that is copied as another type (`unsafe(as = ..)`)
/// can.
///
/// # Safety
/// The contract of [`store`](super::store), but at `private` lie the `len` bytes of a part of a `T`, taken from a value
/// of it. The bytes of `shared` are initialised (I2 init). No other thread stores to them during the call, and all
/// stores made before happen-before it (I5 one-writer).
#[inline(always)]
pub(crate) unsafe fn store_part<T: SeqCopy>(private: *const u8, shared: *mut T, from: usize, len: usize) {
    let sides = Sides { shared: shared.cast(), private: private.cast_mut() };
    same_contract!(copy_part::<T, Store>(sides, from, len));
}

/// # Safety
/// The contract of [`load_part`] or [`store_part`], as the direction says.
#[inline(always)]
pub(super) unsafe fn copy_part<T: SeqCopy, D: Direction>(sides: Sides, from: usize, len: usize) {
    let range = PartRange { from, len, origin: 0 };
    // An enum is copied whole or not at all. Its old bytes next to new ones might not be a valid value of the field.
    if D::BY_IMAGE && range.splits_enum::<T>() {
        return;
    }
    // SAFETY: the steps are those of `T` (I1 partition, I3 exact); the rest is this function's contract.
    make::<T, _>(unsafe { PartCopy::<D>::new(sides, from, len) });
}

/// Makes the accesses of a type, with straight-line code or by a table, as this build does.
#[inline(always)]
fn make<T: SeqCopy, A: Transfer>(transfer: A) {
    if_by_table!({
        super::by_table::accesses::<A, false>(&transfer, <Of<T> as super::transfer::Steps>::STEPS);
    } else {
        (const { super::straight::run::<Of<T>, A, false>() })(transfer);
    });
}

/// The range of a part, and the offset that the walk counts from.
#[derive(Clone, Copy)]
struct PartRange {
    /// The offset of the part in the type, and its length. They are separate because the length is a constant even
    /// where the offset is not.
    from: usize,
    len: usize,
    /// The offset in the type from which a step's offsets count.
    origin: usize,
}

impl PartRange {
    /// Compares an access of `width` bytes with the part. Returns the place of the access in the type, and where the
    /// shared bytes begin and end. If nothing is shared, the end is not after the beginning.
    #[inline(always)]
    fn overlap(self, offset: usize, width: usize) -> (usize, usize, usize) {
        let PartRange { from, len, origin } = self;
        let (at, to) = (origin.wrapping_add(offset), from.wrapping_add(len));
        let end = at.wrapping_add(width);
        (at, if at > from { at } else { from }, if end < to { end } else { to })
    }

    /// Which of `count` pieces of `size` bytes, side by side from `offset` on, touch the part.
    #[inline(always)]
    fn touched(self, offset: usize, size: usize, count: usize) -> Range<usize> {
        let (at, start, end) = self.overlap(offset, size.wrapping_mul(count));
        if start >= end {
            return 0..0;
        }
        let index = |place: usize| place.wrapping_sub(at).checked_div(size).unwrap_or(0);
        index(start)..index(end.wrapping_sub(1)).wrapping_add(1)
    }

    /// Whether an enum with fields of `T` lies neither inside of the part nor outside.
    #[inline(always)]
    fn splits_enum<T: SeqCopy>(self) -> bool {
        if const { !T::LAYOUT.has_enum_with_fields() } {
            return false;
        }
        let found = Cell::new(false);
        make::<T, _>(SplitEnums { range: self, found: &found });
        found.get()
    }

    #[inline(always)]
    fn at(self, offset: usize) -> PartRange {
        PartRange { origin: self.origin.wrapping_add(offset), ..self }
    }
}

/// Makes no accesses, but finds enums that are only partly inside the part.
#[derive(Clone, Copy)]
struct SplitEnums<'f> {
    range: PartRange,
    found: &'f Cell<bool>,
}

impl Transfer for SplitEnums<'_> {
    #[inline(always)]
    fn word<W: Word>(&self, _offset: usize) {}

    #[inline(always)]
    fn words<W: Word>(&self, _offset: usize, _count: usize) {}

    #[inline(always)]
    fn bytes(&self, _offset: usize, _len: usize) {}

    #[inline(always)]
    fn pointer(&self, _offset: usize) {}

    #[inline(always)]
    fn touched(&self, offset: usize, size: usize, count: usize) -> Range<usize> {
        self.range.touched(offset, size, count)
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        SplitEnums { range: self.range.at(offset), ..*self }
    }

    const BY_IMAGE: bool = true;

    #[inline(always)]
    fn image(&self, offset: usize, size: usize, _image: *mut u8) -> Option<(CopyActive, Self)> {
        let (_, start, end) = self.range.overlap(offset, size);
        if start < end && end.wrapping_sub(start) != size {
            self.found.set(true);
        }
        None
    }
}

/// The copy of a part.
#[derive(Clone, Copy)]
pub(super) struct PartCopy<D> {
    /// The beginning of the whole value on the shared side, and of the part on the private side.
    sides: Sides,
    range: PartRange,
    direction: PhantomData<D>,
}

impl<D: Direction> PartCopy<D> {
    /// # Safety
    /// The contract of [`load_part`] or [`store_part`] of a type, as the direction says, for as long as accesses are
    /// made: those of the steps of that type at the base of the storage. If it is told to move spans, its padding at
    /// the side that is written may receive any bytes, as for [`Whole::new`](super::transfer::Whole::new).
    #[inline(always)]
    pub(super) unsafe fn new(sides: Sides, from: usize, len: usize) -> Self {
        PartCopy { sides, range: PartRange { from, len, origin: 0 }, direction: PhantomData }
    }

    /// The place of one byte of the part on the private side.
    #[inline(always)]
    fn private(&self, at: usize) -> *mut u8 {
        self.sides.private.wrapping_add(at.wrapping_sub(self.range.from))
    }

    /// Both places of what `len` bytes of a run share with the part, and how many bytes that is. Inside the part;
    /// initialised, in storage (I2 init) and in a value (P4 uninit, P5 scalar), and not pointers; all others access
    /// these bytes one by one as well (I1 partition); the private side is this thread's alone (I4 private).
    #[inline(always)]
    fn of_run(&self, offset: usize, len: usize) -> Option<(Sides, usize)> {
        let (_, start, end) = self.range.overlap(offset, len);
        if start >= end {
            return None;
        }
        let sides = Sides { shared: self.sides.shared.wrapping_add(start), private: self.private(start) };
        Some((sides, end.wrapping_sub(start)))
    }
}

/// [`Direction::bytes`] of a length that is not known when it is compiled. Two pointers are passed in registers: a
/// reference to the copy would keep the compiler from seeing that offsets are constants.
///
/// # Safety
/// The contract named there.
#[inline(never)]
pub(super) unsafe fn any_bytes<D: Direction>(sides: Sides, len: usize) {
    same_contract!(D::bytes(sides, len));
}

impl<D: Direction> Transfer for PartCopy<D> {
    #[inline(always)]
    fn word<W: Word>(&self, offset: usize) {
        let (at, start, end) = self.range.overlap(offset, size_of::<W>());
        if start >= end {
            return;
        }
        let sides = Sides { shared: self.sides.shared.wrapping_add(at), private: self.private(start) };
        // SAFETY: inside the part, and the access inside the type (I3 exact); aligned: words by the partition, pointers
        // by the layout, which was checked for it. Initialised, in storage (I2 init) and in a value (P4 uninit, P5
        // scalar); all others follow the same partition (I1 partition); the private side is this thread's alone (I4
        // private). In a store this is the only writer, after all that were before (I5 one-writer).
        unsafe { D::part_of_word::<W>(sides, start.wrapping_sub(at), end.wrapping_sub(start)) };
    }

    #[inline(always)]
    fn words<W: Word>(&self, offset: usize, count: usize) {
        for i in self.range.touched(offset, size_of::<W>(), count) {
            self.word::<W>(offset.wrapping_add(i.wrapping_mul(size_of::<W>())));
        }
    }

    #[inline(always)]
    fn bytes(&self, offset: usize, len: usize) {
        let Some((sides, len)) = self.of_run(offset, len) else { return };
        if len == self.range.len {
            // SAFETY: what `of_run` says (I1 partition, I2 init, I4 private).
            unsafe { D::bytes(sides, self.range.len) };
        } else {
            // SAFETY: what `of_run` says (I1 partition, I2 init, I4 private).
            unsafe { any_bytes::<D>(sides, len) };
        }
    }

    /// Copies the bytes of the span that are inside of the part.
    #[inline(always)]
    fn span(&self, offset: usize, len: usize) {
        if let Some((sides, len)) = self.of_run(offset, len) {
            // SAFETY: what `of_run` says, of the data; the padding may become what it does, by the contract of `new`
            // (I1 partition, I2 init, I4 private).
            unsafe { D::span(sides, len) };
        }
    }

    /// Never as an integer, for the reason given at `Whole` (P11 provenance).
    #[inline(always)]
    fn pointer(&self, offset: usize) {
        self.word::<*mut ()>(offset);
    }

    #[inline(always)]
    fn touched(&self, offset: usize, size: usize, count: usize) -> Range<usize> {
        self.range.touched(offset, size, count)
    }

    #[inline(always)]
    fn at(&self, offset: usize) -> Self {
        PartCopy { range: self.range.at(offset), ..*self }
    }

    const BY_IMAGE: bool = D::BY_IMAGE;

    #[inline(always)]
    fn image(&self, offset: usize, size: usize, image: *mut u8) -> Option<(CopyActive, Self)> {
        let (at, start, end) = self.range.overlap(offset, size);
        if start >= end || end.wrapping_sub(start) != size {
            return None;
        }
        // Where the whole value would begin if it lay around the image. Only bytes inside of the image are accessed.
        let private = image.wrapping_sub(at.wrapping_sub(self.range.from));
        let accesses = PartCopy { sides: Sides { private, ..self.sides }, ..*self };
        let active = CopyActive { from: self.private(at).wrapping_sub(offset), to: image.wrapping_sub(offset) };
        Some((active, accesses))
    }

    fn bytes_in_memory(&self, offset: usize, len: usize) {
        if let Some((sides, len)) = self.of_run(offset, len) {
            // SAFETY: what `of_run` says (I1 partition, I2 init, I4 private).
            unsafe { D::bytes_in_memory(sides, len) };
        }
    }
}
