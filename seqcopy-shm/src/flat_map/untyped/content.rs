//! [`Content`]: the entries of a map whose types are known by its schema only, and how they get into its tables.
//!
//! The newest generation is kept as an [`Image`] in private memory, which is changed, and the next table gets what it lacks of that. The
//! protocol is that of [`Commits`](super::super::commit): l1, c1 and c2 in one, l3. A table that was taken over is read once, and each other one
//! is written as a whole the first time.

use std::borrow::Cow;
use std::sync::atomic::Ordering::Relaxed;

use super::super::image::{Image, SlotLayout};
use super::super::key::why_not_a_key;
use super::super::lag::Lag;
use super::super::primitive::{AtomicU64, LatchWord};
use super::super::slot::parts;
use crate::error::{BytesError, mismatch};
use crate::header::{Control, table_header};
use crate::life::inspect::Inspected;
use crate::life::mapped_region::MappedRegion;
use crate::value::active::{copy_active, has_inactive};
use crate::value::checks;
use crate::{ChangeError, Error, Schema};
use seqcopy::Layout;
use seqcopy::layout::Field;
use seqcopy::raw::Series;

/// How keys and values of a slot are stored.
#[derive(Debug, Clone)]
pub(super) struct SlotSeries {
    key: Series,
    value: Series,
}

/// The newest generation of a map, and what its tables lack of that.
#[derive(Debug)]
pub(super) struct Content {
    image: Image,
    schema: Schema,
    series: SlotSeries,
    /// As many as a key or a value has, whichever has more.
    zeros: Vec<u8>,
    lags: Vec<Lag>,
}

impl SlotSeries {
    /// # Errors
    /// If the schema is not that of a map.
    pub(super) fn of(schema: &Schema) -> Result<SlotSeries, Error> {
        let [key, value] = key_and_value(schema)?;
        let series = |field: &Field| checks::series(field.layout(), base(field));
        Ok(SlotSeries { key: series(key)?, value: series(value)? })
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

/// The alignment of a part of a slot, to which its partition belongs.
pub(super) fn base(field: &Field) -> usize {
    field.layout().align().max(8)
}

/// The stamp at the start of a slot, or the number of entries at the start of a table.
///
/// # Safety
/// `at` is that place in a table which stays mapped as long as the reference lives. It is accessed as a `u64` only.
#[allow(clippy::cast_ptr_alignment)] // slots and tables are aligned to 8 bytes at least
pub(super) unsafe fn number<'m>(at: *mut u8) -> &'m AtomicU64 {
    // SAFETY: this function's contract.
    unsafe { &*at.cast() }
}

/// The generation that set the entry of a slot; `None` if the slot is free.
///
/// # Safety
/// As for [`number`]: `at` is a slot.
pub(super) unsafe fn stamp(at: *mut u8) -> Option<u64> {
    // SAFETY: this function's contract: the first 8 bytes of a slot, aligned, accessed as a `u64` only (P7 from_ptr, P13 read-only).
    let stamp = unsafe { number(at) }.load(Relaxed);
    (stamp != 0).then_some(stamp)
}

/// The table of a generation, all of which lies inside the mapping, and which buffer that is.
#[allow(clippy::cast_possible_truncation)] // masked by a 32-bit number
fn table(mapping: &MappedRegion, count: u64) -> (*mut u8, usize) {
    let header = &mapping.inspected.header;
    let layout = header.layout.buffer_layout;
    let buffer = (count & u64::from(header.buffers() - 1)) as usize;
    (mapping.map.at(layout.offset + buffer * layout.stride, layout.stride), buffer)
}

/// An image on its way to the next table.
struct Publication<'a> {
    mapping: &'a MappedRegion,
    image: &'a Image,
    series: &'a SlotSeries,
    zeros: &'a [u8],
}

impl Publication<'_> {
    fn latch(&self) -> &LatchWord<u64> {
        // SAFETY: inside the mapping, aligned, and accessed in this width only (P7 from_ptr, I8 mapping).
        unsafe { LatchWord::from_ptr(self.mapping.map.at(Control::WORD, 8).cast()) }
    }

    /// l1, what the next table lacks, l3. Only the writer of this map calls it.
    fn publish(&self, lags: &mut [Lag]) {
        // SAFETY: this is the only writer: it holds the lock, was not forked since, and one thread at a time has the `&mut` (I5 one-writer,
        // R2 one-protocol).
        let next = unsafe { self.latch().write_begin() };
        let (table, buffer) = table(self.mapping, next);
        match &lags[buffer] {
            Lag::Slots(slots) => slots.iter().for_each(|&slot| self.store(table, slot as usize)),
            Lag::All => (0..self.image.slots()).for_each(|slot| self.store(table, slot)),
        }
        // SAFETY: the first 8 bytes of a table, aligned, and accessed as a `u64` only (P7 from_ptr).
        unsafe { number(table) }.store(self.image.len as u64, Relaxed);
        // SAFETY: this is the only writer, as above, and the table is that of the image (I5 one-writer).
        unsafe { self.latch().write_end(next) };
        lags[buffer].clear();
    }

    /// Makes a slot of a table that of the image. Of a free one, key and value become zeros.
    fn store(&self, table: *mut u8, slot: usize) {
        let (of, stamp) = (self.image.slot, self.image.stamp(slot));
        let first = table_header(self.mapping.inspected.header.payload_align());
        let (key, value) = match stamp {
            0 => (&self.zeros[..of.key.1], &self.zeros[..of.value.1]),
            _ => (self.image.key(slot), self.image.value(slot)),
        };
        // SAFETY: inside the table, since the image has as many slots (I8 mapping).
        let at = unsafe { table.add(first + slot * of.size) };
        for (series, offset, bytes) in [(&self.series.key, of.key.0, key), (&self.series.value, of.value.0, value)] {
            // SAFETY: inside the slot (I8 mapping).
            let at = unsafe { at.add(offset) };
            // SAFETY: aligned to the base of the part's partition, by which all others access it (I1 partition); writable, by the only
            // writer (I5 one-writer). The bytes are as many as the part has, or more.
            unsafe { series.store(bytes.as_ptr(), at) };
        }
        // SAFETY: as in `stamp` (P7 from_ptr).
        unsafe { number(at) }.store(stamp, Relaxed);
    }
}

impl Content {
    /// That of a new map, whose tables are zeros.
    pub(super) fn of(inspected: &Inspected, series: SlotSeries) -> Content {
        let header = &inspected.header;
        let [key, value] = parts(inspected.schema.layout()).expect("checked before, and it has the same schema");
        let place = |field: &Field| (field.offset(), field.layout().size());
        let slot = SlotLayout { size: header.payload_size(), key: place(key), value: place(value) };
        #[allow(clippy::cast_possible_truncation)] // 64-bit targets
        let image = Image::new(slot, header.slots() as usize, header.seed());
        let mut lags = vec![Lag::All; header.buffers() as usize];
        // All tables are as the image is.
        lags.iter_mut().for_each(Lag::clear);
        let zeros = vec![0; slot.key.1.max(slot.value.1)];
        Content { image, schema: inspected.schema.clone(), series, zeros, lags }
    }

    /// That of a map which had another writer.
    pub(super) fn take_over(&mut self, mapping: &MappedRegion) {
        self.lags.fill(Lag::All);
        self.load(mapping);
        if mapping.version() == 0 {
            self.publish(mapping);
        }
    }

    pub(super) fn layouts(&self) -> [&Layout; 2] {
        parts(self.schema.layout()).expect("as in `of`").map(Field::layout)
    }

    /// Takes what is valid from the newest table of a map with such slots, which its last writer may have left in any state.
    pub(super) fn load(&mut self, from: &MappedRegion) {
        let (count, inspected) = (from.version(), &from.inspected);
        let (table, _) = table(from, count);
        let [key, value] = parts(inspected.schema.layout()).expect("as in `of`");
        let first = table_header(inspected.header.payload_align());
        let slot = self.image.slot;
        let mut bytes = [vec![0; slot.key.1], vec![0; slot.value.1]];
        #[allow(clippy::cast_possible_truncation)] // 64-bit targets
        for index in 0..inspected.header.slots() as usize {
            // SAFETY: inside the table, which `table` has checked (I8 mapping).
            let at = unsafe { table.add(first + index * slot.size) };
            // SAFETY: a slot (I8 mapping).
            let Some(stamp) = (unsafe { stamp(at) }) else { continue };
            let series = [&self.series.key, &self.series.value];
            for ((field, series), bytes) in [key, value].into_iter().zip(series).zip(&mut bytes) {
                // SAFETY: inside the slot (`parts`, I8 mapping).
                let at = unsafe { at.add(field.offset()) };
                // SAFETY: aligned to the base, initialised (P4 uninit) and accessed by this partition only (I1 partition); the vector
                // is as long as the part (I4 private).
                unsafe { series.load(at, bytes.as_mut_ptr()) };
            }
            if key.layout().validate(&bytes[0]).is_ok() && value.layout().validate(&bytes[1]).is_ok() {
                let _ = self.image.insert(&bytes[0], &bytes[1], stamp.min(count), |_| {});
            }
        }
    }

    /// Whether all of them may be set.
    pub(super) fn check<'s>(&self, set: impl Iterator<Item = (&'s [u8], &'s [u8])>) -> Result<(), BytesError> {
        let of = self.layouts();
        for (key, value) in set {
            for (layout, bytes) in of.into_iter().zip([key, value]) {
                layout.validate(bytes).map_err(|error| BytesError::Invalid(error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Whether it may be a key.
    pub(super) fn check_key(&self, key: &[u8]) -> Result<(), BytesError> {
        self.layouts()[0].validate(key).map_err(|error| BytesError::Invalid(error.to_string()))
    }

    /// Changes entries, which were checked, and publishes that.
    pub(super) fn change<'s, 'r>(
        &mut self,
        mapping: &MappedRegion,
        set: impl Iterator<Item = (&'s [u8], &'s [u8])>,
        removed: impl Iterator<Item = &'r [u8]>,
    ) -> Result<(), BytesError> {
        let stamp = mapping.version().wrapping_add(1).max(1);
        let mut touched = Vec::new();
        for key in removed {
            let key = active(self.layouts()[0], key);
            self.image.remove(&key, |slot| touched.push(slot));
        }
        let mut fits = true;
        for (key, value) in set {
            let [of_key, of_value] = self.layouts();
            let (key, value) = (active(of_key, key), active(of_value, value));
            fits &= self.image.insert(&key, &value, stamp, |slot| touched.push(slot));
        }
        if !touched.is_empty() {
            let slots = self.image.slots();
            self.lags.iter_mut().for_each(|lag| touched.iter().for_each(|&slot| lag.add(slot, slots)));
            self.publish(mapping);
        }
        if fits { Ok(()) } else { Err(BytesError::NotWritten(ChangeError::Full)) }
    }

    /// Publishes all of it as that generation, in a map that no other process can find yet.
    pub(super) fn publish_as(&mut self, generation: u64, mapping: &MappedRegion) {
        // In the one table that others look at.
        mapping.map.set_word(generation.wrapping_sub(1));
        self.lags.fill(Lag::All);
        self.publish(mapping);
    }

    fn publish(&mut self, mapping: &MappedRegion) {
        let Content { image, series, zeros, lags, .. } = self;
        Publication { mapping, image, series, zeros }.publish(lags);
    }

    /// The bytes of a key's value, and its stamp.
    pub(super) fn get(&self, key: &[u8]) -> Option<(&[u8], u64)> {
        self.image.get(&active(self.layouts()[0], key))
    }

    pub(super) fn keys(&self) -> Vec<Vec<u8>> {
        self.image.keys()
    }

    pub(super) fn len(&self) -> usize {
        self.image.len
    }

    pub(super) fn capacity(&self) -> usize {
        self.image.capacity()
    }
}
