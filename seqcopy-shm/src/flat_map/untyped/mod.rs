//! [`UntypedMapWriter`]: changes a map whose types are known by its schema only. [`UntypedMapReader`] looks into such a
//! map, and [`SlotBytes`] is what the engine needs to know of it.

mod batch;
mod reader;
mod slot_bytes;

use core::cell::Cell;
use core::convert::Infallible;
use core::marker::PhantomData;
use std::collections::HashSet;
use std::path::Path;

use self::slot_bytes::{SlotBytes, layouts, with_bytes};
use super::commit::Changes;
use super::commit::{Commits, Fate, copy};
use super::file_map::Entries;
use super::key::Query;
use super::place::{plan, slots_for};
use super::table::{Found, Table};
use crate::error::{BytesError, Error};
use crate::handle::{Options, Plan, Region, Writable, WriteHandle};
use crate::life::MappedRegion;
use crate::mapping::MAP_FORMAT;
use crate::schema::Schema;
use crate::sys::Handle;
use crate::value::check_type;

pub use batch::UntypedEntry;
pub use reader::UntypedMapReader;
use reader::copy_entries;

use seqcopy::{Layout, Version};

/// Changes a map of any keys and values, given as bytes.
///
/// ```
/// use seqcopy_shm::{self as shm, MapReader, MapWriter, Options, untyped::{self, FileMap}};
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
    /// Points into the mapping of the region.
    commits: Commits<SlotBytes>,
    region: Writable,
    batch: Batch,
    /// `Send`, but not `Sync`: only one thread at a time makes changes.
    one_thread: PhantomData<Cell<u8>>,
}

/// Whether changes are collected for [`commit`](UntypedMapWriter::commit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// No batch. Each change is a generation.
    None,
    /// A batch was begun, and nothing was changed yet.
    Begun,
    /// The changes of a batch are in the next table.
    Open,
}

/// Whether a value is set if the key already has an equal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Equal {
    /// It is set and published, as any other value.
    IsSet,
    /// It is not set. The old value stays, with its generation.
    Stays,
}

impl WriteHandle for UntypedMapWriter {
    /// The schema of a slot.
    type Type = Schema;
    /// The number of slots.
    type Size = u64;
    const FORMATS: &'static [u32] = &[MAP_FORMAT];

    fn check_supported(schema: &Schema) -> Result<(), Error> {
        SlotBytes::check_supported(schema)
    }

    fn check_type(schema: &Schema, there: &Schema) -> Result<(), Error> {
        check_type(schema, there)
    }

    fn plan(schema: &Schema, slots: u64, options: &Options) -> Result<Plan, Error> {
        plan(schema.clone(), slots, options)
    }

    unsafe fn copy(schema: &Schema, from: &MappedRegion, to: &MappedRegion) -> Result<(), Error> {
        let slots = SlotBytes::own(schema, &from.inspected.header.layout)?;
        // SAFETY: slots of this schema, by this function's contract (I5 one-writer).
        unsafe { copy(&slots, from, to) };
        Ok(())
    }

    fn over(region: Writable, schema: &Schema) -> Result<Self, Error> {
        let slots = SlotBytes::own(schema, &region.region.header().layout)?;
        // SAFETY: the region has a map with such slots, and is kept with the commits (I8 mapping). This process is its
        // writer, and one thread at a time has the `&mut UntypedMapWriter` (I5 one-writer, R2 one-protocol).
        let commits = unsafe { Commits::from_region(&region, slots) };
        let mut writer = UntypedMapWriter { commits, region, batch: Batch::None, one_thread: PhantomData };
        if !writer.was_created() {
            writer.sift();
        }
        Ok(writer)
    }

    fn writable(&self) -> &Writable {
        &self.region
    }

    fn into_writable(self) -> Writable {
        self.region
    }

    fn restore(&mut self) -> Result<bool, Error> {
        // SAFETY: the region of this map, of which this process is the writer (I5 one-writer, I8 mapping).
        unsafe { self.commits.restore(&mut self.region) }
    }
}

impl UntypedMapWriter {
    /// How many slots a map has that is created for this many entries; `None` if there can be no such map. As
    /// [`Options::create_map`](crate::Options::create_map) chooses it.
    ///
    /// ```
    /// use seqcopy_shm::untyped::MapWriter;
    /// assert_eq!((MapWriter::slots_for(100), MapWriter::slots_for(0)), (Some(128), None));
    /// ```
    #[must_use]
    pub fn slots_for(capacity: usize) -> Option<u64> {
        slots_for(capacity)
    }

    /// Checks that maps can have such slots: keys have no padding, for example. [`create`](Self::create) does it, too;
    /// this is for programs that describe a map before there is one.
    ///
    /// # Errors
    /// What the slots lack.
    ///
    /// ```
    /// use seqcopy_shm::{Schema, untyped::MapWriter};
    /// assert!(MapWriter::check_slots(&Schema::of_map::<u32, u64>()).is_ok());
    /// assert!(MapWriter::check_slots(&Schema::of::<u32>()).is_err());
    /// ```
    pub fn check_slots(schema: &Schema) -> Result<(), Error> {
        SlotBytes::check_supported(schema)
    }

    /// Creates a map at a path: see [`Options::create_map`](crate::Options::create_map). `schema` is that of a slot, as
    /// a map's header has it, and `slots` the number of slots: [`slots_for`](Self::slots_for) a number of entries.
    ///
    /// # Errors
    /// The errors named there, and if the schema is not that of a map.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapReader, Options, untyped::MapWriter};
    /// # let [path, copy] = ["a", "b"].map(|name| shm::path_for(&format!("seqcopy-doc-create-map-{name}-{}", std::process::id())));
    /// # let map = shm::MapWriter::<u8, u16>::create(&path, 10)?;
    /// # let reader = MapReader::<u8, u16>::open(&path)?;
    /// # let schema = reader.region().schema();
    /// let slots = MapWriter::slots_for(10).expect("not too many");
    /// let mut writer = MapWriter::create(&copy, schema, slots, &Options::new())?;
    /// writer.change([(&[7][..], &1u16.to_ne_bytes()[..])].into_iter(), [].into_iter()).unwrap();
    /// let mut value = [0; 2];
    /// assert_eq!(writer.get(&[7], &mut value), Ok(Some(writer.generation())));
    /// assert_eq!(value, 1u16.to_ne_bytes());
    /// # map.close()?;
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn create(path: impl AsRef<Path>, schema: &Schema, slots: u64, options: &Options) -> Result<Self, Error> {
        Self::create_at(path.as_ref(), schema, slots, options)
    }

    /// Takes over the map at a path if its writer has ended, and creates it unless it is there: see
    /// [`Options::open_or_create_map`](crate::Options::open_or_create_map). `schema` is that of a slot, as a map's
    /// header has it, and `slots` the number of slots of a new map; one that is there keeps its own.
    ///
    /// # Errors
    /// The errors named there, and if the schema is not that of a map.
    pub fn open_or_create(
        path: impl AsRef<Path>,
        schema: &Schema,
        slots: u64,
        options: &Options,
    ) -> Result<Self, Error> {
        Self::open_or_create_at(path.as_ref(), schema, slots, options, |_| {})
    }

    /// Takes over the map at a path, whose writer has ended: see
    /// [`Options::take_over_map`](crate::Options::take_over_map).
    ///
    /// # Errors
    /// The errors named there, and if the schema is not that of a map.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Schema, untyped::{MapReader, MapWriter}};
    /// # let path = shm::path_for(&format!("seqcopy-doc-take-over-map-{}", std::process::id()));
    /// drop(shm::MapWriter::<u8, u16>::create(&path, 10)?);
    /// let reader = MapReader::open(&path)?;
    /// let writer = MapWriter::take_over(&path, reader.region().schema(), &Options::new())?;
    /// assert!(!writer.was_created());
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn take_over(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Self, Error> {
        Self::take_over_at(path.as_ref(), schema, options.policy)
    }

    /// Creates a map without a path, sealed: see [`Options::create_map_memfd`](crate::Options::create_map_memfd).
    ///
    /// # Errors
    /// The errors named there, and if the schema is not that of a map.
    ///
    /// ```
    /// use seqcopy_shm::{Options, SchemaBuilder, untyped::{MapReader, MapWriter}};
    /// let number = SchemaBuilder::number("u8").unwrap();
    /// let schema = SchemaBuilder::map(&number, &number).build()?;
    /// let mut writer = MapWriter::create_memfd("counters", &schema, 8, &Options::new())?;
    /// writer.insert(&[1], &[7]).unwrap();
    /// assert_eq!(MapReader::from_fd(writer.share()?)?.len(), Ok(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn create_memfd(name: &str, schema: &Schema, slots: u64, options: &Options) -> Result<Self, Error> {
        Self::create_without_path(name, schema, slots, options)
    }

    /// Removes invalid entries that the last writer or another process has left. If there are no such entries, nothing
    /// is published.
    fn sift(&mut self) {
        let count = self.generation().to_bits();
        let SlotBytes { key: of_key, value: of_value, .. } = self.commits.place.parts.clone();
        let mut value = vec![0; of_value.size];
        let mut is_valid = |changes: &mut Changes<'_, SlotBytes>, slot| {
            // SAFETY: as many bytes as a value has (I4 private).
            unsafe { changes.table.load_value(slot, value.as_mut_ptr()) };
            let is_key = changes.table.with_key(slot, |key| of_key.validate_part(key).is_ok());
            let is_entry = is_key && of_value.validate_part(&value).is_ok();
            if is_entry && changes.table.stamp(slot) > count {
                // Readers would report a stamp of a later generation as new, forever.
                // SAFETY: as many bytes as a value has (I4 private).
                unsafe { changes.set(slot, value.as_ptr()) };
            }
            is_entry
        };
        self.commits.commit(|changes| {
            let result = changes.retain(|changes, slot| Ok::<_, Infallible>(is_valid(changes, slot)));
            (result, Fate::Publish)
        });
    }

    /// Sets and removes entries, as one generation: other processes see all of it or nothing. As part of a batch that
    /// was [begun](Self::begin), they see it with that. A value that is equal to the old one is not set again, so a
    /// change of equal values alone publishes nothing; [`insert`](Self::insert) publishes each time.
    ///
    /// # Errors
    /// If a key or a value is not valid, or in a forked process: then nothing is changed. If the map is full: the rest
    /// is changed.
    pub fn change<'s, 'r>(
        &mut self,
        set: impl Iterator<Item = (&'s [u8], &'s [u8])> + Clone,
        removed: impl Iterator<Item = &'r [u8]>,
    ) -> Result<(), BytesError> {
        self.validate_entries(set.clone())?;
        self.apply(|changes, region| {
            for key in removed {
                region.check_may_write()?;
                let key = changes.table.parts().key.active(key);
                if let Found::Key(slot, _) = changes.find(Query::for_key(&key)) {
                    changes.remove_at(slot);
                }
            }
            changes.set_all(region, set)
        })
    }

    /// Makes these the only entries, as [`change`](Self::change).
    ///
    /// # Errors
    /// The errors of [`change`](Self::change).
    pub fn replace<'s>(&mut self, all: impl Iterator<Item = (&'s [u8], &'s [u8])> + Clone) -> Result<(), BytesError> {
        self.validate_entries(all.clone())?;
        self.apply(|changes, region| {
            let of_key = &changes.table.parts().key;
            let kept: HashSet<_> = all.clone().map(|(key, _)| of_key.active(key).to_vec()).collect();
            region.check_may_write()?;
            changes
                .retain(|changes, slot| Ok::<_, BytesError>(changes.table.with_key(slot, |key| kept.contains(key))))?;
            changes.set_all(region, all)
        })
    }

    /// Whether all entries are valid.
    fn validate_entries<'s>(&self, set: impl Iterator<Item = (&'s [u8], &'s [u8])>) -> Result<(), BytesError> {
        let SlotBytes { key: of_key, value: of_value, .. } = &self.commits.place.parts;
        for (key, value) in set {
            of_key.validate_part(key)?;
            of_value.validate_part(value)?;
        }
        Ok(())
    }

    /// Changes the next table, and publishes it unless a batch was begun.
    fn apply(
        &mut self,
        change: impl FnOnce(&mut Changes<'_, SlotBytes>, &Writable) -> Result<(), BytesError>,
    ) -> Result<(), BytesError> {
        let region = &self.region;
        region.check_may_write()?;
        match self.batch {
            Batch::None => {
                let next = self.commits.begin();
                let result = change(&mut self.commits.changes(next), region);
                // After a fork or a truncation, nothing is published, as in `MapWriter`.
                region.check_may_write()?;
                self.commits.end(next, Fate::Publish);
                result
            }
            Batch::Begun | Batch::Open => {
                if self.batch == Batch::Begun {
                    self.commits.begin();
                    self.batch = Batch::Open;
                }
                let next = self.commits.next();
                change(&mut self.commits.changes(next), region)
            }
        }
    }

    /// Looks up a key: as [`MapReader::get`](UntypedMapReader::get), in the newest generation, with the changes of a
    /// batch that was begun.
    ///
    /// # Errors
    /// If the value is not valid.
    ///
    /// # Panics
    /// If these are not as many bytes as a key and a value have.
    pub fn get(&self, key: &[u8], value: &mut [u8]) -> Result<Option<Version>, BytesError> {
        let Commits { place, .. } = &self.commits;
        let (of_key, of_value) = (&place.parts.key, &place.parts.value);
        assert_eq!((key.len(), value.len()), (of_key.size, of_value.size), "the bytes of a key and of a value");
        let table = self.table();
        let key = of_key.active(key);
        let Found::Key(slot, stamp) = table.find(place.seed, Query::for_key(&key), || true) else {
            return Ok(None);
        };
        // SAFETY: as many bytes as a value has (I4 private).
        unsafe { table.load_value(slot, value.as_mut_ptr()) };
        of_value.validate_part(value)?;
        Ok(Some(Version::from_bits(stamp)))
    }

    /// The newest table, with the changes of a batch that was begun. Only this process writes there, unless another one
    /// breaks the rules.
    fn table(&self) -> Table<'_, SlotBytes> {
        let place = &self.commits.place;
        place.table(place.begin().wrapping_add(u64::from(self.batch == Batch::Open)))
    }

    /// All entries, in no particular order: as [`MapReader::entries`](UntypedMapReader::entries), with the changes of a
    /// batch that was begun.
    ///
    /// # Errors
    /// If a key or a value is not valid.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Schema, untyped::MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-writer-entries-{}", std::process::id()));
    /// let mut writer = MapWriter::create(&path, &Schema::of_map::<u8, u8>(), 8, &Options::new())?;
    /// writer.insert(&[1], &[10]).unwrap();
    /// writer.begin();
    /// writer.insert(&[2], &[20]).unwrap();
    /// let entries = writer.entries().unwrap();
    /// let mut all: Vec<_> = entries.iter().map(|(key, value, _)| (key[0], value[0])).collect();
    /// all.sort();
    /// assert_eq!(all, [(1, 10), (2, 20)]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn entries(&self) -> Result<Entries, BytesError> {
        let slots = &self.commits.place.parts;
        let mut entries = slots.no_entries();
        entries.begin(self.generation());
        copy_entries(slots, &self.table(), &mut entries, || true);
        slots.check_entries(&entries)?;
        Ok(entries)
    }

    /// The number of entries, with the changes of a batch that was begun.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.batch == Batch::Open { self.commits.next_len } else { self.commits.len }
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most entries that the map can have: see [`MapWriter::capacity`](crate::MapWriter::capacity).
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.commits.place.capacity()
    }

    /// The region of the map: its header, its type, which is that of a slot, its owner, and whether its path still
    /// leads to it. What it says is as for readers; its writer is this one.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region.region
    }

    /// The number of the newest generation.
    #[must_use]
    pub fn generation(&self) -> Version {
        self.region.version()
    }

    /// The types of keys and of values.
    #[must_use]
    pub fn key_and_value(&self) -> [&Layout; 2] {
        layouts(self.region.region.schema())
    }

    /// The sizes of keys and of values in bytes.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn sizes(&self) -> [usize; 2] {
        self.commits.place.parts.sizes()
    }

    /// Whether this writer created the map.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.region.was_created
    }

    /// A descriptor to give to another process: see [`Writer::share`](crate::Writer::share).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<Handle, Error> {
        self.region.region.share()
    }

    /// Wakes every thread of every process that waits for this map. A system call
    /// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
    pub fn wake(&self) {
        self.region.wake();
    }

    /// Puts the map back if its path leads nowhere any more: see
    /// [`MapWriter::restore_if_removed`](crate::MapWriter::restore_if_removed). A batch that was begun goes on.
    ///
    /// # Errors
    /// The errors named there.
    pub fn restore_if_removed(&mut self) -> Result<bool, Error> {
        self.restore()
    }

    /// Closes the map and removes its path: see [`MapWriter::close`](crate::MapWriter::close).
    ///
    /// # Errors
    /// If the path can't be removed.
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}

impl Changes<'_, SlotBytes> {
    /// Sets the values for which there is space. They were validated before.
    fn set_all<'s>(
        &mut self,
        region: &Writable,
        set: impl Iterator<Item = (&'s [u8], &'s [u8])>,
    ) -> Result<(), BytesError> {
        let mut result = Ok(());
        for (key, value) in set {
            region.check_may_write()?;
            let key = self.table.parts().key.active(key);
            result = result.and(self.set_bytes(self.find(Query::for_key(&key)), &key, value, Equal::Stays));
        }
        result
    }

    /// Sets the value of a key for which a search has returned `there`. Both were validated before.
    fn set_bytes(&mut self, there: Found, key: &[u8], value: &[u8], equal: Equal) -> Result<(), BytesError> {
        let SlotBytes { key: of_key, value: of_value, .. } = self.table.parts();
        // The lengths were checked in a first pass, but the iterator may yield other items in the second one.
        assert_eq!((key.len(), value.len()), (of_key.size, of_value.size), "the bytes of a key and of a value");
        let value = of_value.active(value);
        let differs = |changes: &Changes<'_, SlotBytes>, slot| {
            if equal == Equal::IsSet {
                return ((), true);
            }
            with_bytes(value.len(), |there| {
                // SAFETY: as many bytes as a value has (I4 private).
                unsafe { changes.table.load_value(slot, there.as_mut_ptr()) };
                ((), *of_value.active(there) != *value)
            })
        };
        // SAFETY: as many bytes as a key and a value have (I4 private).
        let result = unsafe { self.insert(there, key, value.as_ptr(), differs) };
        result.map(drop).map_err(BytesError::NotWritten)
    }
}
