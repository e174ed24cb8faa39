//! Spans: stretches of a type that contain data and padding and nothing else, which vector instructions may move as a whole.
//! Where they are follows from the type alone. Whether one is long enough to pay is the partition's affair.

use super::{Field, Layout};

/// Where data lies: from `start`, the offset of the first byte of data, to `end`, behind the last one. It is `len` bytes in all; if
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

    /// That of an array whose elements have this one. No write may panic on its way here, and nothing wraps: the array's size is
    /// known (I9 no-panic).
    #[inline(always)]
    pub(crate) const fn repeated(self, stride: usize, count: usize) -> Extent {
        if count == 0 || self.len == 0 {
            return Extent::EMPTY;
        }
        let last = count.wrapping_sub(1).wrapping_mul(stride);
        Extent { start: self.start, end: last.wrapping_add(self.end), len: self.len.wrapping_mul(count) }
    }

    pub(super) const fn add(&mut self, field: &Field) {
        let inner = field.layout.extent;
        if inner.len == 0 {
            return;
        }
        let (start, end) = (field.offset.saturating_add(inner.start), field.offset.saturating_add(inner.end));
        if self.len == 0 || start < self.start {
            self.start = start;
        }
        if end > self.end {
            self.end = end;
        }
        self.len = self.len.saturating_add(inner.len);
    }

    /// The span from the first byte of data to the last one, if there is padding between them.
    #[inline(always)]
    pub(crate) const fn span(self) -> Option<Span> {
        if self.len < self.end.wrapping_sub(self.start) && self.len > 0 {
            Some(Span { start: self.start, end: self.end })
        } else {
            None
        }
    }
}

/// A stretch of data with padding inside, from its first byte of data to its last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// The same span of a type that begins at `offset`.
    #[inline(always)]
    pub(crate) const fn behind(self, offset: usize) -> Span {
        Span { start: offset.wrapping_add(self.start), end: offset.wrapping_add(self.end) }
    }
}

impl Layout {
    /// Whether it consists of data and padding only: no pointer, no skipped field, no enum with fields.
    pub(crate) const fn is_data_and_padding(&self) -> bool {
        !self.has_pointers && !self.has_skipped && !self.has_enum_with_fields
    }

    /// Where the data of a type lies that consists of data and padding only.
    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }

    /// The span that a walk over the fields of a struct comes into when it comes to this one, and whether that is the first time. A
    /// walk goes in the order of declaration, so it may leave a span and come back.
    ///
    /// Fields of data and padding only belong together if no other field lies between them in memory.
    pub(crate) const fn span_begins(fields: &[Field], index: usize) -> Option<(Span, bool)> {
        let field = &fields[index];
        if !field.is_visited() || !field.layout.is_data_and_padding() {
            return None;
        }
        // The nearest other fields before and behind.
        let (mut low, mut high) = (0, usize::MAX);
        let mut i = 0;
        while i < fields.len() {
            let other = &fields[i];
            if other.layout.size != 0 && !other.layout.is_data_and_padding() {
                if other.offset >= field.end() {
                    if other.offset < high {
                        high = other.offset;
                    }
                } else if other.end() > low {
                    low = other.end();
                }
            }
            i += 1;
        }
        let mut extent = Extent::EMPTY;
        let (mut is_first, mut is_inside) = (true, false);
        let mut i = 0;
        while i < fields.len() {
            let other = &fields[i];
            if other.is_visited() {
                let belongs = other.offset >= low && other.offset < high;
                if belongs {
                    extent.add(other);
                }
                if i < index {
                    is_first = is_first && !belongs;
                    is_inside = belongs;
                }
            }
            i += 1;
        }
        match extent.span() {
            Some(span) if !is_inside => Some((span, is_first)),
            _ => None,
        }
    }
}
