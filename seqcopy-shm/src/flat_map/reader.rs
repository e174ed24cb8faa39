//! [`MapReader`]: looks entries up in another process's map.

use core::marker::PhantomData;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::by_fields::OtherSlots;
use super::key::{LastSlot, MapKey, Query};
use super::place::Tables;
use super::slot::{Entry, Slot, bytes_of};
use super::view::View;
use crate::error::{Error, ErrorKind, ReadValueError, WriterState};
use crate::handle::{Newer, ReadHandle, Region, wait_any};
use crate::life::OpenPolicy;
use crate::mapping::MAP_FORMAT;
use crate::schema::Schema;
use crate::value::{Attempts, Mapped};
use seqcopy::{MaybeInvalid, ReadError, Validate, Version};

/// Looks up the entries of a map that another process changes. Maps the region read-only and never writes a byte of it.
/// A [`FileMap`](super::FileMap) reads it by system calls, whatever its types are.
///
/// A look-up is one attempt that loads the stamp and the key of each slot that the search passes, and one value. It
/// never waits for the writer, and it fails only if `buffers - 1` commits end while it runs. [`get`](Self::get) then
/// tries again, within [`ATTEMPTS`](crate::ATTEMPTS) and [`TIME_LIMIT`](crate::TIME_LIMIT).
///
/// For several entries of one generation take a [`view`](Self::view), or let [`read`](Self::read) do so. A long look at
/// a map whose writer is busy wants more buffers, or a writer that commits batches:
///
/// | buffers | a view is readable until | memory |
/// |---|---|---|
/// | 2 | the next commit has ended | 2 tables |
/// | 4 | 3 have | 4 tables |
/// | 16 | 15 have | 16 tables |
///
/// Values are validated, on a private copy. What the writer did before it committed a change happens-before the return
/// of a call that finds it, and one thread never sees generations go back.
///
/// ```
/// use seqcopy::SeqStr;
/// use seqcopy_shm::{self as shm, MapReader, MapWriter};
///
/// # let path = shm::path_for(&format!("seqcopy-doc-map-reader-{}", std::process::id()));
/// let mut prices = MapWriter::<SeqStr<12>, u64>::create(&path, 1000)?;
/// prices.insert(SeqStr::literal("AAPL"), 22_713).unwrap();
///
/// // Usually in another process:
/// let reader = MapReader::<SeqStr<12>, u64>::open(&path)?;
/// assert_eq!(reader.get(&SeqStr::literal("AAPL")), Ok(Some(22_713)));
/// assert_eq!(reader.get(&SeqStr::literal("GOOG")), Ok(None));
/// # prices.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
///
/// # Following a map
/// A reader that looks again and again asks for [what has changed](View::changed_since). That does not show which keys
/// were removed: so it looks for the keys that it knows in the same generation. (Or the writer marks values as removed,
/// and removes them later.)
///
/// ```
/// use std::collections::HashMap;
/// use seqcopy::Version;
/// use seqcopy_shm::{self as shm, MapReader, MapWriter, ReadValueError};
///
/// struct Follower { known: HashMap<u32, u32>, since: Version }
///
/// impl Follower {
///     /// Returns the keys that are gone.
///     fn follow(&mut self, reader: &MapReader<u32, u32>) -> Result<Vec<u32>, ReadValueError> {
///         let (generation, changed, gone) = reader.read(|view| {
///             let changed = view.changed_since(self.since).collect::<Result<Vec<_>, _>>()?;
///             let mut gone = Vec::new();
///             for key in self.known.keys() {
///                 if !view.contains_key(key)? {
///                     gone.push(*key);
///                 }
///             }
///             Ok((view.generation(), changed, gone))
///         })?;
///         self.since = generation;
///         self.known.retain(|key, _| !gone.contains(key));
///         self.known.extend(changed.into_iter().map(|(key, value, _)| (key, value)));
///         Ok(gone)
///     }
/// }
///
/// # let path = shm::path_for(&format!("seqcopy-doc-map-follow-{}", std::process::id()));
/// let mut map = MapWriter::<u32, u32>::create(&path, 100)?;
/// map.commit(|batch| (batch.insert(1, 10), batch.insert(2, 20))).unwrap();
/// let reader = MapReader::open(&path)?;
/// let mut follower = Follower { known: HashMap::new(), since: Version::NEVER };
/// assert_eq!(follower.follow(&reader), Ok(vec![]));
/// map.commit(|batch| (batch.remove(&1), batch.insert(3, 30))).unwrap();
/// assert_eq!(follower.follow(&reader), Ok(vec![1]));
/// assert_eq!(follower.known, HashMap::from([(2, 20), (3, 30)]));
/// # map.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct MapReader<K, V> {
    /// Point into the mapping of the region, and are dropped with it.
    tables: Tables,
    /// Present if the slots have other parts than those of `K` and `V`.
    others: Option<Box<OtherSlots<K, V>>>,
    is_by_fields: bool,
    pub(super) region: Box<Region>,
    /// Invariant, so that lifetimes in the types can't be exchanged for others.
    types: PhantomData<fn(*mut K, *mut V)>,
}

// The bounds are those of the methods, so that the error message for a type that is not a key explains what a key is.
impl<K, V> MapReader<K, V> {
    /// Opens a map by its path.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, the map may be another user's: see
    /// [`Options::require_owner`](crate::Options::require_owner).
    ///
    /// # Errors
    /// If there is no file yet, if it may not be read, if it is not a region of this machine, if the map was closed, if
    /// it has other keys or values (the error names the first field that differs), or if the region holds one value and
    /// not a map ([`VersionError::Format`](crate::VersionError::Format)).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Self::open_at(path.as_ref(), OpenPolicy::default(), false)
    }

    /// Opens a map whose values have every field of `V`, as [`Reader::open_by_fields`](crate::Reader::open_by_fields)
    /// opens a value: so a program goes on when a field is added to them, or moved. Keys are found by their bytes, so a
    /// map whose keys have other fields than `K` as well, or the same in another order, is refused. Names of types are
    /// not compared.
    ///
    /// # Errors
    /// The first field of `K` or `V` that the map does not have, or has with another type. Otherwise as for
    /// [`open`](Self::open).
    ///
    /// ```
    /// use seqcopy::{SeqCopy, Validate};
    /// use seqcopy_shm::{self as shm, MapReader, MapWriter};
    ///
    /// mod new {
    ///     #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
    ///     #[repr(C)]
    ///     pub struct Quote { pub venue: u32, pub bid: u64, pub ask: u64 }
    /// }
    ///
    /// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    /// #[repr(C)]
    /// struct Quote { bid: u64, ask: u64 }
    ///
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-by-fields-{}", std::process::id()));
    /// let mut quotes = MapWriter::<u32, new::Quote>::create(&path, 100)?;
    /// quotes.insert(7, new::Quote { venue: 1, bid: 99, ask: 101 }).unwrap();
    ///
    /// assert!(MapReader::<u32, Quote>::open(&path).is_err());
    /// let reader = MapReader::<u32, Quote>::open_by_fields(&path)?;
    /// assert_eq!(reader.get(&7), Ok(Some(Quote { bid: 99, ask: 101 })));
    /// # quotes.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_by_fields(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Self::open_at(path.as_ref(), OpenPolicy::default(), true)
    }

    /// Opens a map by a descriptor that was received or inherited, as [`Region::from_fd`] does.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open) and [`Region::from_fd`].
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // as for regions
    pub fn from_fd(file: crate::sys::Handle) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Self::open_fd(&file, false)
    }
}

impl<K: MapKey, V: Validate> ReadHandle for MapReader<K, V> {
    type Source = Mapped;
    /// Whether the reader reads values by their fields.
    type ReadAs = bool;
    const FORMATS: &'static [u32] = &[MAP_FORMAT];

    fn over(region: Region, is_by_fields: bool) -> Result<Self, Error> {
        let others = if is_by_fields {
            OtherSlots::from_schema(region.schema(), &region.header().layout)?.map(Box::new)
        } else {
            check_map_type::<K, V>(region.schema()).map(|()| None)?
        };
        // SAFETY: the region has a map, and is kept with the result (I8 mapping).
        let tables = unsafe { Tables::from_mapping(&region.source.mapping) };
        Ok(MapReader { tables, others, is_by_fields, region: Box::new(region), types: PhantomData })
    }

    fn opened(&self) -> &Region {
        &self.region
    }

    fn read_next_as(&self) -> bool {
        self.is_by_fields
    }
}

impl<K: MapKey, V: Validate> MapReader<K, V> {
    /// The value of a key; `None` if it has none. Up to [`ATTEMPTS`](crate::ATTEMPTS) attempts, each bounded.
    ///
    /// # Errors
    /// If `buffers - 1` commits ended during every attempt, if the map was closed, or if the value is not valid: other
    /// keys are not affected by that.
    #[inline]
    pub fn get(&self, key: &K) -> Result<Option<V>, ReadValueError> {
        self.find(Query::for_key(bytes_of(key)), |bits, _| Ok(bits.validate()?))
    }

    /// The value of a key, and the generation that set it.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-stamped-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u32>::create(&path, 100)?;
    /// let reader = MapReader::<u32, u32>::open(&path)?;
    /// map.insert(1, 10).unwrap();
    /// let then = reader.generation();
    /// map.insert(2, 20).unwrap();
    /// assert_eq!(reader.get_versioned(&1), Ok(Some((10, then))));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn get_versioned(&self, key: &K) -> Result<Option<(V, Version)>, ReadValueError> {
        self.find(Query::for_key(bytes_of(key)), |bits, stamp| Ok((bits.validate()?, Version::from_bits(stamp))))
    }

    /// The value of an entry, which is found without a search if it is still where it was: see [`Entry`]. Otherwise as
    /// [`get`](Self::get).
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    #[inline]
    pub fn read_entry(&self, entry: &Entry<K>) -> Result<Option<V>, ReadValueError> {
        self.find(entry.query(), |bits, _| Ok(bits.validate()?))
    }

    /// Calls `found` with the bits of a value and the stamp of its entry. The first attempt is made here for slots of
    /// the same types. Other slots have code of their own, because in shared code both would have to keep in memory
    /// what each keeps in registers.
    #[inline(always)]
    fn find<R>(
        &self,
        query: Query<'_>,
        found: impl Fn(MaybeInvalid<V>, u64) -> Result<R, ReadValueError>,
    ) -> Result<Option<R>, ReadValueError> {
        let mut miss = None;
        if self.others.is_none() {
            // SAFETY: there are no others (I1 partition).
            match unsafe { self.view().find_own(query.first_look(), &found) } {
                Ok(Some(found)) => return found.map(Some),
                // The key may be in any slot by now.
                _ if query.last.is_some() => {}
                Ok(None) => return Ok(None),
                Err(error) => miss = Some(error),
            }
        }
        self.search(query.key, query.last, miss)?.map(|(bits, stamp)| found(bits, stamp)).transpose()
    }

    /// Makes all attempts after the first one, which failed with `miss`, or all of them. A function of its own, so that
    /// the first attempt shares no registers with it.
    #[cold]
    #[inline(never)]
    fn search(
        &self,
        key: &[u8],
        last: Option<&LastSlot>,
        mut miss: Option<ReadError>,
    ) -> Result<Option<(MaybeInvalid<V>, u64)>, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            if let Some(miss) = miss {
                self.region.source.retry(&mut attempts, miss)?;
            }
            match self.view().find(Query { last, ..Query::for_key(key) }, |bits, stamp| (bits, stamp)) {
                Ok(found) => return Ok(found),
                Err(error) => miss = Some(error),
            }
        }
    }

    /// The value of a key, by one attempt: wait-free, without a system call.
    ///
    /// # Errors
    /// If `buffers - 1` commits ended meanwhile, if the map was closed, or if the value is not valid.
    #[inline]
    pub fn try_get(&self, key: &K) -> Result<Option<V>, ReadValueError> {
        self.view().get(key)
    }

    /// The newest generation that this thread can see. Wait-free.
    #[inline]
    #[must_use]
    pub fn view(&self) -> View<'_, K, V> {
        // SAFETY: the tables are those of the mapping, with these slots (I1 partition).
        unsafe { View::newest(&self.tables, self.others.as_deref(), &self.region.source.mapping) }
    }

    /// Calls `read` with a view, and again with a newer one while it returns that the generation can't be read any
    /// more: for looks at several entries of one generation. Up to [`ATTEMPTS`](crate::ATTEMPTS) times, for no longer
    /// than [`TIME_LIMIT`](crate::TIME_LIMIT).
    ///
    /// # Errors
    /// The error of the last view, or whatever `read` returned.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-read-{}", std::process::id()));
    /// let mut map = MapWriter::<u8, u32>::create(&path, 100)?;
    /// map.commit(|batch| (batch.insert(1, 10), batch.insert(2, 20))).unwrap();
    /// let reader = MapReader::<u8, u32>::open(&path)?;
    /// let both = reader.read(|view| Ok((view.get(&1)?, view.get(&2)?)));
    /// assert_eq!(both, Ok((Some(10), Some(20))));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn read<R>(
        &self,
        mut read: impl FnMut(&View<'_, K, V>) -> Result<R, ReadValueError>,
    ) -> Result<R, ReadValueError> {
        let mut attempts = Attempts::default();
        loop {
            match read(&self.view()) {
                Err(ReadValueError::NoValue(miss)) => self.region.source.retry(&mut attempts, miss)?,
                result => return result,
            }
        }
    }

    /// Waits until the generation is another than `known`, for at most `time`; returns whether it is. As
    /// [`Reader::wait`](crate::Reader::wait): a thread that waits sleeps, until
    /// [`MapWriter::wake`](super::MapWriter::wake) is called, for half a second at a time. A map has a generation from
    /// the start, so [`Version::NEVER`] is not waited with.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-wait-{}", std::process::id()));
    /// let mut map = MapWriter::<u8, u32>::create(&path, 100)?;
    /// let reader = MapReader::<u8, u32>::open(&path)?;
    /// let known = reader.generation();
    /// map.insert(1, 10).unwrap();
    /// map.wake();
    /// assert!(reader.wait(known, Duration::from_secs(1)));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn wait(&self, known: Version, time: Duration) -> bool {
        wait_any(&[self.newer_than(known)], time).is_some()
    }

    /// What [`wait_any`] waits for: a generation after `known`, or that the map is closed.
    #[must_use]
    pub fn newer_than(&self, known: Version) -> Newer<'_> {
        Newer::than_known(&self.region, known)
    }

    /// The most entries that the map can have.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.tables.capacity()
    }

    /// If the map was removed, takes the one that its path leads to by now, and returns `true`; see
    /// [`Reader::reopen_if_removed`](crate::Reader::reopen_if_removed).
    ///
    /// # Errors
    /// If the new one has other keys or values, or is no map. The reader is then as it was.
    pub fn reopen_if_removed(&mut self) -> Result<bool, Error> {
        self.reopen()
    }
}

impl<K, V> MapReader<K, V> {
    /// The region of the map: its header, its type, which is that of a slot, and its writer.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The number of the newest generation: 1 if nothing was committed yet.
    #[inline]
    #[must_use]
    pub fn generation(&self) -> Version {
        self.region.version()
    }

    /// Whether a newer generation is published. With [`View::changed_since`], for readers that look again and again.
    #[inline]
    #[must_use]
    pub fn has_changed(&self, since: Version) -> bool {
        self.region.version() != since
    }

    /// Whether the writer closed the map: it changes no more, and look-ups return [`Closed`](ReadValueError::Closed).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-reader-closed-{}", std::process::id()));
    /// let writer = MapWriter::<u32, u32>::create(&path, 10)?;
    /// let reader = MapReader::<u32, u32>::open(&path)?;
    /// assert!(!reader.is_closed());
    /// writer.close()?;
    /// assert!(reader.is_closed());
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.region.is_closed()
    }

    /// Whether the map has a writer: see [`Reader::writer_state`](crate::Reader::writer_state).
    #[must_use]
    pub fn writer_state(&self) -> WriterState {
        self.region.writer_state()
    }
}

/// Whether a region has a map with these keys and values.
pub(super) fn check_map_type<K: MapKey, V: Validate>(there: &Schema) -> Result<(), Error> {
    match Slot::<K, V>::schema().difference(there) {
        None => Ok(()),
        Some(difference) => Err(ErrorKind::Type(difference).into()),
    }
}

impl<K, V> fmt::Debug for MapReader<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapReader").field("region", &self.region).finish_non_exhaustive()
    }
}
