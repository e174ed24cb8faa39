//! [`Payload`]: the types that a region can hold, a value or a slice. [`SliceLayout`] copies slices: the length, and as
//! many elements as there are, never the whole capacity.

use core::fmt;
use core::mem::MaybeUninit;
use core::ops::Range;

use crate::error::{Error, ReadValueError, mismatch};
use crate::life::{Inspected, MappedRegion};
use crate::mapping::BufferLayout;
use crate::schema::Schema;
use crate::value::by_fields::{Matching, Others};
use crate::value::checks::{check_elements, check_type, too_long, zeroed};
use seqcopy::raw::__shm::Elements;
use seqcopy::{Aligned8, AtomicPerByte, MaybeInvalid, ReadError, Validate};

/// Where length and elements of a slice lie.
pub struct SliceLayout<T> {
    /// 1 or more.
    pub(crate) capacity: usize,
    pub(crate) buffer_layout: BufferLayout,
    /// The accesses of the length. In builds with vectors it is in one span with the elements, so it is not a word. The
    /// partition of the schema decides.
    len: Elements<u32>,
    /// The accesses of the elements. Empty if there are `others`.
    elements: Elements<T>,
    /// Converts elements that have the fields of a `T`. Only readers have this.
    others: Option<Box<Others>>,
    /// Whether a reader accepts slices of other elements.
    pub(crate) is_by_fields: bool,
}

/// A length that no region accepts, so it means "no slice". (Slices of zero-sized elements can have it, but they can't
/// lose elements either.)
const NO_SLICE: u32 = u32::MAX;

/// What the writer of a slice has.
#[derive(Debug)]
pub struct SliceWriter<T> {
    pub(crate) layout: SliceLayout<T>,
    /// For `update`. Kept for the next call.
    pub(crate) elements: Vec<T>,
}

/// The elements that a reader wants, and their destination. `None` if there are too many, or too few.
pub(crate) type Wanted<T> = Option<(Range<usize>, *mut T)>;

/// Why an attempt has no elements. Frequent results fit into registers: a read of a few KiB keeps the processor busy
/// with stores, so every further store makes the read longer.
pub(crate) enum NoElements {
    /// The length. It is more than the capacity, or not what is wanted.
    Length(u32),
    /// The error of the source.
    Miss(ReadError),
}

impl<T: Validate> SliceLayout<T> {
    /// The layout of a region whose schema is that of a slice of `T`.
    pub(crate) fn from_inspected(inspected: &Inspected) -> Self {
        Self::matching(inspected, Matching::Exact)
    }

    /// The layout of a region with a slice of `T`, or of elements that have the fields of a `T`.
    pub(crate) fn matching(inspected: &Inspected, matching: Matching) -> Self {
        let (layout, region) = (inspected.schema.layout(), &inspected.header.layout);
        let capacity = inspected.schema.capacity().unwrap_or(0);
        let is_by_fields = matching.is_by_fields();
        let (elements, others) = match matching {
            Matching::Elements(others) => (Elements::none(), Some(others)),
            _ => (Elements::from_layout(layout, region.base(), Schema::offset_of_elements::<T>(), capacity), None),
        };
        let len = Elements::from_layout(layout, region.base(), 0, 1);
        SliceLayout { capacity, buffer_layout: region.buffer_layout, len, elements, others, is_by_fields }
    }

    /// Calls `wanted` with a length, which may come from a hostile process. Nothing is copied before the length is
    /// checked.
    #[inline(always)]
    pub(crate) fn check_len(&self, len: u32, wanted: impl FnOnce(usize) -> Wanted<T>) -> Wanted<T> {
        if len as usize > self.capacity { None } else { wanted(len as usize) }
    }

    /// Loads the bits of the wanted elements, or returns the length that was refused. `wanted` receives the number of
    /// elements. If a write overlapped, its result has no meaning.
    ///
    /// # Safety
    /// A buffer of this region is at `buffer`. `wanted` returns a range inside of the length that it received, and a
    /// place with space for these elements, which only this thread accesses (I4 private).
    #[inline(always)]
    pub(crate) unsafe fn load_slice(
        &self,
        buffer: *const u8,
        wanted: impl FnOnce(usize) -> Wanted<T>,
    ) -> Result<Range<usize>, u32> {
        let mut len = 0;
        // SAFETY: a buffer is aligned to the region's base, as long as the type, and the system's initialised memory
        // (I2 init, P4 uninit). Other processes access it by the same partition (I1 partition), because the schema is
        // the same (P23 one-process). A local.
        unsafe { self.len.load_elements(buffer, 0, 1, &raw mut len) };
        let (range, place) = self.check_len(len, wanted).ok_or(len)?;
        match &self.others {
            // SAFETY: a buffer of this region; inside of the length, which is at most the capacity, and there is space
            // by this function's contract.
            None => unsafe { self.elements.load_elements(buffer, range.start, range.len(), place) },
            // SAFETY: the same (I1 partition, I2 init, I4 private).
            Some(others) => unsafe { others.load_elements(buffer, range.clone(), place) },
        }
        Ok(range)
    }

    /// Stores a slice. Nothing here panics (I9 no-panic).
    ///
    /// # Safety
    /// * At `buffer` lies a writable buffer of this region, and there are no more `elements` than its capacity.
    /// * This process holds the writer lock, and this thread is its only writer (I5 one-writer).
    #[inline]
    pub(crate) unsafe fn store_slice(&self, buffer: *mut u8, elements: &[T]) {
        #[allow(clippy::cast_possible_truncation)] // at most the capacity, which is a `u32`
        let len = elements.len() as u32;
        // SAFETY: a buffer of this region, by function's contract, and the only writer (I1 partition, I2 init, I5
        // one-writer, P23 one-process).
        unsafe { self.len.store_elements(&raw const len, 0, 1, buffer) };
        // SAFETY: the same buffer and writer; valid elements, borrowed (I1 partition, I4 private, I5 one-writer).
        unsafe { self.elements.store_elements(elements.as_ptr(), 0, elements.len(), buffer) };
    }

    /// Stores a length that readers refuse, which means "no slice". Nothing here panics (I9 no-panic).
    ///
    /// # Safety
    /// The contract of [`store_slice`](Self::store_slice).
    unsafe fn store_none(&self, buffer: *mut u8) {
        // SAFETY: a buffer of this region, by this function's contract, and the only writer; more than any capacity (I1
        // partition, I2 init, I5 one-writer, P23 one-process).
        unsafe { self.len.store_elements(&NO_SLICE, 0, 1, buffer) };
    }
}

impl<T: Validate> SliceWriter<T> {
    /// Copies the newest slice. There is no other writer.
    pub(crate) fn last(mapping: &MappedRegion, layout: &SliceLayout<T>, to: &mut Vec<T>) -> Result<(), ReadValueError> {
        to.clear();
        let mut loaded = Err(0);
        let copy = |buffer| {
            let wanted = |len| {
                to.reserve(len);
                Some((0..len, to.as_mut_ptr()))
            };
            // SAFETY: a buffer of this region, and there is space for all elements in a vector of this thread (I4
            // private).
            loaded = unsafe { layout.load_slice(buffer, wanted) };
        };
        mapping.buffers.try_read(layout.buffer_layout, copy)?;
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
    /// * As for [`Buffers::write`](crate::mapping::Buffers::write).
    pub(crate) unsafe fn publish(&self, mapping: &MappedRegion, elements: &[T]) {
        let layout = &self.layout;
        // SAFETY: a buffer of this region, as `write` has it, and the only writer; not more elements than the capacity
        // (I5 one-writer).
        let store = |buffer| unsafe { layout.store_slice(buffer, elements) };
        // SAFETY: the mapping keeps its map, which is writable (I8 mapping), and the buffer layout is its own; the rest
        // is this function's contract (I5 one-writer, R2 one-protocol).
        unsafe { mapping.buffers.write(layout.buffer_layout, store) };
    }

    /// Publishes a version that no reader accepts.
    ///
    /// # Safety
    /// The contract of [`publish`](Self::publish).
    pub(crate) unsafe fn publish_none(&self, mapping: &MappedRegion) {
        // SAFETY: a buffer of this region, as `write` has it, and the only writer (I5 one-writer).
        let store = |buffer| unsafe { self.layout.store_none(buffer) };
        // SAFETY: a map that is writable, the buffer layout is its own, and the rest is this function's contract (I8
        // mapping, I5 one-writer, R2 one-protocol).
        unsafe { mapping.buffers.write(self.layout.buffer_layout, store) };
    }
}

impl<T> fmt::Debug for SliceLayout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SliceLayout").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}

/// A type that a [`Reader`](crate::Reader) reads and a [`Writer`](crate::Writer) writes: a type that is [`Validate`],
/// or a slice `[T]` of such a type, whose length is known at run time. There are no others.
#[diagnostic::on_unimplemented(
    message = "bits of `{Self}` cannot be checked",
    label = "`{Self}` does not implement `Validate`",
    note = "if it is your own type, add `#[derive(SeqCopy, Validate)]` and `#[repr(C)]` to it",
    note = "pointers, references and function pointers mean nothing outside their process: store an index or an offset",
    note = "tuples have no specified layout: use a `repr(C)` struct",
    note = "for text use `seqcopy::SeqStr<N>`, for a vector `SeqVec<T, N>`, for an `Option` `SeqOption<T>`, for a `Duration` `SeqDuration`"
)]
pub trait Payload: Content {}

/// What regions ask of their content. Public, because [`Payload`] is; not named outside, so no other crate can
/// implement it.
pub trait Content: ValueOrSlice + 'static {
    /// Whether a region holds this type.
    fn check_type(there: &Schema) -> Result<(), Error>;

    /// The schema of a new region. The capacity matters only for slices.
    fn schema(capacity: usize) -> Result<Schema, Error>;

    /// How a region is read, if it holds this type or, with `by_fields`, a type that has all of its fields.
    fn matching(region: &Inspected, by_fields: bool) -> Result<Matching, Error>;

    fn in_reader(region: &Inspected, matching: Matching) -> Self::InReader;

    /// Whether the reader accepts regions whose type has more fields.
    #[must_use]
    fn is_by_fields(_: &Self::InReader) -> bool {
        false
    }

    fn in_writer(region: &Inspected) -> Self::InWriter;

    /// Copies the value of a region to a new region, which may have more space, with the same version. If the value is
    /// damaged or unfinished, the new region still has that version, and no value until the next write. A reader that
    /// knows the version must not miss that write.
    fn copy(from: &MappedRegion, to: &MappedRegion);
}

/// The state of readers and writers in addition to their region. Implemented for all types, so that code that is
/// generic over a `T` can name them without a bound.
#[diagnostic::on_unimplemented(
    message = "a region can't hold a `{Self}`",
    note = "it holds a value of a type that derives `SeqCopy` and `Validate`, or a slice `[T]` of such values"
)]
pub trait ValueOrSlice {
    type InReader: Send + Sync + Unpin;
    type InWriter;
}

impl<T> ValueOrSlice for T {
    type InReader = Matching;
    /// For `write_in_place` and `update`, because a value may be too large for the stack.
    type InWriter = Option<Box<MaybeUninit<T>>>;
}

impl<T> ValueOrSlice for [T] {
    type InReader = Box<SliceLayout<T>>;
    type InWriter = SliceWriter<T>;
}

impl<T: Validate + 'static> Payload for T {}
impl<T: Validate + 'static> Payload for [T] {}

impl<T: Validate + 'static> Content for T {
    fn check_type(there: &Schema) -> Result<(), Error> {
        check_type(&Schema::of::<T>(), there)
    }

    fn schema(_: usize) -> Result<Schema, Error> {
        Ok(Schema::of::<T>())
    }

    fn matching(region: &Inspected, by_fields: bool) -> Result<Matching, Error> {
        if by_fields {
            return Matching::by_fields(T::LAYOUT, region);
        }
        <Self as Content>::check_type(&region.schema)?;
        Ok(Matching::Exact)
    }

    fn in_reader(_: &Inspected, matching: Matching) -> Matching {
        matching
    }

    fn is_by_fields(reader: &Matching) -> bool {
        reader.is_by_fields()
    }

    fn in_writer(_: &Inspected) -> Option<Box<MaybeUninit<T>>> {
        None
    }

    fn copy(from: &MappedRegion, to: &MappedRegion) {
        let (mut bits, version) = (zeroed::<Aligned8<T>>(), from.version());
        // SAFETY: a buffer of the region's type: as `Buffers::load` has it (I1 partition, I2 init, I8 mapping).
        let buffer = |at: *const u8| unsafe { AtomicPerByte::<Aligned8<T>>::from_ptr(at.cast_mut().cast()) };
        let layout = const { BufferLayout::for_type::<T>() };
        let last = from.buffers.try_read(layout, |at| _ = buffer(at).load_into(&mut bits));
        match (last, to.buffers.word_during(version)) {
            (Ok(_), _) => {
                // SAFETY: the load wrote every data byte (I6 maybe-invalid).
                let bits = unsafe { MaybeInvalid::assume_written_ref(&bits) };
                to.map.set_word(to.buffers.word_before(version));
                // SAFETY: no other process can find the new region (I5 one-writer).
                unsafe { to.buffers.write(layout, |at| buffer(at).store_bits(bits)) };
            }
            // A write that was not finished stays unfinished in the copy.
            (Err(_), Some(word)) if is_being_written(from) => to.map.set_word(word),
            // Nothing was published.
            (Err(_), _) => {}
        }
    }
}

/// Whether a write is in progress.
pub(crate) fn is_being_written(region: &MappedRegion) -> bool {
    region.buffers.open_write().is_some()
}

impl<T: Validate + 'static> Content for [T] {
    /// The capacity is the region's own.
    fn check_type(there: &Schema) -> Result<(), Error> {
        check_type(&Self::schema(there.capacity().unwrap_or(1))?, there)
    }

    fn schema(capacity: usize) -> Result<Schema, Error> {
        let schema = Some(capacity).filter(|&capacity| capacity != 0).and_then(Schema::of_slice::<T>);
        let expected = "from 1 to 4294967295 elements that fit into memory (`Options::capacity`)";
        schema.ok_or_else(|| mismatch("capacity", expected, capacity))
    }

    fn matching(region: &Inspected, by_fields: bool) -> Result<Matching, Error> {
        match Self::check_type(&region.schema) {
            Ok(()) => Ok(if by_fields { Matching::Same } else { Matching::Exact }),
            Err(error) if !by_fields => Err(error),
            Err(_) => Matching::elements_by_fields(T::LAYOUT, region),
        }
    }

    fn in_reader(region: &Inspected, matching: Matching) -> Box<SliceLayout<T>> {
        Box::new(SliceLayout::matching(region, matching))
    }

    fn is_by_fields(reader: &Box<SliceLayout<T>>) -> bool {
        reader.is_by_fields
    }

    fn in_writer(region: &Inspected) -> SliceWriter<T> {
        SliceWriter { layout: SliceLayout::from_inspected(region), elements: Vec::new() }
    }

    fn copy(from: &MappedRegion, to: &MappedRegion) {
        let (mut elements, version) = (Vec::new(), from.version());
        let last = SliceWriter::last(from, &SliceLayout::from_inspected(&from.inspected), &mut elements);
        let writer = Self::in_writer(&to.inspected);
        match (last, to.buffers.word_during(version)) {
            (Ok(()), _) => {
                to.map.set_word(to.buffers.word_before(version));
                // SAFETY: no more elements than the smaller region has space for, and no other process can find the new
                // one (I5 one-writer).
                unsafe { writer.publish(to, &elements) };
            }
            // Nothing was published.
            (Err(_), _) if version == 0 => {}
            (Err(_), Some(word)) => to.map.set_word(word),
            (Err(_), None) => {
                to.map.set_word(to.buffers.word_before(version));
                // SAFETY: no other process can find the new region (I5 one-writer).
                unsafe { writer.publish_none(to) };
            }
        }
    }
}
