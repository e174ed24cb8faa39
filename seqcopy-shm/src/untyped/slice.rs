//! [`Slice`]: where the elements of a slice lie whose type is known by its schema only, and how they are checked.

use core::ops::Range;

use crate::schema::Schema;
use crate::value::Rules;

#[derive(Debug)]
pub(super) struct Slice {
    start: usize,
    /// How many bytes an element has.
    pub(super) size: usize,
    pub(super) capacity: usize,
    rules: Rules,
}

impl Slice {
    /// `None` if the values are no slices.
    pub(super) fn of(schema: &Schema) -> Option<Self> {
        let (start, element, capacity) = Schema::slice_of(schema.layout())?;
        Some(Slice { start, size: element.size(), capacity, rules: Rules::of(element) })
    }

    /// Where in a value elements lie.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        self.start + range.start * self.size..self.start + range.end * self.size
    }

    /// The length that these bytes of a value begin with.
    pub(super) fn count(value: &[u8]) -> u32 {
        value.first_chunk().map_or(0, |count| u32::from_ne_bytes(*count))
    }

    /// Whether these are the first bytes of a valid value, and at least those up to its last element. If not, or if it is not known, a walk says
    /// so.
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        let count = Self::count(value) as usize;
        let elements = if count <= self.capacity { value.get(self.bytes(0..count)) } else { None };
        elements.is_some_and(|elements| self.hold(elements))
    }

    fn hold(&self, elements: &[u8]) -> bool {
        self.size == 0 || self.rules.hold_for_each(elements, self.size)
    }

    /// Checks elements of a slice with this schema, from one on, given as their bytes.
    pub(super) fn check(&self, schema: &Schema, elements: &[u8], first: usize) -> Result<(), String> {
        if self.hold(elements) { Ok(()) } else { walk(schema, elements, first) }
    }
}

/// A walk over the layout, which says what is wrong.
#[cold]
fn walk(schema: &Schema, elements: &[u8], first: usize) -> Result<(), String> {
    let Some((_, element, _)) = Schema::slice_of(schema.layout()) else { return Ok(()) };
    elements
        .chunks_exact(element.size())
        .zip(first..)
        .try_for_each(|(bytes, index)| element.validate(bytes).map_err(|error| format!("element {index}: {error}")))
}
