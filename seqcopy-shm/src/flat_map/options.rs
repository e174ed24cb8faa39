//! Creating and opening maps with [`Options`].

use std::path::Path;

use super::key::MapKey;
use super::reader::MapReader;
use super::slot::Slot;
use super::writer::MapWriter;
use crate::error::Error;
use crate::handle::{Options, ReadHandle as _, WriteHandle as _};
use seqcopy::Validate;

/// Maps. The other options apply to them as to values, but for these:
///
/// * [`buffers`](Self::buffers) is the number of tables: 2, 4, 8, .. A view is readable until `buffers - 1` later
///   commits have ended. Each table takes its memory, and each change is made in each table in turn. One is refused: a
///   writer that died in the middle of a change would leave a table that can't be repaired.
/// * [`replace_smaller`](Self::replace_smaller) replaces a map with fewer slots than it would create for the capacity
///   that is asked for. The new map has the entries before it gets the path; generations go on, and each entry has the
///   one that set it. The seed is a new one.
///
/// ```
/// use seqcopy_shm::{self as shm, MapReader, MapWriter, Options};
/// # let path = shm::path_for(&format!("seqcopy-doc-map-options-{}", std::process::id()));
/// let mut map = Options::new().buffers(4).mode(0o600).create_map::<u32, u32>(&path, 7)?;
/// assert_eq!((map.region().header().buffers(), map.region().header().slots(), map.capacity()), (4, 8, 7));
/// (0..7).for_each(|key| _ = map.insert(key, key * key).unwrap());
/// let mut reader = MapReader::<u32, u32>::open(&path)?;
/// drop(map); // or its process ends, or is killed
///
/// let mut map: MapWriter<u32, u32> = Options::new().replace_smaller(true).open_or_create_map(&path, 100)?;
/// map.insert(7, 49).unwrap();
/// assert!(reader.reopen_if_removed()?);
/// assert_eq!((reader.get(&6), reader.get(&7)), (Ok(Some(36)), Ok(Some(49))));
/// # map.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
impl Options {
    /// The seed of a map's hash. By default it is random, so that a peer can't choose keys in advance that all begin at
    /// one slot. Processes that can read the map can read its seed. A region with a value or a slice ignores it.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-seed-{}", std::process::id()));
    /// let map = Options::new().seed(7).create_map::<u64, u64>(&path, 100)?;
    /// assert_eq!(map.region().header().seed(), 7);
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// [`MapReader::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_map<K: MapKey, V: Validate>(&self, path: impl AsRef<Path>) -> Result<MapReader<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapReader::open_at(path.as_ref(), self.policy, false)
    }

    /// [`MapReader::open_by_fields`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_map_by_fields<K: MapKey, V: Validate>(&self, path: impl AsRef<Path>) -> Result<MapReader<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapReader::open_at(path.as_ref(), self.policy, true)
    }

    /// [`MapWriter::take_over`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// The errors named there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn take_over_map<K: MapKey, V: Validate>(&self, path: impl AsRef<Path>) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapWriter::take_over_at(path.as_ref(), &(), self.policy)
    }

    /// Creates an empty map at a path, usually in `/dev/shm` ([`path_for`](crate::path_for)), for at least `capacity`
    /// entries.
    ///
    /// # Errors
    /// The errors of [`MapWriter::create`], and if the number of buffers is not one that [`buffers`](Self::buffers)
    /// allows.
    pub fn create_map<K: MapKey, V: Validate>(
        &self,
        path: impl AsRef<Path>,
        capacity: usize,
    ) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapWriter::create_at(path.as_ref(), &(), capacity, self)
    }

    /// Takes over the map at a path if there is one whose writer has ended, and creates it otherwise: for a program
    /// that is started again and again. If several processes call this at the same time, one becomes the writer.
    ///
    /// Capacity, buffers, mode and seed apply to a map that is created; one that is taken over keeps its own, unless it
    /// is [replaced by a larger one](Self::replace_smaller). Otherwise as [`open_or_create`](Self::open_or_create).
    ///
    /// # Errors
    /// The errors of [`take_over_map`](Self::take_over_map) if the path exists, and as for
    /// [`create_map`](Self::create_map) if it does not.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-open-or-create-{}", std::process::id()));
    /// let mut starts = MapWriter::<u8, u32>::open_or_create(&path, 10)?;
    /// assert!(starts.was_created());
    /// starts.insert(0, 1).unwrap();
    ///
    /// drop(starts); // or its process ends, or is killed
    /// let mut starts = MapWriter::<u8, u32>::open_or_create(&path, 10)?;
    /// assert!(!starts.was_created());
    /// assert_eq!(starts.update(&0, |starts| { *starts += 1; *starts }), Ok(Some(2)));
    /// # starts.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_or_create_map<K: MapKey, V: Validate>(
        &self,
        path: impl AsRef<Path>,
        capacity: usize,
    ) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapWriter::open_or_create_at(path.as_ref(), &(), capacity, self, |_| {})
    }

    /// Creates a map without a path, to be given to other processes as a descriptor ([`MapWriter::share`]), sealed as
    /// [`create_memfd`](Self::create_memfd) explains.
    ///
    /// # Errors
    /// If the system refuses, or there is not enough memory.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, Options};
    /// let mut map = Options::new().create_map_memfd::<u32, u32>("counters", 10)?;
    /// map.insert(1, 5).unwrap();
    /// let reader = MapReader::<u32, u32>::from_fd(map.share()?)?;
    /// assert_eq!(reader.get(&1), Ok(Some(5)));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn create_map_memfd<K: MapKey, V: Validate>(
        &self,
        name: &str,
        capacity: usize,
    ) -> Result<MapWriter<K, V>, Error> {
        let () = Slot::<K, V>::CHECKED;
        MapWriter::create_without_path(name, &(), capacity, self)
    }
}

impl<K, V> MapWriter<K, V> {
    /// Creates an empty map for at least `capacity` entries: with two buffers, readable by all users. [`Options`] has
    /// other choices.
    ///
    /// The map appears at the path only when it is complete; if this process dies before that, nothing is left behind.
    ///
    /// # Errors
    /// If the path exists already, if the directory can't be written, if there is not enough space, or if the capacity
    /// is 0 or too large for memory.
    pub fn create(path: impl AsRef<Path>, capacity: usize) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Options::new().create_map(path, capacity)
    }

    /// Takes over the map at a path if there is one whose writer has ended, and creates it otherwise.
    /// [`was_created`](Self::was_created) says which of the two it did. A map that is taken over keeps its capacity.
    ///
    /// # Errors
    /// The errors of [`Options::open_or_create_map`].
    pub fn open_or_create(path: impl AsRef<Path>, capacity: usize) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Options::new().open_or_create_map(path, capacity)
    }
}
