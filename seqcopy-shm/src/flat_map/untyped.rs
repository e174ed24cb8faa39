//! [`UntypedMapWriter`]: changes a map whose types are known by its schema only. [`Content`] is what it changes and copies from,
//! [`UntypedMapReader`] looks into such a map.

mod batch;
mod content;
mod reader;

use core::cell::Cell;
use core::marker::PhantomData;
use std::collections::HashSet;
use std::path::Path;

use self::batch::Batch;
use self::content::{Content, SlotSeries};
use super::options::{random, slots_for};
use crate::error::BytesError;
use crate::header::{MAP_FORMAT, RegionLayout};
use crate::sys::{Handle, name::Name};
use crate::value::checks;
use crate::writable::Writable;
use crate::writable::new_region::{NewRegion, Plan};
use crate::writable::open_or_create::open_or_create;
use crate::{Error, Options, Region, Schema};
pub use reader::UntypedMapReader;
use seqcopy::{Layout, Version};

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
    content: Content,
    /// What was changed since a batch was begun.
    batch: Option<Batch>,
    /// `Send`, not `Sync`: one thread at a time makes changes.
    one_thread: PhantomData<Cell<u8>>,
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

    /// Whether maps can have such slots: their keys may have padding, for example. For those who describe one.
    #[doc(hidden)]
    pub fn __check(schema: &Schema) -> Result<(), Error> {
        content::key_and_value(schema).map(drop)
    }

    /// Creates a map at a path: see [`Options::create_map`](crate::Options::create_map). `schema` is that of a slot, as a map's header has it,
    /// and `slots` the number of slots: [`slots_for`](Self::slots_for) a number of entries.
    ///
    /// # Errors
    /// As there, and if the schema is not that of a map.
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
    /// assert_eq!(writer.get(&[7]).unwrap().0, 1u16.to_ne_bytes());
    /// # map.close()?;
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn create(path: impl AsRef<Path>, schema: &Schema, slots: u64, options: &Options) -> Result<Self, Error> {
        let series = SlotSeries::of(schema)?;
        Ok(Self::of(NewRegion::create(path.as_ref(), |name| Self::prepare(name, schema, slots, options))?, series))
    }

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
        let (path, series) = (path.as_ref(), SlotSeries::of(schema)?);
        let check = |there: &Schema| checks::check(schema, there);
        let prepare = |name: &Name| Self::prepare(name, schema, slots, options);
        let larger = |name: &Name, old: &Writable| {
            if old.mapping().inspected.header.slots() >= slots {
                return Ok(None);
            }
            let mut new = prepare(name)?;
            let mut writer = Self::of(new.claimed, series.clone());
            writer.content.load(old.mapping());
            writer.content.publish_as(old.mapping().version(), writer.region.mapping());
            new.claimed = writer.region;
            Ok(Some(new))
        };
        let larger = options.enlarges.then_some(&larger as _);
        let region = open_or_create(path, options.policy, &[MAP_FORMAT], check, options.replaces, prepare, larger)?;
        Ok(Self::of(region, series))
    }

    /// Takes over the map at a path, whose writer has ended: see [`Options::take_over_map`](crate::Options::take_over_map).
    ///
    /// # Errors
    /// As there, and if the schema is not that of a map.
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
        let series = SlotSeries::of(schema)?;
        let check = |there: &Schema| checks::check(schema, there);
        Ok(Self::of(Writable::take_over(path.as_ref(), options.policy, &[MAP_FORMAT], check)?, series))
    }

    fn prepare(name: &Name, schema: &Schema, slots: u64, options: &Options) -> Result<NewRegion, Error> {
        let ((size, align), len) = (schema.size_and_align(), schema.as_bytes().len());
        let layout = RegionLayout::of_map(size, align, options.buffers, slots, len)?;
        let seed = options.seed.unwrap_or_else(random);
        Plan { layout, schema: schema.clone(), seed, mark: options.policy.mark }.at(name, options.mode)
    }

    fn of(region: Writable, series: SlotSeries) -> Self {
        let mut content = Content::of(&region.mapping().inspected, series);
        if !region.was_created {
            content.take_over(region.mapping());
        }
        UntypedMapWriter { region, content, batch: None, one_thread: PhantomData }
    }

    /// Sets and removes entries, as one generation: other processes see all of it or nothing. Values that are the same are not set again.
    ///
    /// # Errors
    /// If a key or a value is not valid, or in a forked process: then nothing is changed. If the map is full: the rest is changed.
    pub fn change<'s, 'r>(
        &mut self,
        set: impl Iterator<Item = (&'s [u8], &'s [u8])> + Clone,
        removed: impl Iterator<Item = &'r [u8]>,
    ) -> Result<(), BytesError> {
        self.content.check(set.clone())?;
        self.region.check()?;
        self.content.change(self.region.mapping(), set, removed)
    }

    /// Makes these the only entries, as one generation.
    ///
    /// # Errors
    /// As for [`change`](Self::change).
    pub fn replace<'s>(&mut self, all: impl Iterator<Item = (&'s [u8], &'s [u8])> + Clone) -> Result<(), BytesError> {
        let kept: HashSet<&[u8]> = all.clone().map(|(key, _)| key).collect();
        let gone: Vec<_> = self.content.keys().into_iter().filter(|key| !kept.contains(&key[..])).collect();
        self.change(all, gone.iter().map(|key| &key[..]))
    }

    /// The value of a key, as its bytes, and the generation that set it. What is not part of the value is zeros.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<(&[u8], Version)> {
        let (value, stamp) = self.content.get(key)?;
        Some((value, Version::from_bits(stamp)))
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.content.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most entries that the map can have: see [`MapWriter::capacity`](crate::MapWriter::capacity).
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.content.capacity()
    }

    /// The region of the map: its header, its type, which is that of a slot, its owner, and whether its path still leads to it. What it says is as for readers; its
    /// writer is this one.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region.region
    }

    /// The number of the newest generation.
    #[must_use]
    pub fn generation(&self) -> Version {
        Version::from_bits(self.region.mapping().version())
    }

    /// The types of keys and of values.
    #[must_use]
    pub fn key_and_value(&self) -> [&Layout; 2] {
        self.content.layouts()
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
        self.region().share()
    }

    /// Wakes every thread of every process that waits for this map. A system call.
    pub fn wake(&self) {
        self.region.mapping().wake();
    }

    /// Puts the map back if its path leads nowhere any more: see
    /// [`MapWriter::restore_if_removed`](crate::MapWriter::restore_if_removed).
    ///
    /// # Errors
    /// As there.
    pub fn restore_if_removed(&mut self) -> Result<bool, Error> {
        let content = &mut self.content;
        self.region.restore(|from, to| content.publish_as(from.version(), to))
    }

    /// Closes the map and removes its path: see [`MapWriter::close`](crate::MapWriter::close).
    ///
    /// # Errors
    /// If the path can't be removed.
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}
