//! [`Payload`]: what a region holds, one value or a slice.

use core::mem::MaybeUninit;

use crate::error::mismatch;
use crate::header::BufferLayout;
use crate::life::inspect::Inspected;
use crate::life::mapped_region::MappedRegion;
use crate::value::by_fields::Matching;
use crate::value::checks::{check, zeroed};
use crate::value::slice::{SliceLayout, SliceWriter};
use crate::{Error, Schema};
use seqcopy::{Aligned8, AtomicPerByte, MaybeInvalid, Validate};

/// What a [`Reader`](crate::Reader) reads, and a [`Writer`](crate::Writer) writes: any type that is [`Validate`], or `[T]` of such a type,
/// whose length is known at run time only. There are no others.
#[diagnostic::on_unimplemented(
    message = "bits of `{Self}` cannot be checked",
    label = "`{Self}` does not implement `Validate`",
    note = "if it is your own type, add `#[derive(SeqCopy, Validate)]` and `#[repr(C)]` to it",
    note = "pointers, references and function pointers mean nothing outside their process: store an index or an offset",
    note = "tuples have no specified layout: use a `repr(C)` struct",
    note = "for text use `seqcopy::SeqStr<N>`, for a vector `SeqVec<T, N>`, for an `Option` `SeqOption<T>`, for a `Duration` `SeqDuration`"
)]
pub trait Payload: ValueOrSlice + 'static {
    /// Whether a region holds this.
    #[doc(hidden)]
    fn check(there: &Schema) -> Result<(), Error>;

    /// The schema of a new region. The capacity matters to slices only.
    #[doc(hidden)]
    fn schema(capacity: usize) -> Result<Schema, Error>;

    /// How a region is read, if it holds this, or, by fields, something that has all of this.
    #[doc(hidden)]
    fn matching(region: &Inspected, by_fields: bool) -> Result<Matching, Error>;

    #[doc(hidden)]
    fn in_reader(region: &Inspected, matching: Matching) -> Self::InReader;

    /// Whether the reader takes regions that hold more.
    #[doc(hidden)]
    #[must_use]
    fn is_by_fields(_: &Self::InReader) -> bool {
        false
    }

    #[doc(hidden)]
    fn in_writer(region: &Inspected) -> Self::InWriter;

    /// Copies the value of a region to a new one, which may have more space, as the same version. If it is damaged, or its writer did not finish it,
    /// the new one has that version all the same, and no value until the next write: a reader that knows the version must not miss that.
    #[doc(hidden)]
    fn copy(from: &MappedRegion, to: &MappedRegion);
}

/// What readers and writers have in addition to their region. For all types, so that those that are generic over a `T` need no bound to be named.
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
    /// For `write_in_place` and `update`: values may be too large for the stack.
    type InWriter = Option<Box<MaybeUninit<T>>>;
}

impl<T> ValueOrSlice for [T] {
    type InReader = Box<SliceLayout<T>>;
    type InWriter = SliceWriter<T>;
}

impl<T: Validate + 'static> Payload for T {
    fn check(there: &Schema) -> Result<(), Error> {
        check(&Schema::of::<T>(), there)
    }

    fn schema(_: usize) -> Result<Schema, Error> {
        Ok(Schema::of::<T>())
    }

    fn matching(region: &Inspected, by_fields: bool) -> Result<Matching, Error> {
        if by_fields {
            return Matching::by_fields(T::LAYOUT, region);
        }
        <Self as Payload>::check(&region.schema)?;
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
        let layout = const { BufferLayout::of::<T>() };
        // SAFETY: `from` keeps its map, and the layout follows from the type (I8 mapping).
        let last = unsafe { from.buffers.try_read(layout, |at| _ = buffer(at).load_into(&mut bits)) };
        match (last, to.buffers.word_during(version)) {
            (Ok(_), _) => {
                // SAFETY: the load wrote every data byte (I6 maybe-invalid).
                let bits = unsafe { MaybeInvalid::assume_written_ref(&bits) };
                to.map.set_word(to.buffers.word_before(version));
                // SAFETY: no other process can find the new region (I5 one-writer).
                unsafe { to.buffers.write(layout, |at| buffer(at).store_bits(bits)) };
            }
            // A write that was not finished goes on.
            (Err(_), Some(word)) if is_being_written(from) => to.map.set_word(word),
            // Nothing was published.
            (Err(_), _) => {}
        }
    }
}

/// Whether a write is in progress.
pub(crate) fn is_being_written(region: &MappedRegion) -> bool {
    // SAFETY: the region keeps its map (I8 mapping).
    unsafe { region.buffers.open_write() }.is_some()
}

impl<T: Validate + 'static> Payload for [T] {
    /// The capacity is the region's own.
    fn check(there: &Schema) -> Result<(), Error> {
        check(&Self::schema(there.capacity().unwrap_or(1))?, there)
    }

    fn schema(capacity: usize) -> Result<Schema, Error> {
        let schema = Some(capacity).filter(|&capacity| capacity != 0).and_then(Schema::of_slice::<T>);
        let expected = "from 1 to 4294967295 elements that fit into memory (`Options::capacity`)";
        schema.ok_or_else(|| mismatch("capacity", expected, capacity))
    }

    fn matching(region: &Inspected, by_fields: bool) -> Result<Matching, Error> {
        match Self::check(&region.schema) {
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
        SliceWriter { layout: SliceLayout::of(region), elements: Vec::new() }
    }

    fn copy(from: &MappedRegion, to: &MappedRegion) {
        let (mut elements, version) = (Vec::new(), from.version());
        let last = SliceWriter::last(from, &SliceLayout::of(&from.inspected), &mut elements);
        let writer = Self::in_writer(&to.inspected);
        match (last, to.buffers.word_during(version)) {
            (Ok(()), _) => {
                to.map.set_word(to.buffers.word_before(version));
                // SAFETY: no more elements than the smaller region has space for, and no other process can find the new one (I5 one-writer).
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
