//! [`Access`]: what copies do. [`Extent`]: from where to where a type has data; [`Span`]: such a stretch with padding inside.

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

/// Where data lies: from `start`, the offset of the first byte of data, to `end`, after the last one. It is `len` bytes in all; if
/// that is less than the distance, there is padding between them.
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

    /// The extent of an array whose elements have this one. Nothing overflows in one whose size is known.
    pub(super) const fn repeated(self, stride: usize, count: usize) -> Extent {
        if count == 0 || self.len == 0 {
            return Extent::EMPTY;
        }
        let last = (count - 1).saturating_mul(stride);
        Extent { start: self.start, end: last.saturating_add(self.end), len: self.len.saturating_mul(count) }
    }

    /// Adds the data of a field at this offset.
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
