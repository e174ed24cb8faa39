//! [`Slice`] reads and validates the elements of a slice whose type is known by its schema only.

use core::ops::Range;

use crate::error::{BytesError, ReadValueError};
use crate::mapping::{BufferLayout, Buffers};
use crate::schema::Schema;
use crate::value::{Others, Rules};
use seqcopy::raw::__shm::Series;
use seqcopy::{LengthError, ReadError};

/// The buffers of a region, and how its values are copied and validated.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) buffers: &'a Buffers,
    pub(super) layout: BufferLayout,
    pub(super) series: &'a Series,
    /// Converts elements that have other fields than the reader's own.
    pub(super) others: Option<&'a Others>,
    pub(super) schema: &'a Schema,
}

/// The place of a slice's elements.
#[derive(Debug)]
pub(super) struct Slice {
    start: usize,
    /// The size of an element.
    pub(super) size: usize,
    pub(super) capacity: usize,
    rules: Rules,
}

impl Slice {
    /// `None` if the values are no slices.
    pub(super) fn from_schema(schema: &Schema) -> Option<Self> {
        let (start, element, capacity) = Schema::slice_of(schema.layout())?;
        Some(Slice { start, size: element.size(), capacity, rules: Rules::from_layout(element) })
    }

    /// The bytes of a range of elements.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        self.start + range.start * self.size..self.start + range.end * self.size
    }

    /// Reads all elements, or as many as there is space for from number `first` on. Returns their number, and the
    /// result of the `attempts`.
    /// # Safety
    /// The source is that of one region. Its values are slices of these elements, or of elements that `others` converts
    /// to these, with space for this capacity, or for as many as a length can say.
    pub(super) unsafe fn read_elements<R>(
        &self,
        from: Source<'_>,
        first: Option<usize>,
        elements: &mut [u8],
        attempts: impl FnOnce(&mut dyn FnMut() -> Result<u64, ReadError>) -> Result<R, ReadValueError>,
    ) -> Result<(u32, R), BytesError> {
        let Source { buffers, layout, series, others, schema } = from;
        let fit = elements.len().checked_div(self.size);
        let space = fit.unwrap_or(self.capacity);
        let asked = first.map(|first| first..first.saturating_add(fit.unwrap_or(0)));
        let wanted = |count: usize| match &asked {
            Some(range) => (range.end <= count).then(|| range.clone()),
            None => (count <= space).then_some(0..count),
        };
        let place = elements.as_mut_ptr();
        let mut count = 0u32;
        let mut copy = |buffer: *const u8| {
            // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised
            // (P4 uninit, I2 init); others access it by the partition of the same schema (I1 partition, P23
            // one-process), which the series has (this function's contract). The bytes of a number (I4 private).
            unsafe { series.load_range(buffer, 0..4, (&raw mut count).cast()) };
            let Some(range) = wanted(count as usize).filter(|_| count as usize <= self.capacity) else { return };
            match others {
                // SAFETY: a buffer of this type; elements inside of the capacity, for which there is space (I1
                // partition, I4 private).
                None => unsafe { series.load_range(buffer, self.bytes(range), place) },
                // SAFETY: the others were made for this buffer; elements inside of the capacity, for which there is
                // space (I1 partition, I4 private).
                Some(others) => unsafe { others.load_elements(buffer, range, place) },
            }
        };
        let read = attempts(&mut || buffers.try_read(layout, &mut copy))?;
        let len = count as usize;
        if len > self.capacity {
            let why = format!("the slice has {len} elements, and space for {} only", self.capacity);
            return Err(BytesError::Invalid(why));
        }
        let Some(range) = wanted(len) else {
            return Err(ReadValueError::Length(LengthError::new(len, asked.map_or(space, |range| range.end))).into());
        };
        self.validate_elements(schema, &elements[..range.len() * self.size], range.start)
            .map_err(BytesError::Invalid)?;
        Ok((count, read))
    }

    /// The length at the beginning of a value.
    pub(super) fn count(value: &[u8]) -> u32 {
        value.first_chunk().map_or(0, |count| u32::from_ne_bytes(*count))
    }

    /// Whether these bytes are the beginning of a valid value, at least up to its last element. If not, or if that is
    /// not known, a walk decides.
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        let count = Self::count(value) as usize;
        let elements = if count <= self.capacity { value.get(self.bytes(0..count)) } else { None };
        elements.is_some_and(|elements| self.hold(elements))
    }

    fn hold(&self, elements: &[u8]) -> bool {
        self.size == 0 || self.rules.hold_for_each(elements, self.size)
    }

    /// Validates elements of a slice with this schema. The first one is number `first`.
    pub(super) fn validate_elements(&self, schema: &Schema, elements: &[u8], first: usize) -> Result<(), String> {
        if self.hold(elements) { Ok(()) } else { walk(schema, elements, first) }
    }
}

/// Walks over the layout, and says which part is not valid.
#[cold]
fn walk(schema: &Schema, elements: &[u8], first: usize) -> Result<(), String> {
    let Some((_, element, _)) = Schema::slice_of(schema.layout()) else { return Ok(()) };
    elements
        .chunks_exact(element.size())
        .zip(first..)
        .try_for_each(|(bytes, index)| element.validate(bytes).map_err(|error| format!("element {index}: {error}")))
}
