//! [`Region`] is an open region of any type. Tools use it directly, and every reader has one.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, OPENING, ReadValueError, Uid, WriterState};
use crate::life::{self, Inspected, OpenPolicy};
use crate::mapping::{FORMAT, Header, MAP_FORMAT};
use crate::schema::Schema;
use crate::sys::Handle;
use crate::sys::name;
use crate::value::{self, Mapped, Source, Unmapped};
use seqcopy::Version;

/// A region of any type, mapped, or read by system calls ([`Unmapped`]). That of a [`Writer`](crate::Writer::region) is
/// the writer's own mapping, others are read-only.
///
/// A `Region` knows its type from the schema only, and returns values as bytes: for tools. Programs that have the type
/// use [`Reader`](crate::Reader), which compares the types and returns values.
///
/// ```
/// use seqcopy_shm::{self as shm, Region, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-region-{}", std::process::id()));
/// let mut writer = Writer::<[u16; 2]>::create(&path)?;
/// writer.write([1, 2]).unwrap();
///
/// let region = Region::open(&path)?;
/// let (bytes, version) = region.read_bytes().unwrap();
/// assert_eq!((bytes, version), ([1u16.to_ne_bytes(), 2u16.to_ne_bytes()].concat(), region.version()));
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[repr(C)] // the source first: reads that fail are passed its address, which is then the region's own
pub struct Region<S: Source = Mapped> {
    pub(crate) source: S,
    /// The path at which it was opened, if it can be opened there again.
    pub(crate) path: Option<PathBuf>,
    policy: OpenPolicy,
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
        Region::open_format(path.as_ref(), OpenPolicy::default(), &[FORMAT])
    }

    /// Opens a region by its path, be it one of a value or of a map: to look at it, and to wait for it.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), a map being accepted.
    ///
    /// ```
    /// use std::time::Duration;
    /// use seqcopy_shm::{self as shm, MapWriter, ReadValueError, Region};
    /// # let path = shm::path_for(&format!("seqcopy-doc-open-any-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u64>::create(&path, 4)?;
    /// let region = Region::open_any(&path)?;
    /// let known = region.version();
    /// map.insert(1, 10).unwrap();
    /// map.wake();
    /// assert!(region.wait(known, Duration::from_secs(1)));
    /// assert_eq!(region.read_bytes(), Err(ReadValueError::IsMap));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_any(path: impl AsRef<Path>) -> Result<Region, Error> {
        Region::open_format(path.as_ref(), OpenPolicy::default(), &[FORMAT, MAP_FORMAT])
    }

    /// Opens a region by its path, to read it by system calls, without mapping it.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open).
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Region, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-file-region-{}", std::process::id()));
    /// let writer = Writer::<u16>::create(&path)?;
    /// let region = Region::open_file(&path)?;
    /// assert_eq!((region.schema().layout().name(), region.is_closed()), ("u16", Ok(false)));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_file(path: impl AsRef<Path>) -> Result<Region<Unmapped>, Error> {
        Region::open_format(path.as_ref(), OpenPolicy::default(), &[FORMAT])
    }

    /// Opens a region by a descriptor that was received over a socket or inherited.
    ///
    /// The file is reopened, so that nothing is shared with the process that the descriptor came from.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), and if the file is not sealed against shrinking (`F_SEAL_SHRINK`): its owner
    /// could truncate it while it is read, which kills readers with SIGBUS.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Region};
    /// let writer = Options::new().create_memfd::<u64>("doc")?;
    /// assert_eq!(Region::from_fd(writer.share()?)?.header().payload_size(), 8);
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // a descriptor that is given away can't be used for something else meanwhile
    pub fn from_fd(file: Handle) -> Result<Region, Error> {
        Self::received(&file, &[FORMAT])
    }

    /// The region of a writer. The writer sets the path if it has one.
    pub(crate) fn of_writer(source: Mapped) -> Region {
        Region { source, path: None, policy: OpenPolicy::default() }
    }

    /// Checks that the region has this type: of slices, these elements, whatever the capacity is.
    ///
    /// # Errors
    /// If it has another one: the error names the first place where they differ.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Region, Schema, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-require-type-{}", std::process::id()));
    /// let writer = Writer::<[u16; 2]>::create(&path)?;
    /// let region = Region::open(&path)?;
    /// assert!(region.require_type(&Schema::of::<[u16; 2]>()).is_ok());
    /// let error = region.require_type(&Schema::of::<[u16; 3]>()).unwrap_err();
    /// assert!(error.to_string().contains("array of 2 there, array of 3 here"));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn require_type(&self, schema: &Schema) -> Result<(), Error> {
        let capacity = Schema::slice_of(self.schema().layout()).map(|(_, _, capacity)| capacity);
        let of_slice = capacity.and_then(|capacity| schema.with_capacity(capacity));
        value::check_type(of_slice.as_ref().unwrap_or(schema), self.schema()).map_err(|error| self.located(error))
    }

    /// What its last writer recorded of its program by [`Options::mark`](crate::Options::mark). Any program that may
    /// write the file can record anything.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Region, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-writer-mark-{}", std::process::id()));
    /// let writer = Writer::<u64>::create(&path)?;
    /// assert_eq!(Region::open(&path)?.writer_mark(), 0);
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn writer_mark(&self) -> u64 {
        self.source.mapping.map.writer_mark()
    }
}

impl Region<Unmapped> {
    /// The value of an earlier version, as [`read_bytes`](Self::read_bytes) has the newest: for those who look now and
    /// then, and want each. A region keeps one value fewer than it has [`buffers`](crate::Options::buffers), and at
    /// least the newest. `None` if this one is not there any more, or not yet, or was published before the region was
    /// opened here and is not the newest: then a process may have copied the region from another one without it. One
    /// attempt, of three system calls.
    ///
    /// # Errors
    /// If the region was closed, was truncated, or has a map.
    ///
    /// ```
    /// # use seqcopy::Version;
    /// # use seqcopy_shm::{self as shm, Options, Region};
    /// # let path = shm::path_for(&format!("seqcopy-doc-bytes-of-{}", std::process::id()));
    /// let mut writer = Options::new().buffers(8).create::<u16>(&path)?;
    /// let region = Region::open_file(&path)?;
    /// let seen = region.version().unwrap().to_bits();
    /// for value in [5, 6, 7] {
    ///     writer.write(value)?;
    /// }
    /// let newest = region.version().unwrap().to_bits();
    /// let values: Vec<_> = (seen + 1..=newest).map(|number| region.read_bytes_of(Version::from_bits(number)).unwrap()).collect();
    /// assert_eq!(values, [5u16, 6, 7].map(|value| Some(value.to_ne_bytes().to_vec())));
    /// # writer.close()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_bytes_of(&self, version: Version) -> Result<Option<Vec<u8>>, ReadValueError> {
        self.check_value()?;
        self.source.bytes_of(version)
    }
}

impl<S: Source> Region<S> {
    /// Opens a region with one of these formats. Users get no `Region` of a map, because its methods copy values.
    pub(crate) fn open_format(path: &Path, policy: OpenPolicy, formats: &'static [u32]) -> Result<Self, Error> {
        let open = || {
            let file = policy.open(&policy.name(path, OPENING)?, false)?;
            Ok(Region { path: name::kept(path), policy, ..Self::from_file(file, formats)? })
        };
        open().map_err(|error: Error| error.at(path))
    }

    /// Opens a region with one of these formats, through a descriptor that another process sent. A file that will be
    /// mapped must be sealed against shrinking.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn received(file: &Handle, formats: &'static [u32]) -> Result<Self, Error> {
        if S::IS_MAPPED {
            life::check_length(file)?;
        }
        Self::from_file(life::reopen(file, false)?, formats)
    }

    fn from_file(file: Handle, formats: &'static [u32]) -> Result<Self, Error> {
        let inspected = Inspected::from_file(&file, formats)?;
        Ok(Region { source: S::from_file(file, inspected)?, path: None, policy: OpenPolicy::default() })
    }

    /// The header: a copy that was checked when the region was opened.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.source.inspected().header
    }

    /// The type of its values.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.source.inspected().schema
    }

    /// The owner of its file: the user that created it and may write it, looked up before the file was mapped.
    /// [`Options::require_owner`](crate::Options::require_owner) refuses files of other users.
    #[must_use]
    pub fn owner(&self) -> Uid {
        self.source.inspected().uid
    }

    /// Adds the path to an error.
    pub(crate) fn located(&self, error: Error) -> Error {
        match &self.path {
            Some(path) => error.at(path),
            None => error,
        }
    }

    /// Whether the region was already closed when it was opened. Opening never accesses the mapping, which may already
    /// be truncated.
    pub(crate) fn was_closed(&self) -> bool {
        self.source.inspected().is_closed
    }

    /// A copy of the value as bytes, not validated, and its version. Padding, and the bytes of inactive enum variants,
    /// are 0 or stale.
    ///
    /// A mapped region is read by the [accesses](seqcopy::Layout::each_access) that follow from the schema. Check
    /// [`Header::payload_size`] first: a region of another user may claim more than there is memory for.
    ///
    /// # Errors
    /// After [`ATTEMPTS`](crate::ATTEMPTS) attempts or [`TIME_LIMIT`](crate::TIME_LIMIT), or at once if retrying can't
    /// help; and if it has a map.
    pub fn read_bytes(&self) -> Result<(Vec<u8>, Version), ReadValueError> {
        self.check_value()?;
        self.source.read_bytes()
    }

    /// Refuses maps. A copy of a map's bytes would be a part of a table, which may only be accessed with the partitions
    /// of its slots.
    fn check_value(&self) -> Result<(), ReadValueError> {
        if self.header().format() == MAP_FORMAT { Err(ReadValueError::IsMap) } else { Ok(()) }
    }

    /// The version of the last published value: how many there have been.
    #[must_use]
    pub fn version(&self) -> S::Answer<Version> {
        S::answer(self.source.version())
    }

    /// Whether the writer closed it.
    #[must_use]
    pub fn is_closed(&self) -> S::Answer<bool> {
        S::answer(self.source.is_closed())
    }

    /// Whether the path by which it was opened leads to it no more: the file was removed or renamed, and perhaps there
    /// is a new region. Readers go on with the region that they have; reopen the path to read the new one. Always true
    /// for a memfd, which never had a path.
    #[must_use]
    pub fn is_removed(&self) -> bool {
        name::is_removed(self.source.file(), self.path.as_deref())
    }

    /// If this one [is removed](Self::is_removed): the region that its path leads to by now. `None` if it is not
    /// removed, or if nothing is there yet that is open. What was required of the first one by
    /// [`Options::require_owner`](crate::Options::require_owner) is required of each.
    ///
    /// # Errors
    /// The errors of [`open`](Self::open), if there is one.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Region, Writer};
    /// # let path = shm::path_for(&format!("seqcopy-doc-newer-{}", std::process::id()));
    /// let writer = Writer::<u32>::create(&path)?;
    /// let region = Region::open(&path)?;
    /// assert!(region.replacement()?.is_none());
    /// writer.close()?;
    ///
    /// let writer = Writer::<u64>::create(&path)?;
    /// assert_eq!(region.replacement()?.unwrap().schema().layout().name(), "u64");
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn replacement(&self) -> Result<Option<Self>, Error> {
        let Some(path) = self.path.as_deref().filter(|_| self.is_removed()) else { return Ok(None) };
        let formats = if self.header().format() == MAP_FORMAT { &[MAP_FORMAT] } else { &[FORMAT] };
        match Self::open_format(path, self.policy, formats) {
            Ok(region) => Ok(Some(region).filter(|region| !region.was_closed())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the region has a writer. Makes system calls: takes microseconds, and never sleeps.
    #[must_use]
    pub fn writer_state(&self) -> S::Answer<WriterState> {
        // `writer_state` asks more than once. If the file can't be read any more, the first answer is kept.
        let source = &self.source;
        let state = |known| life::writer_state(source.file(), source.is_held(), || source.writer().unwrap_or(known));
        S::answer(self.source.writer().map(state))
    }

    /// A descriptor to give to another process, which can read with it but not write; see
    /// [`Writer::share`](crate::Writer::share).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<Handle, Error> {
        life::reopen(self.source.file(), false)
    }
}

impl<S: Source> fmt::Debug for Region<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Region").field("header", self.header()).finish_non_exhaustive()
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod socket {
    //! Sends regions over Unix sockets: a descriptor together with one byte.

    use std::os::unix::net::UnixStream;

    use crate::error::{Error, io};
    use crate::handle::region::Region;
    use crate::sys::linux;

    /// The byte with which the descriptor is sent.
    const GREETING: u8 = b'R';

    impl Region {
        /// Sends the region to another process, as a descriptor that can only read, even if this process is the writer.
        ///
        /// # Errors
        /// If the system refuses.
        ///
        /// ```
        /// # use seqcopy_shm::{self as shm, Options, Region};
        /// # use std::os::unix::net::UnixStream;
        /// let (here, there) = UnixStream::pair().unwrap();
        /// let mut writer = Options::new().create_memfd::<u32>("doc")?;
        /// writer.write(5).unwrap();
        /// Region::from_fd(writer.share()?)?.send(&here)?;
        /// // In the other process:
        /// let region = Region::receive(&there)?;
        /// assert_eq!(region.read_bytes().unwrap().0, 5u32.to_ne_bytes());
        /// # Ok::<(), shm::Error>(())
        /// ```
        pub fn send(&self, socket: &UnixStream) -> Result<(), Error> {
            linux::send(socket, GREETING, &self.share()?).map_err(io("send it"))
        }

        /// Receives a region that [`send`](Self::send) sent. Blocks, unless the socket is non-blocking.
        ///
        /// # Errors
        /// If the message was not sent by [`send`](Self::send), or has no descriptor, and as for
        /// [`from_fd`](Self::from_fd).
        pub fn receive(socket: &UnixStream) -> Result<Region, Error> {
            Self::from_fd(linux::receive(socket, GREETING).map_err(io("receive it"))?)
        }
    }
}
