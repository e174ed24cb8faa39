//! [`UntypedMapWriter`]: changes a map whose types are known by its schema only.
//!
//! It keeps the newest generation as an [`Image`] in private memory, changes that, and copies to the next table what that one lacks. The
//! protocol is that of [`Commits`](super::commit): l1, c1 and c2 in one, l3. A table that it has taken over is read once, and each other one is
//! written as a whole the first time.

use core::cell::Cell;
use core::marker::PhantomData;
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;

use super::image::{Image, SlotLayout};
use super::key::why_not_a_key;
use super::lag::Lag;
use super::options::random;
use super::primitive::{AtomicU64, LatchWord};
use super::slot::parts;
use crate::error::Refused;
use crate::error::mismatch;
use crate::header::{Control, MAP_FORMAT, RegionLayout, table_header};
use crate::life::mapped_region::MappedRegion;
use crate::life::new_region::Plan;
use crate::life::open_or_create::open_or_create;
use crate::life::writable::Writable;
use crate::value::checks;
use crate::{Error, Header, Options, Schema};
use seqcopy::Version;
use seqcopy::layout::Field;
use seqcopy::raw::{Stores, load_by};

/// Changes a map of any keys and values, given as bytes. Needs memory for one table in addition to the region.
///
/// ```
/// use seqcopy_shm::{self as shm, FileMap, MapReader, MapWriter, Options, untyped};
/// # let [path, copy] = ["a", "b"].map(|name| shm::path_for(&format!("seqcopy-doc-untyped-map-{name}-{}", std::process::id())));
/// let mut leases = MapWriter::<u32, u64>::create(&path, 100)?;
/// leases.insert(7, 70).unwrap();
///
/// // By the schema alone:
/// let from = FileMap::open(&path)?;
/// let region = from.region();
/// let mut writer = untyped::MapWriter::open_or_create(&copy, region.schema(), region.header().slots(), &Options::new())?;
/// let entries = from.entries().unwrap();
/// let all: Vec<_> = entries.iter().map(|(key, value, _)| (key, value)).collect();
/// writer.replace(all.into_iter()).unwrap();
///
/// assert_eq!(MapReader::<u32, u64>::open(&copy)?.get(&7), Ok(Some(70)));
/// # leases.close()?;
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct UntypedMapWriter {
    region: Writable,
    image: Image,
    key: Stores,
    value: Stores,
    /// As many as a key or a value has, whichever has more.
    zeros: Vec<u8>,
    /// What each table lacks of the image.
    lags: Vec<Lag>,
    /// `Send`, not `Sync`: one thread at a time makes changes.
    one_thread: PhantomData<Cell<u8>>,
}

#[allow(clippy::cast_possible_truncation)] // masked by a 32-bit number
fn buffer(header: &Header, count: u64) -> usize {
    (count & u64::from(header.buffers() - 1)) as usize
}

/// The table of a generation, all of which lies inside the mapping.
fn table(mapping: &MappedRegion, count: u64) -> *mut u8 {
    let header = &mapping.inspected.header;
    let layout = header.layout.buffer_layout;
    mapping.map.at(layout.offset + buffer(header, count) * layout.stride, layout.stride)
}

/// Takes what is valid from the newest table of a map with such slots, which its last writer may have left in any state.
fn load(image: &mut Image, from: &MappedRegion) {
    let (count, inspected) = (from.version(), &from.inspected);
    let table = table(from, count);
    let [key, value] = parts(inspected.schema.layout()).expect("as in `of`");
    let first = table_header(inspected.header.payload_align());
    let slot = image.slot;
    let mut bytes = [vec![0; slot.key.1], vec![0; slot.value.1]];
    #[allow(clippy::cast_possible_truncation)] // 64-bit targets
    for index in 0..inspected.header.slots() as usize {
        // SAFETY: inside the table, which `table` has checked (I8 mapping).
        let at = unsafe { table.add(first + index * slot.size) };
        // SAFETY: the first 8 bytes of a slot, aligned, and accessed as a `u64` only (P7 from_ptr, P13 read-only).
        let stamp = unsafe { number(at) }.load(Relaxed);
        if stamp == 0 {
            continue;
        }
        for (field, bytes) in [key, value].into_iter().zip(&mut bytes) {
            // SAFETY: inside the slot (`parts`, I8 mapping).
            let at = unsafe { at.add(field.offset()) };
            // SAFETY: aligned to the base, initialised (P4 uninit) and accessed by this partition only (I1 partition); the vector
            // is as long as the part (I4 private).
            unsafe { load_by(field.layout(), base(field), at, bytes.as_mut_ptr()) };
        }
        if key.layout().validate(&bytes[0]).is_ok() && value.layout().validate(&bytes[1]).is_ok() {
            let _ = image.insert(&bytes[0], &bytes[1], stamp.min(count), |_| {});
        }
    }
}

/// The alignment of a part of a slot, to which its partition belongs.
fn base(field: &Field) -> usize {
    field.layout().align().max(8)
}

/// The stamp at the start of a slot, or the number of entries at the start of a table.
///
/// # Safety
/// `at` is that place in a table which stays mapped as long as the reference lives. It is accessed as a `u64` only.
#[allow(clippy::cast_ptr_alignment)] // slots and tables are aligned to 8 bytes at least
unsafe fn number<'m>(at: *mut u8) -> &'m AtomicU64 {
    // SAFETY: this function's contract.
    unsafe { &*at.cast() }
}

impl UntypedMapWriter {
    /// Takes over the map at a path if its writer has ended, and creates it unless it is there: see
    /// [`Options::open_or_create_map`](crate::Options::open_or_create_map). `schema` is that of a slot, as a map's header has it, and `slots`
    /// the number of slots of a new map; one that is there keeps its own.
    ///
    /// # Errors
    /// As there, and if the schema is not that of a map.
    pub fn open_or_create(
        path: impl AsRef<Path>,
        schema: &Schema,
        slots: u64,
        options: &Options,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let Some([key, value]) = parts(schema.layout()) else {
            return Err(mismatch("type", "a slot of stamp, key and value", schema.layout().type_name()));
        };
        if let Some(why) = why_not_a_key(key.layout()) {
            return Err(mismatch("type of the keys", format_args!("another ({why})"), key.layout().type_name()));
        }
        let stores = |field: &Field| checks::stores(field.layout(), base(field));
        let stores = || Ok::<_, Error>([stores(key)?, stores(value)?]);
        let of = stores()?;
        let check = |there: &Schema| checks::check(schema, there);
        let prepare = || {
            let ((size, align), len) = (schema.size_and_align(), schema.as_bytes().len());
            let layout = RegionLayout::of_map(size, align, options.buffers, slots, len)?;
            Plan { layout, schema: schema.clone(), seed: random(), mark: options.policy.mark }.at(path, options.mode)
        };
        let larger = |old: &Writable| {
            if old.mapping.inspected.header.slots() >= slots {
                return Ok(None);
            }
            let mut new = prepare()?;
            let mut writer = Self::of(new.claimed, stores()?);
            load(&mut writer.image, &old.mapping);
            // As the same generation, in the one table that others look at.
            writer.region.mapping.map.set_word(old.mapping.version().wrapping_sub(1));
            writer.lags.fill(Lag::All);
            writer.publish();
            new.claimed = writer.region;
            Ok(Some(new))
        };
        let larger = options.enlarges.then_some(&larger as _);
        let region = open_or_create(path, options.policy, &[MAP_FORMAT], check, options.replaces, prepare, larger)?;
        Ok(Self::of(region, of))
    }

    fn of(region: Writable, [of_key, of_value]: [Stores; 2]) -> Self {
        let inspected = &region.mapping.inspected;
        let header = &inspected.header;
        let [key, value] = parts(inspected.schema.layout()).expect("checked before, and it has the same schema");
        let place = |field: &Field| (field.offset(), field.layout().size());
        let slot = SlotLayout { size: header.payload_size(), key: place(key), value: place(value) };
        #[allow(clippy::cast_possible_truncation)] // 64-bit targets
        let image = Image::new(slot, header.slots() as usize, header.seed());
        let mut writer = UntypedMapWriter {
            key: of_key,
            value: of_value,
            zeros: vec![0; slot.key.1.max(slot.value.1)],
            lags: vec![Lag::All; header.buffers() as usize],
            image,
            region,
            one_thread: PhantomData,
        };
        if writer.region.was_created {
            // All tables are zeros, as the image is.
            writer.lags.iter_mut().for_each(Lag::clear);
        } else {
            load(&mut writer.image, &writer.region.mapping);
            if writer.latch().count() == 0 {
                writer.publish();
            }
        }
        writer
    }

    /// Sets and removes entries, as one generation: other processes see all of it or nothing. Values that are the same are not set again.
    ///
    /// # Errors
    /// If a key or a value is not valid, or in a forked process: then nothing is changed. If the map is full: the rest is changed.
    pub fn change<'s, 'r>(
        &mut self,
        set: impl Iterator<Item = (&'s [u8], &'s [u8])> + Clone,
        removed: impl Iterator<Item = &'r [u8]>,
    ) -> Result<(), Refused> {
        self.check(set.clone())?;
        let stamp = self.latch().count().wrapping_add(1).max(1);
        let mut touched = Vec::new();
        for key in removed {
            self.image.remove(key, |slot| touched.push(slot));
        }
        let mut fits = true;
        for (key, value) in set {
            fits &= self.image.insert(key, value, stamp, |slot| touched.push(slot));
        }
        if !touched.is_empty() {
            let slots = self.image.slots();
            self.lags.iter_mut().for_each(|lag| touched.iter().for_each(|&slot| lag.add(slot, slots)));
            self.publish();
        }
        if fits { Ok(()) } else { Err(Refused::Full) }
    }

    /// Makes these the only entries, as one generation.
    ///
    /// # Errors
    /// As for [`change`](Self::change).
    pub fn replace<'s>(&mut self, all: impl Iterator<Item = (&'s [u8], &'s [u8])> + Clone) -> Result<(), Refused> {
        let kept: HashSet<&[u8]> = all.clone().map(|(key, _)| key).collect();
        let gone: Vec<_> = self.image.keys().into_iter().filter(|key| !kept.contains(&key[..])).collect();
        self.change(all, gone.iter().map(|key| &key[..]))
    }

    /// Whether all of them may be set.
    fn check<'s>(&self, set: impl Iterator<Item = (&'s [u8], &'s [u8])>) -> Result<(), Refused> {
        let [of_key, of_value] = parts(self.region.mapping.inspected.schema.layout()).expect("as in `of`");
        for (key, value) in set {
            for (field, bytes) in [(of_key, key), (of_value, value)] {
                field.layout().validate(bytes).map_err(|error| Refused::Invalid(error.to_string()))?;
            }
        }
        Ok(self.region.check()?)
    }

    /// l1, what the next table lacks, l3.
    fn publish(&mut self) {
        // SAFETY: this is the only writer: it holds the lock, was not forked since, and one thread at a time has the `&mut` (I5 one-writer,
        // R2 one-protocol).
        let next = unsafe { self.latch().write_begin() };
        let table = table(&self.region.mapping, next);
        let buffer = buffer(self.header(), next);
        match &self.lags[buffer] {
            Lag::Slots(slots) => slots.iter().for_each(|&slot| self.store(table, slot as usize)),
            Lag::All => (0..self.image.slots()).for_each(|slot| self.store(table, slot)),
        }
        // SAFETY: the first 8 bytes of a table, aligned, and accessed as a `u64` only (P7 from_ptr).
        unsafe { number(table) }.store(self.image.len as u64, Relaxed);
        // SAFETY: this is the only writer, as above, and the table is that of the image (I5 one-writer).
        unsafe { self.latch().write_end(next) };
        self.lags[buffer].clear();
    }

    /// Makes a slot of a table that of the image. Of a free one, key and value become zeros.
    fn store(&self, table: *mut u8, slot: usize) {
        let (of, stamp) = (self.image.slot, self.image.stamp(slot));
        let first = table_header(self.header().payload_align());
        let (key, value) = match stamp {
            0 => (&self.zeros[..], &self.zeros[..]),
            _ => (self.image.key(slot), self.image.value(slot)),
        };
        // SAFETY: inside the table, since the image has as many slots (I8 mapping).
        let at = unsafe { table.add(first + slot * of.size) };
        for (stores, offset, bytes) in [(&self.key, of.key.0, key), (&self.value, of.value.0, value)] {
            // SAFETY: inside the slot (I8 mapping).
            let at = unsafe { at.add(offset) };
            // SAFETY: aligned to the base of the part's partition, by which all others access it (I1 partition); writable, by the only
            // writer (I5 one-writer). The bytes are as many as the part has, or more.
            unsafe { stores.store(bytes.as_ptr(), at) };
        }
        // SAFETY: as in `load` (P7 from_ptr).
        unsafe { number(at) }.store(stamp, Relaxed);
    }

    fn latch(&self) -> &LatchWord<u64> {
        // SAFETY: inside the mapping, aligned, and accessed in this width only (P7 from_ptr, I8 mapping).
        unsafe { LatchWord::from_ptr(self.region.mapping.map.at(Control::WORD, 8).cast()) }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.image.len
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of the newest generation.
    #[must_use]
    pub fn generation(&self) -> Version {
        Version::from_bits(self.latch().count())
    }

    /// The header of the region.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.region.mapping.inspected.header
    }

    /// Wakes every thread of every process that waits for this map. A system call.
    pub fn wake(&self) {
        self.region.mapping.wake();
    }

    /// Closes the map and removes its path: see [`MapWriter::close`](crate::MapWriter::close).
    ///
    /// # Errors
    /// If the path can't be removed.
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}
