//! [`UntypedMapReader`]: looks into a map whose types are known by its schema only.

use std::path::Path;
use std::sync::Arc;

use super::super::by_fields::{VALUE, check_key};
use super::super::file_map::Entries;
use super::super::key::Query;
use super::super::place::Tables;
use super::super::table::{STEPS, Table};
use super::slot_bytes::{self, SlotBytes, base, key_and_value, layouts};
use crate::error::{BytesError, Error, ErrorKind, ReadValueError};
use crate::handle::{AnyReader, Options, ReadAs, ReadHandle, Region};
use crate::mapping::MAP_FORMAT;
use crate::schema::{Difference, Schema};
use crate::value::{Mapped, Plan};
use seqcopy::{Layout, ReadError, Version};

/// Looks up entries of any keys and values, given as bytes, and validates them. As a [`MapReader`](crate::MapReader),
/// it maps the region read-only, and never waits for the writer; a [`FileMap`](crate::untyped::FileMap) reads by system
/// calls.
///
/// ```
/// use seqcopy_shm::{self as shm, MapWriter, untyped::MapReader};
/// # let path = shm::path_for(&format!("seqcopy-doc-untyped-get-{}", std::process::id()));
/// let mut leases = MapWriter::<u32, u64>::create(&path, 100)?;
/// leases.insert(7, 70).unwrap();
///
/// let reader = MapReader::open(&path)?;
/// let mut value = [0; 8];
/// assert_eq!(reader.get(&7u32.to_ne_bytes(), &mut value), Ok(Some(leases.generation())));
/// assert_eq!(value, 70u64.to_ne_bytes());
/// assert_eq!(reader.entries().unwrap().len(), 1);
/// # leases.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct UntypedMapReader {
    region: Arc<Region>,
    tables: Tables,
    pub(super) slots: SlotBytes,
    /// The schema of one's own slots, if the reader reads by fields.
    own: Option<Schema>,
}

impl ReadHandle for UntypedMapReader {
    type Source = Mapped;
    type ReadAs = ReadAs;
    const FORMATS: &'static [u32] = &[MAP_FORMAT];

    fn over(region: Region, read_as: ReadAs) -> Result<Self, Error> {
        read_as.check_type(&region)?;
        let (slots, own) = match read_as {
            ReadAs::Fields(own) => (Self::slots_by_fields(&region, &own)?, Some(own)),
            ReadAs::Own(_) => (SlotBytes::own(region.schema(), &region.header().layout)?, None),
        };
        // SAFETY: the region has a map, which `FORMATS` says; it is kept for as long as this reader (I8 mapping).
        let tables = unsafe { Tables::from_mapping(&region.source.mapping) };
        Ok(UntypedMapReader { slots, tables, region: Arc::new(region), own })
    }

    fn opened(&self) -> &Region {
        &self.region
    }

    fn read_next_as(&self) -> ReadAs {
        ReadAs::next(self.own.as_ref(), &self.region)
    }
}

impl AnyReader for UntypedMapReader {
    fn region(&self) -> &Arc<Region> {
        &self.region
    }

    fn schema(&self) -> &Schema {
        self.schema()
    }

    fn replacement(&self, takes_any_type: bool) -> Result<Option<Self>, Error> {
        if takes_any_type { self.open_next_as(ReadAs::Own(None)) } else { self.open_next() }
    }
}

impl UntypedMapReader {
    /// Opens the map at a path, whatever its types are: [`Region::require_type`] compares them with others.
    ///
    /// # Errors
    /// The errors of [`MapReader::open`](crate::MapReader::open), keys and values of any type being accepted.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(path, &Options::new())
    }

    /// [`open`](Self::open), with what is [required](Options::require_owner) of the region.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), and for [`Options::open_map`].
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Self, Error> {
        Self::open_at(path.as_ref(), options.policy, ReadAs::Own(None))
    }

    /// By a descriptor: see [`MapReader::from_fd`](crate::MapReader::from_fd).
    ///
    /// # Errors
    /// The errors named there.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // as for `Region::from_fd`
    pub fn from_fd(file: crate::sys::Handle) -> Result<Self, Error> {
        Self::open_fd(&file, ReadAs::Own(None))
    }

    /// Opens a map whose values have every field of those of this schema, that of a slot: see
    /// [`MapReader::open_by_fields`](crate::MapReader::open_by_fields). A schema has no defaults, so every field must
    /// be there. Values are read and validated as those of this schema.
    ///
    /// # Errors
    /// The errors named there, and for [`open`](Self::open).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, SchemaBuilder, untyped::{MapReader, MapWriter}};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-map-by-fields-{}", std::process::id()));
    /// let number = |name| SchemaBuilder::number(name).unwrap();
    /// let old = SchemaBuilder::structure("Quote", &[("bid", number("u16"))]);
    /// let new = SchemaBuilder::structure("Quote", &[("id", number("u32")), ("bid", number("u16"))]);
    /// let [old, new] = [old, new].map(|value| SchemaBuilder::map(&number("u32"), &value).build().unwrap());
    ///
    /// let mut writer = MapWriter::create(&path, &new, 16, &Options::new())?;
    /// writer.insert(&[5, 0, 0, 0], &[1, 0, 0, 0, 7, 8, 0, 0]).unwrap();
    /// let reader = MapReader::open_by_fields(&path, &old, &Options::new())?;
    /// let mut value = [0; 2];
    /// assert!(reader.get(&[5, 0, 0, 0], &mut value).unwrap().is_some());
    /// assert_eq!(value, [7, 8]);
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_by_fields(path: impl AsRef<Path>, schema: &Schema, options: &Options) -> Result<Self, Error> {
        Self::open_at(path.as_ref(), options.policy, ReadAs::Fields(schema.clone()))
    }

    fn slots_by_fields(region: &Region, own: &Schema) -> Result<SlotBytes, Error> {
        let [[own_key, own_value], [key, value]] = [key_and_value(own)?, key_and_value(region.schema())?];
        let plan = if own.difference(region.schema()).is_none() {
            slot_bytes::own_value(region.schema(), &region.header().layout)?
        } else {
            let plan = || {
                check_key(own_key.layout(), key.layout())?;
                let buffer_layout = region.header().layout.buffer_layout;
                Plan::from_layouts(&VALUE, own_value.layout(), value.layout(), base(value), buffer_layout)
            };
            plan().map_err(|why: Difference| ErrorKind::Type(why))?
        };
        SlotBytes::from_schemas(region.schema(), &region.header().layout, own, plan)
    }

    /// The type of a slot with the keys and values as they are read: that of the region, or the one that it was opened
    /// by.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        self.own.as_ref().unwrap_or_else(|| self.region.schema())
    }

    /// The region: its types, its generation, its writer, and waiting.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The types of keys and of values.
    #[must_use]
    #[allow(clippy::missing_panics_doc)] // checked when it was opened
    pub fn key_and_value(&self) -> [&Layout; 2] {
        layouts(self.schema())
    }

    /// The sizes of keys and of values in bytes.
    #[doc(hidden)]
    #[must_use]
    #[inline]
    pub fn sizes(&self) -> [usize; 2] {
        self.slots.sizes()
    }

    /// Looks up a key: if it has an entry, `value` gets the bytes of its value, and the generation that set it is
    /// returned. Bytes of padding are left as they are. Makes as many attempts as
    /// [`MapReader::get`](crate::MapReader::get).
    ///
    /// # Errors
    /// The errors named there; then the bytes of `value` are unspecified, as they are if there is no entry.
    ///
    /// # Panics
    /// If these are not as many bytes as a key and a value have.
    pub fn get(&self, key: &[u8], value: &mut [u8]) -> Result<Option<Version>, BytesError> {
        let SlotBytes { key: of_key, value: of_value, .. } = &self.slots;
        assert_eq!((key.len(), value.len()), (of_key.size, of_value.size), "the bytes of a key and of a value");
        let key = &*of_key.active(key);
        let to = value.as_mut_ptr();
        // SAFETY: the slots of this map are these, and there are as many bytes as a value has (I1 partition, I4
        // private).
        let found =
            self.attempts(|tables, count| unsafe { tables.find(&self.slots, count, Query::for_key(key), to) })?;
        let Some(stamp) = found else { return Ok(None) };
        of_value.validate_part(value)?;
        Ok(Some(Version::from_bits(stamp)))
    }

    /// All entries of one generation, in no particular order. Looks at every slot, so with a writer that commits often
    /// it may not succeed where [`get`](Self::get) does.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    pub fn entries(&self) -> Result<Entries, BytesError> {
        let mut entries = self.slots.no_entries();
        self.attempts(|tables, count| {
            entries.begin(Version::from_bits(count));
            let look = |table: &Table<'_, SlotBytes>| {
                copy_entries(&self.slots, table, &mut entries, || tables.is_readable(count));
            };
            // SAFETY: the slots of this map are these (I1 partition).
            unsafe { tables.attempt(&self.slots, count, look) }
        })?;
        self.slots.check_entries(&entries)?;
        Ok(entries)
    }

    /// The number of entries, as the writer has counted them: at most as many as there are slots.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapWriter, untyped::MapReader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-untyped-len-{}", std::process::id()));
    /// let mut writer = MapWriter::<u32, u64>::create(&path, 100)?;
    /// let reader = MapReader::open(&path)?;
    /// assert_eq!((reader.len(), reader.is_empty()), (Ok(0), Ok(true)));
    /// writer.insert(7, 70)?;
    /// assert_eq!((reader.len(), reader.is_empty()), (Ok(1), Ok(false)));
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> Result<usize, BytesError> {
        // SAFETY: the slots of this map are these (I1 partition).
        let len = |tables: &Tables, count| unsafe { tables.len(&self.slots, count) };
        Ok(self.attempts(len)?)
    }

    /// Whether there is no entry, by the writer's count.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    pub fn is_empty(&self) -> Result<bool, BytesError> {
        self.len().map(|len| len == 0)
    }

    /// Attempts to call `look` with the newest generation, until no commit has overtaken it.
    #[inline(always)]
    pub(super) fn attempts<R>(
        &self,
        mut attempt: impl FnMut(&Tables, u64) -> Result<R, ReadError>,
    ) -> Result<R, ReadValueError> {
        let source = &self.region.source;
        let tables = &self.tables;
        let mut attempt = || attempt(tables, tables.begin()).map_err(|miss| source.mapping.explain(miss));
        match attempt() {
            Err(ReadValueError::NoValue(ReadError::Torn)) => source.further_attempts(ReadError::Torn, attempt),
            result => result,
        }
    }

    /// If the map was removed, and there is a new one at its path: reads that from now on. Returns whether that is so.
    /// See [`MapReader::reopen_if_removed`](crate::MapReader::reopen_if_removed).
    ///
    /// # Errors
    /// The errors named there, and if the new one has other types. The reader is then as it was.
    pub fn reopen_if_removed(&mut self) -> Result<bool, Error> {
        self.reopen()
    }

    /// If the map was removed, and there is a new one at its path: a reader of that. For readers that are shared.
    ///
    /// # Errors
    /// The errors of [`reopen_if_removed`](Self::reopen_if_removed).
    pub fn replacement(&self) -> Result<Option<Self>, Error> {
        self.open_next()
    }
}

impl SlotBytes {
    /// An empty list of entries, in the form in which they are read.
    pub(super) fn no_entries(&self) -> Entries {
        let SlotBytes { own_size, key, value, .. } = self;
        Entries::from_places(*own_size, (key.own, key.size), (value.own, value.size))
    }

    #[inline]
    pub(super) fn sizes(&self) -> [usize; 2] {
        [self.key.size, self.value.size]
    }

    /// Whether all keys and values are valid.
    pub(super) fn check_entries(&self, all: &Entries) -> Result<(), BytesError> {
        for (key, value, _) in all.iter() {
            self.key.validate_part(key)?;
            self.value.validate_part(value)?;
        }
        Ok(())
    }
}

/// Adds all entries of a table, unless `keep_searching` says that the rest is not needed.
pub(super) fn copy_entries(
    slots: &SlotBytes,
    table: &Table<'_, SlotBytes>,
    entries: &mut Entries,
    mut keep_searching: impl FnMut() -> bool,
) {
    let SlotBytes { own_size, key, value, .. } = slots;
    let mut bytes = vec![0; *own_size];
    for slot in 0..table.slots() {
        let stamp = table.stamp(slot);
        if stamp != 0 {
            bytes[..8].copy_from_slice(&stamp.to_ne_bytes());
            // SAFETY: the vector is as long as a slot, in which the key lies there (I3 exact, I4 private).
            unsafe { table.load_key(slot, bytes[key.own..].as_mut_ptr()) };
            // SAFETY: as many bytes as a value has, there (I3 exact, I4 private).
            unsafe { table.load_value(slot, bytes[value.own..].as_mut_ptr()) };
            entries.push(&bytes);
        }
        if slot % STEPS == STEPS - 1 && !keep_searching() {
            break;
        }
    }
}
