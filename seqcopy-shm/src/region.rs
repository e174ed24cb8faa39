//! [`Region`]: a region of any type, read-only. For tools, and below [`Reader`](super::Reader) and [`Writer`](super::Writer).

use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use super::WriterState;
use super::attempts::Attempts;
use super::buffers::Buffers;
use super::inspect::Inspected;
use super::open_policy::OpenPolicy;
use super::writer_lock;
use super::{Error, Header, Map, ReadValueError, Schema, Uid};
use seqcopy::ReadError;

/// A mapping whose header and schema were checked.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) map: Map,
    pub(crate) header: Header,
    pub(crate) schema: Schema,
    pub(crate) buffers: Buffers,
    /// Whether it was closed when it was opened.
    pub(crate) was_closed: bool,
    /// Whose the file was then.
    pub(crate) uid: Uid,
}

impl Mapped {
    /// Maps a file, having checked everything that can be checked. Touches no byte of the mapping.
    pub(crate) fn new(file: &OwnedFd, writable: bool) -> Result<Mapped, Error> {
        let inspected = Inspected::of(file)?;
        let map = Map::new(file, inspected.header.layout.size, writable)?;
        Ok(Self::of(map, inspected))
    }

    /// A mapping of a whole region.
    pub(crate) fn of(map: Map, inspected: Inspected) -> Mapped {
        let Inspected { header, schema, is_closed, uid } = inspected;
        Mapped { buffers: Buffers::of(&map, &header.layout), map, header, schema, was_closed: is_closed, uid }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.map.is_closed()
    }

    /// The number of the value published last.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        // SAFETY: `self` keeps the map (I8).
        unsafe { self.buffers.version() }
    }

    /// What to say of an attempt that did not find a value.
    #[cold]
    pub(crate) fn explain(&self, miss: ReadError) -> ReadValueError {
        match miss {
            ReadError::Empty if self.is_closed() => ReadValueError::Closed,
            _ => ReadValueError::NotConsistent(miss),
        }
    }

    /// Whether a write is open that no process will finish.
    fn is_left_open(&self, file: impl AsFd) -> bool {
        // SAFETY: `self` keeps the map (I8).
        let open_write = || unsafe { self.buffers.open_write() };
        // A writer holds the lock. The word is asked for once more: the same write was open when the lock was free, so it is not
        // that of the next writer.
        open_write().is_some_and(|word| writer_lock::is_free(file) && open_write() == Some(word))
    }
}

/// A region of any type, mapped read-only.
///
/// It knows its type by the schema, and gives values as bytes: for tools. Programs that have the type use
/// [`Reader`](super::Reader), which checks that it is the same and gives values.
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
}

/// A value as bytes. What is padding, or belongs to another variant of an enum than the one that is there, is 0 or stale.
///
/// ```
/// # let value = seqcopy_shm::Bytes { version: 1, bytes: vec![0; 4] };
/// assert_eq!(value.bytes.len(), 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// How many values had been published when this one was.
    pub version: u64,
    /// As many as the type has.
    pub bytes: Vec<u8>,
}

impl Region {
    /// Opens a region by its path.
    ///
    /// # Errors
    /// If there is none, if it may not be read, or if what is there is not a region of this machine.
    ///
    /// ```
    /// # use seqcopy_shm::Region;
    /// assert!(Region::open("/dev/shm/there is no such region").is_err());
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Region, Error> {
        Self::open_by(path.as_ref(), OpenPolicy::default())
    }

    pub(crate) fn open_by(path: &Path, policy: OpenPolicy) -> Result<Region, Error> {
        let open = || Self::of(policy.open(path, false)?);
        open().map_err(|error| error.at(path))
    }

    /// A region by a descriptor that came from elsewhere: received over a socket, inherited.
    ///
    /// It is opened once more, so that nothing is shared with the one that it came from.
    ///
    /// # Errors
    /// As for [`open`](Self::open); and if its owner could shrink it while it is read, which would end this process by
    /// SIGBUS: memory from strangers must be sealed (`F_SEAL_SHRINK`).
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
        super::seals::check_length(&file)?;
        Self::of(writer_lock::reopen(&file, false)?)
    }

    fn of(file: OwnedFd) -> Result<Region, Error> {
        Ok(Region { mapped: Mapped::new(&file, false)?, file })
    }

    /// What the region says about itself: a copy that was checked when it was opened.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.mapped.header
    }

    /// The type of its values.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.mapped.schema
    }

    /// Whose its file is: the user that may write it, and has made it. This was found out before it was mapped; to have a file
    /// of another user's refused before that, use [`Options::require_owner`](super::Options::require_owner).
    #[must_use]
    pub fn owner(&self) -> Uid {
        self.mapped.uid
    }

    /// A copy of the value, by the accesses that the schema's [`cut`](seqcopy::Layout::accesses) lists. It is not validated: it is
    /// bytes.
    ///
    /// # Errors
    /// After [`ATTEMPTS`](super::ATTEMPTS) attempts or [`TIME_LIMIT`](super::TIME_LIMIT), or at once if there is nothing to wait for.
    pub fn read_bytes(&self) -> Result<Bytes, ReadValueError> {
        let layout = self.schema().layout();
        let region = &self.mapped.header.layout;
        let mut bytes = std::vec![0; layout.size()];
        let mut attempts = Attempts::default();
        loop {
            // SAFETY: a buffer is aligned to the base and as long as the type (`RegionLayout`), its memory initialised (P4); regions have
            // no pointers (`Schema::decode`). The vector is ours, and as long.
            let copy =
                |buffer: *const u8| unsafe { seqcopy::raw::load_by(layout, region.base(), buffer, bytes.as_mut_ptr()) };
            // SAFETY: `self` keeps the map (I8), and the place is that of its own layout.
            match unsafe { self.mapped.buffers.try_read(region.buffer_layout, copy) } {
                Ok(version) => return Ok(Bytes { version, bytes }),
                Err(miss) => self.again(&mut attempts, miss)?,
            }
        }
    }

    /// Waits before the next attempt, unless there is nothing to wait for or enough have failed.
    ///
    /// Inlined, so that only the numbers are given away, not the address of what counts.
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

    /// How many values were published so far.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.mapped.version()
    }

    /// Whether the writer closed it for good.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.mapped.is_closed()
    }

    /// Whether no path leads here any more: it was removed, and perhaps made anew. Readers go on with what they have; open it
    /// again to see the new one. Always so of a memfd, which never had a path.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        rustix::fs::fstat(&self.file).is_ok_and(|stat| stat.st_nlink == 0)
    }

    /// Whether a process writes it. Asks the system: microseconds, and never a sleep.
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
