//! Queries about the part of a type that lies at an offset.

use super::tree::{Field, Layout, Shape};

/// What may not be read or written as a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPart {
    /// A skipped field.
    Skipped,
    /// Something inside an enum with fields.
    OfVariant,
}

impl Layout {
    /// Why the `size` bytes from `offset` on are no part that can be read or written alone, if there is a reason.
    pub(crate) const fn why_not_a_part(&self, offset: usize, size: usize) -> Option<NoPart> {
        if size == 0 {
            return None;
        }
        match self.shape {
            Shape::Skipped => Some(NoPart::Skipped),
            Shape::Enum { .. } if size < self.size => Some(NoPart::OfVariant),
            Shape::Array { element, .. } => {
                let at = offset % element.size;
                if at + size <= element.size {
                    return element.why_not_a_part(at, size);
                }
                // The part may have only some bytes of the first and of the last element.
                let behind = (at + size) % element.size;
                if element.is_split(at, element.size) || element.is_split(0, behind) {
                    Some(NoPart::OfVariant)
                } else {
                    None
                }
            }
            Shape::Struct { fields } => match Self::field_around(fields, offset, size) {
                Some(field) => field.layout.why_not_a_part(offset - field.offset, size),
                None if self.is_split(offset, offset + size) => Some(NoPart::OfVariant),
                None => None,
            },
            _ => None,
        }
    }

    /// Whether the bytes from `start` to `end` are some of an enum with fields, and not all.
    const fn is_split(&self, start: usize, end: usize) -> bool {
        if start >= end || !self.has_enum_with_fields {
            return false;
        }
        match self.shape {
            Shape::Enum { .. } => start > 0 || end < self.size,
            Shape::Array { element, .. } => {
                element.is_split(start % element.size, element.size) || element.is_split(0, end % element.size)
            }
            Shape::Struct { fields } => {
                let mut i = 0;
                while i < fields.len() {
                    let (field, at) = (&fields[i], fields[i].offset);
                    let last = if end < field.end() { end } else { field.end() };
                    if last > at && field.layout.is_split(start.saturating_sub(at), last - at) {
                        return true;
                    }
                    i += 1;
                }
                false
            }
            _ => false,
        }
    }

    /// The field that contains the `size` bytes from `offset` on.
    const fn field_around(fields: &'static [Field], offset: usize, size: usize) -> Option<&'static Field> {
        let mut i = 0;
        while i < fields.len() {
            if fields[i].offset <= offset && offset + size <= fields[i].end() {
                return Some(&fields[i]);
            }
            i += 1;
        }
        None
    }

    /// The number of the node at `offset` that has the layout `part`, whatever the names in it.
    pub(crate) fn node_of_part(&self, offset: usize, part: &Layout) -> Option<u64> {
        if offset == 0 && self.is_like(part) {
            return Some(0);
        }
        match self.shape {
            Shape::Array { element, .. } if element.size != 0 => {
                let inside = element.node_of_part(offset % element.size, part)?;
                Some(self.node_of_element(offset / element.size) + inside)
            }
            Shape::Struct { fields } => fields.iter().enumerate().find_map(|(index, field)| {
                if offset < field.offset || field.end() < offset + part.size {
                    return None;
                }
                let inside = field.layout.node_of_part(offset - field.offset, part)?;
                Some(self.node_of_field(index) + inside)
            }),
            _ => None,
        }
    }
}
