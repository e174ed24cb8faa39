//! [`Access`]: one access of a copy. [`Extent`]: the range in which a type has data. [`Span`]: such a range with
//! padding inside. [`Mark`]: the type of this crate that a layout describes. [`FieldDefault`]: the value of a field
//! that another type does not have.

use core::fmt;
use core::mem::transmute;

/// One atomic access of a copy.
///
/// ```
/// # use seqcopy::SeqCopy;
/// u32::LAYOUT.each_access(4, |access| assert_eq!((access.offset, access.width), (0, 4)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Access {
    /// Offset in bytes from the start of the type.
    pub offset: usize,
    /// How many bytes are accessed at once: 1, 2, 4 or 8.
    pub width: usize,
    /// The kind of its bytes.
    pub kind: AccessKind,
}

/// The kind of bytes that an access reads or writes.
///
/// ```
/// # use seqcopy::{SeqCopy, layout::AccessKind};
/// <*const u8>::LAYOUT.each_access(8, |access| assert_eq!(access.kind, AccessKind::Pointer));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AccessKind {
    /// An integer of that width.
    Word,
    /// One byte of a long run or span, moved together with its neighbours by vector instructions.
    Vector,
    /// A pointer, with its provenance.
    Pointer,
}

/// The range in which a type has data, from `start`, the offset of the first data byte, to `end`, after the last one.
/// The range contains `len` data bytes. If that is less than its length, the rest is padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    start: usize,
    end: usize,
    len: usize,
}

impl Extent {
    /// No data.
    pub(super) const EMPTY: Extent = Extent { start: 0, end: 0, len: 0 };

    pub(super) const fn of_leaf(size: usize) -> Extent {
        Extent { start: 0, end: size, len: size }
    }

    /// The extent of an array of such elements. Nothing overflows if the size of the array is known.
    pub(super) const fn repeated(self, stride: usize, count: usize) -> Extent {
        if count == 0 || self.len == 0 {
            return Extent::EMPTY;
        }
        let last = (count - 1).saturating_mul(stride);
        Extent { start: self.start, end: last.saturating_add(self.end), len: self.len.saturating_mul(count) }
    }

    /// Extends the range by the data of a field at this offset.
    pub(super) const fn add(&mut self, offset: usize, field: Extent) {
        if field.len == 0 {
            return;
        }
        let (start, end) = (offset.saturating_add(field.start), offset.saturating_add(field.end));
        if self.len == 0 || start < self.start {
            self.start = start;
        }
        if end > self.end {
            self.end = end;
        }
        self.len = self.len.saturating_add(field.len);
    }

    /// The span from the first byte of data to the last one, if there is padding between them.
    pub(crate) const fn span(self) -> Option<Span> {
        if self.len > 0 && self.len < self.end.saturating_sub(self.start) {
            Some(Span { start: self.start, end: self.end })
        } else {
            None
        }
    }
}

/// A stretch of data with padding inside, from its first byte of data to its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// This span, of a type that begins at `offset`.
    pub(crate) const fn shifted_by(self, offset: usize) -> Span {
        Span { start: offset + self.start, end: offset + self.end }
    }
}

/// Marks the layouts of `SeqOption`, `SeqStr`, `SeqVec` and the like, whose values mean more than their fields. The
/// types set the mark themselves, so a user's struct with the same name and fields stays an ordinary struct.
///
/// The numbers are the kinds of their nodes in a schema. Named neither `Option` nor `Vec`, since the compiler would
/// then give the full paths of these in its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// [`SeqOption`](crate::SeqOption): an enum of a variant without fields and one with a single field.
    Optional = b'o',
    /// [`SeqStr`](crate::SeqStr): a struct of a length, a `u32` at its start, and an array of `u8`.
    Text = b's',
    /// [`SeqVec`](crate::SeqVec): the same with elements of any type.
    List = b'v',
}

impl fmt::Display for Mark {
    /// The name of the type.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mark::Optional => "SeqOption",
            Mark::Text => "SeqStr",
            Mark::List => "SeqVec",
        })
    }
}

/// A function that returns a value of a field's type, whichever that is, and what writes it.
#[derive(Debug, Clone, Copy)]
pub struct FieldDefault {
    make: fn(),
    put: unsafe fn(fn(), *mut u8),
}

impl FieldDefault {
    pub(super) const fn new<F>(make: fn() -> F) -> FieldDefault {
        /// # Safety
        /// `make` was a function that returns an `F`, and `place` is writable for one.
        unsafe fn put<F>(make: fn(), place: *mut u8) {
            // SAFETY: it was one, by this function's contract: back to the type that it had (P8 maybe-uninit).
            let make = unsafe { transmute::<fn(), fn() -> F>(make) };
            same_contract!(place.cast::<F>().write_unaligned(make()));
        }
        // SAFETY: a function pointer of another type, which only `put` calls, once it has its own again (P9 layout).
        FieldDefault { make: unsafe { transmute::<fn() -> F, fn()>(make) }, put: put::<F> }
    }

    /// Writes such a value.
    ///
    /// # Safety
    /// `place` is writable by this thread alone for the size of the field's type (I4 private). It needs no alignment.
    pub unsafe fn put(self, place: *mut u8) {
        // SAFETY: both are of one type (`new`); the place is this function's contract (I4 private).
        unsafe { (self.put)(self.make, place) };
    }
}

#[cfg(test)]
mod tests {
    use crate::SeqCopy;
    use crate::layout::{field, with_default};

    #[test]
    fn a_default_is_written_anywhere() {
        let field = with_default::<u32>(field("level", 0, u32::LAYOUT), || 0x0102_0304);
        let mut bytes = [9u8; 6];
        // SAFETY: four bytes of a local (I4 private).
        unsafe { field.default().expect("just given").put(bytes[1..5].as_mut_ptr()) };
        assert_eq!(bytes[1..5], 0x0102_0304u32.to_ne_bytes());
        assert_eq!((bytes[0], bytes[5]), (9, 9));
    }

    #[test]
    #[should_panic(expected = "another size than the field")]
    fn a_default_has_the_size_of_its_field() {
        let _ = with_default::<u16>(field("level", 0, u32::LAYOUT), || 5);
    }
}
