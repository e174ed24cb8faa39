//! [`FileMap`]: reads a map with system calls, without mapping it and without knowing its types. For tools.

use std::path::Path;

use super::by_fields;
use super::key::why_not_a_key;
use super::slot::parts;
use super::table::{home, search};
use crate::error::{Error, ReadValueError, mismatch};
use crate::handle::Region;
use crate::life::OpenPolicy;
use crate::mapping::{MAP_FORMAT, table_header};
use crate::schema::Difference;
use crate::value::Unmapped;
use seqcopy::layout::Field;
use seqcopy::{Layout, Version};

/// The bytes of a table that one system call reads.
const CHUNK: usize = 1 << 18;
/// The number of slots that a search reads with one system call, unless the slots are large.
const RUN: usize = 16;

/// All entries of one generation, as bytes. Padding of values, and the bytes of inactive enum variants, are 0 or stale.
///
/// ```
/// # use seqcopy_shm::{self as shm, MapWriter, untyped::FileMap};
/// # let path = shm::path_for(&format!("seqcopy-doc-entries-{}", std::process::id()));
/// let writer = MapWriter::<u32, u32>::create(&path, 100)?;
/// let entries = FileMap::open(&path)?.entries().unwrap();
/// assert!(entries.is_empty());
/// assert_eq!(entries.generation(), writer.generation());
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Entries {
    generation: Version,
    slot: usize,
    key: (usize, usize),
    value: (usize, usize),
    /// The slots that are not free.
    bytes: Vec<u8>,
}

/// A map of any keys and values, read by system calls, without mapping it: for tools, and for files whose owner might
/// truncate them. Its types are known from the schema only, and entries are bytes that were not validated.
///
/// ```
/// use seqcopy_shm::{self as shm, MapWriter, untyped::FileMap};
/// # let path = shm::path_for(&format!("seqcopy-doc-any-map-{}", std::process::id()));
/// let mut writer = MapWriter::<u32, u8>::create(&path, 100)?;
/// writer.insert(7, 5).unwrap();
///
/// let map = FileMap::open(&path)?;
/// let (value, version) = map.get_versioned(&7u32.to_ne_bytes()).unwrap().unwrap();
/// assert_eq!((value, version), (vec![5], map.region().version().unwrap()));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug)]
pub struct FileMap(Region<Unmapped>);

impl FileMap {
    /// Opens a map of any keys and values by its path, to read it by system calls, without mapping it.
    ///
    /// # Errors
    /// The errors of [`MapReader::open`](super::MapReader::open), keys and values of any type being accepted. A map
    /// that was closed can be opened; reading its entries is an error then.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapWriter, untyped::FileMap};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-map-{}", std::process::id()));
    /// let mut writer = MapWriter::<u32, [u8; 3]>::create(&path, 100)?;
    /// writer.insert(7, *b"abc").unwrap();
    ///
    /// let map = FileMap::open(&path)?;
    /// assert_eq!((map.key().name(), map.value().type_name().to_string()), ("u32", "[u8; 3]".to_owned()));
    /// let entries = map.entries().unwrap();
    /// let all: Vec<_> = entries.iter().collect();
    /// assert_eq!(all, [(&7u32.to_ne_bytes()[..], &b"abc"[..], writer.generation())]);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::over(Region::open_format(path, OpenPolicy::default(), &[MAP_FORMAT])?).map_err(|error| error.at(path))
    }

    fn over(region: Region<Unmapped>) -> Result<Self, Error> {
        let slot = region.schema().layout();
        let Some([key, _]) = parts(slot) else {
            return Err(mismatch("type", "a slot of stamp, key and value", slot.type_name()));
        };
        if let Some(why) = why_not_a_key(key.layout()) {
            return Err(mismatch("type of the keys", format_args!("another ({why})"), key.layout().type_name()));
        }
        Ok(FileMap(region))
    }

    /// The type of the keys.
    #[must_use]
    pub fn key(&self) -> &Layout {
        self.parts()[0].layout()
    }

    /// The type of the values.
    #[must_use]
    pub fn value(&self) -> &Layout {
        self.parts()[1].layout()
    }

    /// The first field because of which a reader of this map's types that is opened by its fields does not read the
    /// other map. `None` if there is no such field.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapWriter, untyped::FileMap};
    /// # let path = shm::path_for(&format!("seqcopy-doc-difference-map-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u64>::create(&path, 8)?;
    /// let map_again = FileMap::open(&path)?;
    /// assert!(FileMap::open(&path)?.difference_by_fields(&map_again).is_none());
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn difference_by_fields(&self, there: &FileMap) -> Option<Difference> {
        by_fields::difference(self.parts(), there.parts())
    }

    /// The region: its header and schema, the number of the newest generation, its writer, whether it is closed.
    #[must_use]
    pub fn region(&self) -> &Region<Unmapped> {
        &self.0
    }

    /// The fields of the key and of the value in a slot.
    fn parts(&self) -> [&Field; 2] {
        parts(self.0.schema().layout()).expect("checked when it was opened")
    }

    /// All entries of one generation, in no particular order. Reads a whole table, of
    /// [`Header::buffer_stride`](crate::Header::buffer_stride) bytes, so with a writer that commits often it may not
    /// succeed where [`get_versioned`](Self::get_versioned) does.
    ///
    /// Check [`Header::buffer_stride`](crate::Header::buffer_stride) first: a map of another user may claim more than
    /// there is memory for.
    ///
    /// # Errors
    /// After [`ATTEMPTS`](crate::ATTEMPTS) attempts or [`TIME_LIMIT`](crate::TIME_LIMIT); at once if retrying can't
    /// help.
    pub fn entries(&self) -> Result<Entries, ReadValueError> {
        let (slot, [key, value]) = (self.slot_size(), self.parts());
        let place = |field: &Field| (field.offset(), field.layout().size());
        let mut entries = Entries::from_places(slot, place(key), place(value));
        let slots = self.slots();
        let mut chunk = std::vec![0; slots.min((CHUNK / slot).max(1)) * slot];
        entries.generation = self.0.source.repeat(|| {
            entries.bytes.clear();
            self.0.source.attempt_at(|table| {
                let mut done = 0;
                while done < slots {
                    let run = (slots - done).min(chunk.len() / slot);
                    let some = &mut chunk[..run * slot];
                    table.read(some, self.offset(done))?;
                    for slot in some.chunks_exact(slot) {
                        if stamp(slot) != 0 {
                            entries.bytes.extend_from_slice(slot);
                        }
                    }
                    done += run;
                    // If a commit has already overtaken this generation, the rest need not be read.
                    table.check_not_torn()?;
                }
                Ok(())
            })
        })?;
        Ok(entries)
    }

    /// The bytes of the value of a key, and the generation that set it; `None` if the key has no entry. The key is
    /// given by its bytes.
    ///
    /// # Errors
    /// The errors of [`entries`](Self::entries).
    ///
    /// # Panics
    /// If these are not as many bytes as a key has.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapWriter, untyped::FileMap};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-find-{}", std::process::id()));
    /// let mut writer = MapWriter::<u32, u8>::create(&path, 100)?;
    /// writer.insert(7, 70).unwrap();
    /// let map = FileMap::open(&path)?;
    /// assert_eq!(map.get_versioned(&7u32.to_ne_bytes()).unwrap(), Some((vec![70], writer.generation())));
    /// assert_eq!(map.get_versioned(&8u32.to_ne_bytes()).unwrap(), None);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn get_versioned(&self, key: &[u8]) -> Result<Option<(Vec<u8>, Version)>, ReadValueError> {
        let [of_key, of_value] = self.parts();
        assert_eq!(key.len(), of_key.layout().size(), "the bytes of a key");
        let (size, slots) = (self.slot_size(), self.slots());
        let home = home(self.0.header().seed(), key, slots - 1);
        // In a map of large values the search reads one slot at a time, so that it needs the memory of one slot.
        let mut run = std::vec![0; RUN.min(slots).min((CHUNK / size).max(1)) * size];
        let mut found = None;
        self.0.source.repeat(|| {
            self.0.source.attempt_at(|table| {
                // The slots that were read last. They do not reach over the end of the table.
                let mut there = 0..0;
                let look = |slot: usize, steps| {
                    if !there.contains(&slot) {
                        there = slot..slots.min(slot + run.len() / size);
                        let mut read = || {
                            if steps > 0 {
                                table.check_not_torn()?;
                            }
                            table.read(&mut run[..there.len() * size], self.offset(slot))
                        };
                        if let Err(error) = read() {
                            return Some(Err(error));
                        }
                    }
                    let slot = &run[(slot - there.start) * size..][..size];
                    match stamp(slot) {
                        0 => Some(Ok(None)),
                        _ if part(slot, of_key) != key => None,
                        stamp => Some(Ok(Some((part(slot, of_value).to_vec(), Version::from_bits(stamp))))),
                    }
                };
                found = search(home, slots - 1, look).transpose()?.flatten();
                Ok(())
            })
        })?;
        Ok(found)
    }

    fn slot_size(&self) -> usize {
        self.0.header().payload_size()
    }

    #[allow(clippy::cast_possible_truncation)] // 64-bit targets
    fn slots(&self) -> usize {
        self.0.header().slots() as usize
    }

    /// Where a slot lies in a table.
    fn offset(&self, slot: usize) -> u64 {
        // `RegionLayout` has checked that all slots fit into memory.
        (table_header(self.0.header().payload_align()) + slot * self.slot_size()) as u64
    }
}

fn stamp(slot: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&slot[..8]);
    u64::from_ne_bytes(bytes)
}

fn part<'a>(slot: &'a [u8], field: &Field) -> &'a [u8] {
    &slot[field.offset()..][..field.layout().size()]
}

impl Entries {
    /// No entries yet. The arguments are the size of a slot, and the offset and length of its key and value.
    pub(super) fn from_places(slot: usize, key: (usize, usize), value: (usize, usize)) -> Entries {
        Entries { generation: Version::NEVER, slot, key, value, bytes: Vec::new() }
    }

    /// Empties the list, for entries of this generation.
    pub(super) fn begin(&mut self, generation: Version) {
        self.generation = generation;
        self.bytes.clear();
    }

    /// Adds a slot that is not free.
    pub(super) fn push(&mut self, slot: &[u8]) {
        self.bytes.extend_from_slice(slot);
    }

    /// The generation that has these entries.
    #[must_use]
    pub fn generation(&self) -> Version {
        self.generation
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.slot
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The bytes of each key and of its value, and the generation in which it changed last, as the region has it.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8], Version)> {
        self.bytes.chunks_exact(self.slot).map(|slot| self.entry(slot))
    }

    /// The entry with this number in the order of [`iter`](Self::iter). Takes the same time for each.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapWriter, untyped::MapReader};
    /// # let path = shm::path_for(&format!("seqcopy-doc-entries-get-{}", std::process::id()));
    /// let mut writer = MapWriter::<u8, u8>::create(&path, 10)?;
    /// writer.insert(7, 70)?;
    /// let entries = MapReader::open(&path)?.entries()?;
    /// assert_eq!(entries.get(0), Some((&[7][..], &[70][..], writer.generation())));
    /// assert_eq!(entries.get(1), None);
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get(&self, index: usize) -> Option<(&[u8], &[u8], Version)> {
        self.bytes.chunks_exact(self.slot).nth(index).map(|slot| self.entry(slot))
    }

    fn entry<'s>(&self, slot: &'s [u8]) -> (&'s [u8], &'s [u8], Version) {
        let (key, value) = (self.key, self.value);
        (&slot[key.0..][..key.1], &slot[value.0..][..value.1], Version::from_bits(stamp(slot)))
    }
}
