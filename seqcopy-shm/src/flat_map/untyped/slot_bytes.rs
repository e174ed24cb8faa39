//! [`SlotBytes`]: the parts of slots whose types are known by a schema only.

use std::borrow::Cow;

use super::super::key::why_not_a_key;
use super::super::slot::{Parts, PartsMut, parts};
use crate::error::{BytesError, mismatch};
use crate::header::table_header;
use crate::value::active::{copy_active, has_inactive};
use crate::value::by_fields::Plan;
use crate::value::checks;
use crate::value::rules::Rules;
use crate::{Error, Region, Schema};
use seqcopy::Layout;
use seqcopy::layout::Field;

/// A part of at most this size is looked at without memory from the heap.
const SMALL: usize = 64;

/// Where the parts of a slot lie, and how they become bytes. Those that are stored are [own](Self::own).
#[derive(Debug, Clone)]
pub(super) struct SlotBytes {
    first: usize,
    size: usize,
    /// How many bytes a slot has whose parts are as they are read.
    pub(super) own_size: usize,
    pub(super) key: Part,
    pub(super) value: Part,
}

/// The key or the value of a slot.
#[derive(Debug, Clone)]
pub(super) struct Part {
    offset: usize,
    /// Where it lies in a slot whose parts are as they are read, and how many bytes it has there.
    pub(super) own: usize,
    pub(super) size: usize,
    plan: Plan,
    rules: Rules,
}

impl SlotBytes {
    /// Those of a region whose values are read as those of this schema by this plan.
    pub(super) fn of(region: &Region, own: &Schema, plan: Plan) -> Result<Self, Error> {
        let ([own_key, own_value], [key, value]) = (key_and_value(own)?, key_and_value(region.schema())?);
        let header = region.header();
        let of_key = Plan::own(key.layout(), base(key), header.layout.buffer_layout)?;
        Ok(SlotBytes {
            first: table_header(header.payload_align()),
            size: header.payload_size(),
            own_size: own.size_and_align().0,
            key: Part::of(own_key, key, of_key),
            value: Part::of(own_value, value, plan),
        })
    }

    /// Those of a region as they are.
    pub(super) fn own(region: &Region) -> Result<Self, Error> {
        Self::of(region, region.schema(), own_value(region)?)
    }

    /// Whether maps can have slots with this schema.
    pub(super) fn check(schema: &Schema) -> Result<(), Error> {
        key_and_value(schema)?.iter().try_for_each(|field| checks::series(field.layout(), base(field)).map(drop))
    }
}

impl Part {
    /// That of these slots, as that of one's own.
    fn of(here: &Field, there: &Field, plan: Plan) -> Part {
        let layout = here.layout();
        Part { offset: there.offset(), own: here.offset(), size: layout.size(), plan, rules: Rules::of(layout) }
    }

    /// # Safety
    /// As for [`Parts::load_key`], of this part.
    #[inline(always)]
    unsafe fn load(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: inside the slot (I8 mapping).
        let at = unsafe { slot.add(self.offset) };
        // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
        unsafe { self.plan.load_once(at, to) };
    }

    /// # Safety
    /// As for [`PartsMut::store_key`], of this part, which is [own](SlotBytes::own).
    #[inline(always)]
    unsafe fn store(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: inside the slot (I8 mapping).
        let at = unsafe { slot.add(self.offset) };
        // SAFETY: aligned to the base of the part's partition, by which all others access it (I1 partition); writable, by the only writer,
        // and `from` has as many bytes as the part (I5 one-writer).
        unsafe { self.plan.series().store(from, at) };
    }

    /// Whether these bytes are a valid one, and as many as it has.
    pub(super) fn check(&self, layout: &Layout, bytes: &[u8]) -> Result<(), BytesError> {
        if bytes.len() == self.size && self.rules.hold(bytes) {
            return Ok(());
        }
        layout.validate(bytes).map_err(|error| BytesError::Invalid(error.to_string()))
    }
}

/// Bytes of its own for `look`, which are zeros.
#[inline(always)]
pub(super) fn with_bytes<R>(size: usize, look: impl FnOnce(&mut [u8]) -> R) -> R {
    let (mut small, mut large) = ([0; SMALL], Vec::new());
    let bytes = match small.get_mut(..size) {
        Some(bytes) => bytes,
        None => {
            large.resize(size, 0);
            &mut large[..]
        }
    };
    look(bytes)
}

impl Parts for SlotBytes {
    #[inline(always)]
    fn first(&self) -> usize {
        self.first
    }

    #[inline(always)]
    fn size(&self) -> usize {
        self.size
    }

    #[inline(always)]
    unsafe fn with_key<R>(&self, slot: *mut u8, look: impl FnOnce(&[u8]) -> R) -> R {
        with_bytes(self.key.size, |key| {
            // SAFETY: this function's contract; there are as many bytes as a key has (I1 partition, I2 init, I4 private).
            unsafe { self.key.load(slot, key.as_mut_ptr()) };
            look(key)
        })
    }

    #[inline(always)]
    unsafe fn load_key(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
        unsafe { self.key.load(slot, to) };
    }

    #[inline(always)]
    unsafe fn load_value(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init, I4 private).
        unsafe { self.value.load(slot, to) };
    }
}

/// Only of those of a region as they are: a writer has no others.
impl PartsMut for SlotBytes {
    #[inline(always)]
    unsafe fn store_key(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I5 one-writer).
        unsafe { self.key.store(from, slot) };
    }

    #[inline(always)]
    unsafe fn store_value(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I5 one-writer).
        unsafe { self.value.store(from, slot) };
    }

    unsafe fn clear(&self, slot: *mut u8) {
        for part in [&self.value, &self.key] {
            // SAFETY: this function's contract; as many zeros as the part has bytes (I1 partition, I5 one-writer).
            with_bytes(part.size, |zeros| unsafe { part.store(zeros.as_ptr(), slot) });
        }
    }

    unsafe fn copy(&self, from: *mut u8, to: *mut u8) {
        for part in [&self.value, &self.key] {
            with_bytes(part.size, |bytes| {
                // SAFETY: this function's contract; as many bytes as the part has (I1 partition, I2 init, I4 private).
                unsafe { part.load(from, bytes.as_mut_ptr()) };
                // SAFETY: this function's contract (I1 partition, I5 one-writer).
                unsafe { part.store(bytes.as_ptr(), to) };
            });
        }
    }
}

/// The parts of a slot with this schema.
///
/// # Errors
/// If it is not that of a map.
pub(super) fn key_and_value(schema: &Schema) -> Result<[&Field; 2], Error> {
    let Some([key, value]) = parts(schema.layout()) else {
        return Err(mismatch("type", "a slot of stamp, key and value", schema.layout().type_name()));
    };
    match why_not_a_key(key.layout()) {
        Some(why) => Err(mismatch("type of the keys", format_args!("another ({why})"), key.layout().type_name())),
        None => Ok([key, value]),
    }
}

/// How values of a map are read as what they are.
pub(super) fn own_value(region: &Region) -> Result<Plan, Error> {
    let [_, value] = key_and_value(region.schema())?;
    Plan::own(value.layout(), base(value), region.header().layout.buffer_layout)
}

/// The alignment of a part of a slot, to which its partition belongs.
pub(super) fn base(field: &Field) -> usize {
    field.layout().align().max(8)
}

/// The bytes of a part, with zeros for those that have no meaning in it: a key is found by all of them, and values are compared.
pub(super) fn active<'b>(layout: &Layout, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    let is_whole = layout.is_padding_free() && !has_inactive(layout);
    // What is not a value stays as it is, and is not found.
    if is_whole || layout.validate(bytes).is_err() {
        return Cow::Borrowed(bytes);
    }
    let mut active = vec![0; bytes.len()];
    copy_active(layout, bytes, &mut active);
    Cow::Owned(active)
}
