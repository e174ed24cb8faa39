//! [`SliceLayout`]: where a slice lies in a buffer, and how it is copied: its length, and as many elements as there are, never the whole
//! capacity.

use core::fmt;
use core::ops::Range;

use seqcopy::raw::Elements;
use seqcopy::{ReadError, Validate};

use crate::header::BufferLayout;
use crate::life::inspect::Inspected;
use crate::life::mapped_region::MappedRegion;
use crate::value::by_fields::{Matching, Others};
use crate::value::checks::{check_elements, too_long};
use crate::{ReadValueError, Schema};

/// Where length and elements of a slice lie.
pub struct SliceLayout<T> {
    /// At least 1.
    pub(crate) capacity: usize,
    pub(crate) buffer_layout: BufferLayout,
    /// In builds with vectors the length is in one span with the elements, so not a word: only the partition of the schema says what it is.
    len: Elements<u32>,
    /// None if there are others.
    elements: Elements<T>,
    /// What has the fields of a `T`, in the place of `T`s. Only readers have this.
    others: Option<Box<Others>>,
    /// Whether a reader takes such slices.
    pub(crate) is_by_fields: bool,
}

/// A length that is refused, of all but elements without bytes: a region may have that many of those, and then has them.
const NO_SLICE: u32 = u32::MAX;

/// What the writer of a slice has.
#[derive(Debug)]
pub struct SliceWriter<T> {
    pub(crate) layout: SliceLayout<T>,
    /// For `update`, kept for the next one.
    pub(crate) elements: Vec<T>,
}

/// Which elements a reader wants, and where they go; `None` if there are too many, or too few.
pub(crate) type Wanted<T> = Option<(Range<usize>, *mut T)>;

/// Why an attempt has no elements. What is frequent fits in registers: a read of a few KiB keeps the processor storing, so that each other
/// store makes it longer.
pub(crate) enum NoElements {
    /// The length, which is more than the capacity, or not what is wanted.
    Length(u32),
    /// What the source says.
    Miss(ReadError),
}

impl<T: Validate> SliceLayout<T> {
    /// The layout of a region whose schema was found to be that of a slice of `T`.
    pub(crate) fn of(inspected: &Inspected) -> Self {
        Self::matching(inspected, Matching::Exact)
    }

    /// The same, or that of a slice of something that has the fields of a `T`.
    pub(crate) fn matching(inspected: &Inspected, matching: Matching) -> Self {
        let (layout, region) = (inspected.schema.layout(), &inspected.header.layout);
        let capacity = inspected.schema.capacity().unwrap_or(0);
        let is_by_fields = matching.is_by_fields();
        let (elements, others) = match matching {
            Matching::Elements(others) => (Elements::none(), Some(others)),
            _ => (Elements::of(layout, region.base(), Schema::offset_of_elements::<T>(), capacity), None),
        };
        let len = Elements::of(layout, region.base(), 0, 1);
        SliceLayout { capacity, buffer_layout: region.buffer_layout, len, elements, others, is_by_fields }
    }

    /// What `wanted` returns for that length, which may come from a hostile process: nothing is copied before it is checked.
    #[inline(always)]
    pub(crate) fn check(&self, len: u32, wanted: impl FnOnce(usize) -> Wanted<T>) -> Wanted<T> {
        if len as usize > self.capacity { None } else { wanted(len as usize) }
    }

    /// Loads the bits of the elements that are wanted, or returns the length that was refused. `wanted` is told how many there are; what
    /// it returns is meaningless if a write overlapped.
    ///
    /// # Safety
    /// At `buffer` lies a buffer of this region, and what `wanted` returns is inside of the length that it was told, with space for these
    /// elements where they go, which are this thread's alone (I4 private).
    #[inline(always)]
    pub(crate) unsafe fn load(
        &self,
        buffer: *const u8,
        wanted: impl FnOnce(usize) -> Wanted<T>,
    ) -> Result<Range<usize>, u32> {
        let mut len = 0;
        // SAFETY: a buffer is aligned to the region's base, as long as the type, and the system's initialised memory (I2 init, P4 uninit).
        // Other processes access it by the same partition (I1 partition), because the schema is the same (P23 one-process). A local.
        unsafe { self.len.load(buffer, 0, 1, &raw mut len) };
        let (range, place) = self.check(len, wanted).ok_or(len)?;
        match &self.others {
            // SAFETY: as above; inside of the length, which is at most the capacity, and there is space by this function's contract.
            None => unsafe { self.elements.load(buffer, range.start, range.len(), place) },
            // SAFETY: the same (I1 partition, I2 init, I4 private).
            Some(others) => unsafe { others.load(buffer, range.clone(), place) },
        }
        Ok(range)
    }

    /// Stores a slice. Nothing here panics (I9 no-panic).
    ///
    /// # Safety
    /// * At `buffer` lies a writable buffer of this region, and there are no more `elements` than its capacity.
    /// * This process holds the writer lock, and this thread is its only writer (I5 one-writer).
    #[inline]
    pub(crate) unsafe fn store(&self, buffer: *mut u8, elements: &[T]) {
        #[allow(clippy::cast_possible_truncation)] // at most the capacity, which is a `u32`
        let len = elements.len() as u32;
        // SAFETY: as in `load`, and this function's contract: the only writer (I1 partition, I2 init, I5 one-writer, P23 one-process).
        unsafe { self.len.store(&raw const len, 0, 1, buffer) };
        // SAFETY: as above; valid elements, borrowed (I4 private).
        unsafe { self.elements.store(elements.as_ptr(), 0, elements.len(), buffer) };
    }

    /// Stores a length that is refused: there is no slice. Nothing here panics (I9 no-panic).
    ///
    /// # Safety
    /// As for [`store`](Self::store).
    unsafe fn store_none(&self, buffer: *mut u8) {
        // SAFETY: as in `store`; more than any capacity (I1 partition, I2 init, I5 one-writer, P23 one-process).
        unsafe { self.len.store(&NO_SLICE, 0, 1, buffer) };
    }
}

impl<T: Validate> SliceWriter<T> {
    /// Copies the last slice; there is no other writer.
    pub(crate) fn last(mapping: &MappedRegion, layout: &SliceLayout<T>, to: &mut Vec<T>) -> Result<(), ReadValueError> {
        to.clear();
        let mut loaded = Err(0);
        let copy = |buffer| {
            let wanted = |len| {
                to.reserve(len);
                Some((0..len, to.as_mut_ptr()))
            };
            // SAFETY: a buffer of this region, and there is space for all elements in a vector of this thread (I4 private).
            loaded = unsafe { layout.load(buffer, wanted) };
        };
        // SAFETY: `mapping` keeps the map (I8 mapping), and the buffer layout is its own.
        unsafe { mapping.buffers.try_read(layout.buffer_layout, copy) }?;
        let range = loaded.map_err(too_long::<T>)?;
        // SAFETY: the attempt wrote every data byte of these (I6 maybe-invalid).
        unsafe { check_elements::<T>(&to.spare_capacity_mut()[..range.len()], 0) }?;
        // SAFETY: they were validated (P24 safety).
        unsafe { to.set_len(range.len()) };
        Ok(())
    }

    /// Publishes a slice.
    ///
    /// # Safety
    /// * `mapping` is the region's, and there are no more `elements` than its capacity.
    /// * As for [`Buffers::write`](crate::mapping::buffers::Buffers::write).
    pub(crate) unsafe fn publish(&self, mapping: &MappedRegion, elements: &[T]) {
        let layout = &self.layout;
        // SAFETY: a buffer of this region, as `write` has it, and the only writer; not more elements than the capacity (I5 one-writer).
        let store = |buffer| unsafe { layout.store(buffer, elements) };
        // SAFETY: the mapping keeps its map, which is writable (I8 mapping), and the buffer layout is its own; the rest is this function's
        // contract (I5 one-writer, R2 one-protocol).
        unsafe { mapping.buffers.write(layout.buffer_layout, store) };
    }

    /// Publishes a version that no reader accepts.
    ///
    /// # Safety
    /// As for [`publish`](Self::publish).
    pub(crate) unsafe fn publish_none(&self, mapping: &MappedRegion) {
        // SAFETY: as in `publish` (I5 one-writer).
        let store = |buffer| unsafe { self.layout.store_none(buffer) };
        // SAFETY: as in `publish` (I8 mapping, I5 one-writer, R2 one-protocol).
        unsafe { mapping.buffers.write(self.layout.buffer_layout, store) };
    }
}

impl<T> fmt::Debug for SliceLayout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SliceLayout").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
