//! Spans: stretches of a type that contain data and padding and nothing else, which vector instructions may move as a whole.
//! Where they are follows from the type alone. Whether one is long enough to pay is the partition's affair.

use super::extent::{Extent, Span};
use super::tree::{Field, Layout};

impl Layout {
    /// Whether it consists of data and padding only: no pointer, no skipped field, no enum with fields.
    pub(crate) const fn is_data_and_padding(&self) -> bool {
        !self.has_pointers && !self.has_skipped && !self.has_enum_with_fields
    }

    /// Where the data of a type lies that consists of data and padding only.
    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }
}

/// From this many fields on, those of a struct form no spans if they lie in another order than they are declared in: to find their spans
/// takes as many steps as the square of their number, and constants may not take many.
const MANY_FIELDS: usize = 129;

/// The spans that a walk over the fields of a struct comes into. It goes in the order of declaration, so where the compiler has chosen
/// another order in memory, it may leave a span and come back.
///
/// Fields of data and padding only belong together if no other field lies between them in memory.
pub(crate) struct Spans {
    /// Whether the fields lie in memory in the order in which they are declared: then neighbours there are neighbours here.
    ascend: bool,
    /// The field after the neighbours that were last looked at.
    next: usize,
}

impl Spans {
    pub(crate) const fn of(fields: &[Field]) -> Self {
        Spans { ascend: ascend(fields), next: 0 }
    }

    /// The span that a walk comes into when it comes to this field, and whether that is the first time.
    pub(crate) const fn begins(&mut self, fields: &[Field], index: usize) -> Option<(Span, bool)> {
        if !self.ascend {
            return if fields.len() < MANY_FIELDS { begins(fields, index) } else { None };
        }
        if index < self.next {
            return None;
        }
        let mut extent = Extent::EMPTY;
        self.next = index;
        while self.next < fields.len() && !fields[self.next].ends_span() {
            if fields[self.next].is_copied() {
                extent.add(fields[self.next].offset, fields[self.next].layout.extent);
            }
            self.next += 1;
        }
        match extent.span() {
            Some(span) => Some((span, true)),
            None => None,
        }
    }
}

impl Field {
    /// Whether it has bytes that may be in no span.
    const fn ends_span(&self) -> bool {
        self.layout.size != 0 && !self.layout.is_data_and_padding()
    }
}

/// Whether the fields are declared in the order in which they lie in memory.
const fn ascend(fields: &[Field]) -> bool {
    let (mut end, mut i) = (0, 0);
    while i < fields.len() {
        if fields[i].layout.size != 0 {
            if fields[i].offset < end {
                return false;
            }
            end = fields[i].end();
        }
        i += 1;
    }
    true
}

/// The same for fields in any order, each of which is compared with all others.
const fn begins(fields: &[Field], index: usize) -> Option<(Span, bool)> {
    let field = &fields[index];
    if !field.is_copied() || field.ends_span() {
        return None;
    }
    // The nearest other fields before and after.
    let (mut low, mut high) = (0, usize::MAX);
    let mut i = 0;
    while i < fields.len() {
        let other = &fields[i];
        if other.ends_span() {
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
        if other.is_copied() {
            let belongs = other.offset >= low && other.offset < high;
            if belongs {
                extent.add(other.offset, other.layout.extent);
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
