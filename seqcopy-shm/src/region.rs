//! [`Region`]: a region of any type, mapped read-only: for tools, and used by [`Reader`](super::Reader).

use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use super::WriterState;
use super::attempts::Attempts;
use super::buffers::Buffers;
use super::futex;
use super::header::FORMAT;
use super::inspect::Inspected;
use super::location;
use super::open_policy::OpenPolicy;
use super::writer_lock;
use super::{Error, Header, Map, ReadValueError, Schema, Uid};
use seqcopy::ReadError;

/// A mapped region whose header and schema were checked.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) map: Map,
    pub(crate) header: Header,
    pub(crate) schema: Schema,
    pub(crate) buffers: Buffers,
    /// Whether it was closed when it was opened.
    pub(crate) was_closed: bool,
    /// The owner of the file when it was opened.
    pub(crate) uid: Uid,
}

impl Mapped {
    /// Maps a file after all checks that can be made. Accesses no byte of the mapping.
    pub(crate) fn new(file: &OwnedFd, formats: &'static [u32], writable: bool) -> Result<Mapped, Error> {
        let inspected = Inspected::of(file, formats)?;
        let map = Map::new(file, inspected.header.layout.size, writable)?;
        Ok(Self::of(map, inspected))
    }

    /// The region in a mapping of all of it.
    pub(crate) fn of(map: Map, inspected: Inspected) -> Mapped {
        let Inspected { header, schema, is_closed, uid } = inspected;
        Mapped { buffers: Buffers::of(&map, &header.layout), map, header, schema, was_closed: is_closed, uid }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    /// The number of the last published value.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        // SAFETY: `self` keeps the map (I8 mapping).
        unsafe { self.buffers.version() }
    }

    /// The word, and the number of the last published value.
    pub(crate) fn word(&self) -> (u64, u64) {
        // SAFETY: `self` keeps the map (I8 mapping).
        unsafe { self.buffers.word() }
    }

    /// Wakes the threads of all processes that wait for this region.
    pub(crate) fn wake(&self) {
        // SAFETY: `self` keeps the map (I8 mapping).
        unsafe { futex::wake(self.buffers.address()) };
    }

    /// The error for an attempt that found no value.
    #[cold]
    pub(crate) fn explain(&self, miss: ReadError) -> ReadValueError {
        match miss {
            ReadError::Empty if self.is_closed() => ReadValueError::Closed,
            _ => ReadValueError::NotConsistent(miss),
        }
    }

    /// Whether a write is in progress that no process will finish.
    fn is_left_open(&self, file: impl AsFd) -> bool {
        // SAFETY: `self` keeps the map (I8 mapping).
        let open_write = || unsafe { self.buffers.open_write() };
        // A writer holds the lock. The word is loaded again: the same write was in progress when the lock was free, so it is not
        // a write of the next writer.
        open_write().is_some_and(|word| writer_lock::is_free(file) && open_write() == Some(word))
    }
}

/// A region of any type, mapped read-only.
///
/// It knows its type from the schema only, and returns values as bytes: for tools. Programs that have the type use
/// [`Reader`](super::Reader), which compares the types and returns values.
///
/// ```
/// use seqcopy_shm::{self as shm, Region, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-region-{}", std::process::id()));
/// let mut writer = Writer::<[u16; 2]>::create(&path)?;
/// writer.write([1, 2]).unwrap();
///
/// let region = Region::open(&path)?;
/// let value = region.read_bytes().unwrap();
/// assert_eq!((value.version, value.bytes), (1, [1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat()));
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Region {
    pub(crate) mapped: Mapped,
    pub(crate) file: OwnedFd,
    /// Where it was opened, if by a path that can be looked at again.
    path: Option<PathBuf>,
}

/// A value as bytes. Padding, and the bytes of inactive enum variants, are 0 or stale.
///
/// ```
/// # let value = seqcopy_shm::Bytes { version: 1, bytes: vec![0; 4] };
/// assert_eq!(value.bytes.len(), 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// The number of this value: the first one that was published is 1.
    pub version: u64,
    /// Its bytes, as many as the type has.
    pub bytes: Vec<u8>,
}

impl Region {
    /// Opens a region by its path.
    ///
    /// # Errors
    /// If there is no file, if it may not be read, or if it is not a region of this machine.
    ///
    /// ```
    /// # use seqcopy_shm::Region;
    /// assert!(Region::open("/dev/shm/there is no such region").is_err());
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Region, Error> {
        Self::open_by(path.as_ref(), OpenPolicy::default())
    }

    pub(crate) fn open_by(path: &Path, policy: OpenPolicy) -> Result<Region, Error> {
        Self::open_format(path, policy, &[FORMAT])
    }

    /// Opens a region of one of these formats. One that has a map is not handed to users as a `Region`, whose methods copy a value.
    pub(crate) fn open_format(path: &Path, policy: OpenPolicy, formats: &'static [u32]) -> Result<Region, Error> {
        let open = || Ok(Region { path: location::kept(path), ..Self::of(policy.open(path, false)?, formats)? });
        open().map_err(|error: Error| error.at(path))
    }

    /// Opens a region by a descriptor that was received over a socket or inherited.
    ///
    /// The file is reopened, so that nothing is shared with the process that the descriptor came from.
    ///
    /// # Errors
    /// As for [`open`](Self::open), and if the file is not sealed against shrinking (`F_SEAL_SHRINK`): its owner could truncate it
    /// while it is read, which kills readers with SIGBUS.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Region};
    /// let writer = Options::new().create_memfd::<u64>("doc")?;
    /// assert_eq!(Region::from_fd(writer.share()?)?.header().payload_size(), 8);
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    #[allow(clippy::needless_pass_by_value)] // a descriptor that is given away can't be used for something else meanwhile
    pub fn from_fd(file: OwnedFd) -> Result<Region, Error> {
        Self::from_fd_format(&file, &[FORMAT])
    }

    /// The same for one of these formats.
    #[cfg(target_os = "linux")]
    pub(crate) fn from_fd_format(file: &OwnedFd, formats: &'static [u32]) -> Result<Region, Error> {
        super::seals::check_length(file)?;
        Self::of(writer_lock::reopen(file, false)?, formats)
    }

    fn of(file: OwnedFd, formats: &'static [u32]) -> Result<Region, Error> {
        Ok(Region { mapped: Mapped::new(&file, formats, false)?, file, path: None })
    }

    /// The header: a copy that was checked when the region was opened.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.mapped.header
    }

    /// The type of its values.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.mapped.schema
    }

    /// The owner of its file: the user that created it and may write it, looked up before the file was mapped.
    /// [`Options::require_owner`](super::Options::require_owner) refuses files of other users.
    #[must_use]
    pub fn owner(&self) -> Uid {
        self.mapped.uid
    }

    /// A copy of the value as bytes, not validated. It makes the [accesses](seqcopy::Layout::each_access) that follow from the schema.
    ///
    /// # Errors
    /// After [`ATTEMPTS`](super::ATTEMPTS) attempts or [`TIME_LIMIT`](super::TIME_LIMIT), or at once if retrying can't help.
    pub fn read_bytes(&self) -> Result<Bytes, ReadValueError> {
        let layout = self.schema().layout();
        let region = &self.mapped.header.layout;
        let mut bytes = std::vec![0; layout.size()];
        let mut attempts = Attempts::default();
        loop {
            // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised (P4 uninit);
            // regions have no pointers (`Schema::decode`). The vector is as long.
            let copy =
                |buffer: *const u8| unsafe { seqcopy::raw::load_by(layout, region.base(), buffer, bytes.as_mut_ptr()) };
            // SAFETY: `self` keeps the map (I8 mapping), and the buffer layout is its own.
            match unsafe { self.mapped.buffers.try_read(region.buffer_layout, copy) } {
                Ok(version) => return Ok(Bytes { version, bytes }),
                Err(miss) => self.again(&mut attempts, miss)?,
            }
        }
    }

    /// Waits before the next attempt, or fails if retrying can't help or the bound is reached.
    ///
    /// Inlined, so that the counter is passed by value and its address does not leave the caller.
    #[inline(always)]
    pub(crate) fn again(&self, attempts: &mut Attempts, miss: ReadError) -> Result<(), ReadValueError> {
        *attempts = self.wait_or_give_up(*attempts, miss)?;
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn wait_or_give_up(&self, attempts: Attempts, miss: ReadError) -> Result<Attempts, ReadValueError> {
        match miss {
            ReadError::Busy | ReadError::Torn => attempts.again(miss, || Ok(self.mapped.is_left_open(&self.file))),
            _ => Err(self.mapped.explain(miss)),
        }
    }

    /// How many values have been published.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.mapped.version()
    }

    /// Whether the writer closed it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.mapped.is_closed()
    }

    /// Whether the path by which it was opened leads to it no more: the file was removed or renamed, and perhaps there is a new region.
    /// Readers go on with the region that they have; reopen the path to read the new one. Always true for a memfd, which never had a
    /// path.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        location::is_removed(&self.file, self.path.as_deref())
    }

    /// Whether the region has a writer. Makes system calls: takes microseconds, and never sleeps.
    #[must_use]
    pub fn writer_state(&self) -> WriterState {
        writer_lock::state(&self.file, || self.mapped.map.writer())
    }

    /// A descriptor to give to another process, which can read with it but not write; see [`Writer::share`](super::Writer::share).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<OwnedFd, Error> {
        writer_lock::reopen(&self.file, false)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region")
            .field("header", self.header())
            .field("version", &self.version())
            .finish_non_exhaustive()
    }
}
