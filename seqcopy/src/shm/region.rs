//! [`Region`]: a region of any type, read-only. For tools, and below [`Reader`](super::Reader) and [`Writer`](super::Writer).

use std::fmt;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::vec::Vec;

use rustix::fs::{FileType, SeekFrom};

use super::cells::Cells;
use super::error::io;
use super::header::State;
use super::map::LEAST;
use super::owner::{self, WriterState};
use super::{Error, ErrorKind, Header, HeaderError, Map, ReadError, Schema};
use crate::primitive::wait;
use crate::{ReadError as Miss, copy};

/// How many attempts the reads of a region make before they give up: 64 of them spinning, the others with a yield to the
/// scheduler in between. That takes some milliseconds on a machine with nothing else to do, and seconds on one whose processors
/// are all wanted: who has less time makes attempts of his own ([`Reader::read_with`](super::Reader::read_with)).
///
/// ```
/// assert_eq!(seqcopy::shm::ATTEMPTS, 10_000);
/// ```
pub const ATTEMPTS: u32 = 10_000;

/// A mapping whose header and schema were checked.
#[derive(Debug)]
pub(crate) struct Mapped {
    pub(crate) map: Map,
    pub(crate) header: Header,
    pub(crate) schema: Schema,
    pub(crate) cells: Cells,
}

impl Mapped {
    /// Maps a file, having checked everything that can be checked.
    pub(crate) fn new(file: &OwnedFd, writable: bool) -> Result<Mapped, Error> {
        let stat = rustix::fs::fstat(file).map_err(io("looking at it"))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(ErrorKind::NoFile.into());
        }
        if is_in_huge_pages(file) {
            return Err(ErrorKind::HugePages.into());
        }
        let len = u64::try_from(stat.st_size).unwrap_or(0);
        if len < LEAST as u64 {
            return Err(HeaderError::new("length of the file", std::format!("at least {LEAST}"), len).into());
        }
        // Pages that were never written could fail when they are touched.
        let hole = first_hole(file).unwrap_or(len);
        if hole < LEAST as u64 {
            return Err(ErrorKind::Hole { at: hole }.into());
        }
        // One copy of the header is looked at and used from here on, whatever becomes of the original.
        let header = Header::check(&Map::new(file, LEAST, false)?.header(), len)?;
        if hole < header.size() {
            return Err(ErrorKind::Hole { at: hole }.into());
        }
        let map = Map::new(file, header.plan.size, writable)?;
        Self::of(map, header)
    }

    /// A mapping of a whole region.
    pub(crate) fn of(map: Map, header: Header) -> Result<Mapped, Error> {
        let schema = Schema::decode(&map.schema(&header.plan))?;
        agree(&header, &schema, map.state())?;
        Ok(Mapped { cells: Cells::of(&map, &header.plan), map, header, schema })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.map.state() == State::CLOSED
    }

    /// The number of the value published last.
    #[inline]
    pub(crate) fn version(&self) -> u64 {
        // SAFETY: `self` keeps the map (I8).
        unsafe { self.cells.version() }
    }

    /// What to say of an attempt that did not find a value.
    #[cold]
    pub(crate) fn explain(&self, miss: Miss) -> ReadError {
        match miss {
            Miss::Empty if self.is_closed() => ReadError::Closed,
            _ => ReadError::NotConsistent(miss),
        }
    }

    /// Whether a write is open that nobody will finish.
    fn is_left_open(&self, file: impl AsFd) -> bool {
        // SAFETY: `self` keeps the map (I8).
        let is_busy = || unsafe { self.cells.is_busy() };
        // Whoever writes holds the lock. Asked for the word once more: a writer may have finished, and left, in between.
        is_busy() && owner::is_free(file) && is_busy()
    }
}

/// Whether header, schema and state agree, each being in order by itself: the last check of a region of any type.
pub(crate) fn agree(header: &Header, schema: &Schema, state: u32) -> Result<(), Error> {
    if schema.fingerprint() != header.fingerprint() {
        let (header, schema) = (header.fingerprint(), schema.fingerprint());
        return Err(ErrorKind::Fingerprint { header, schema }.into());
    }
    let (size, align) = schema.size_and_align();
    if (size, align) != (header.payload_size(), header.payload_align()) {
        let there = std::format!("{} and {}", header.payload_size(), header.payload_align());
        return Err(HeaderError::new("size and alignment", std::format!("{size} and {align}"), there).into());
    }
    if state != State::OPEN && state != State::CLOSED {
        return Err(HeaderError::new("state", "1 (open) or 2 (closed)", state).into());
    }
    Ok(())
}

/// Whether a file lies in huge pages that were set aside (hugetlbfs, `MFD_HUGETLB`). Its holes can't be asked for, to touch one
/// may be the end, and its mappings are not to be undone by the byte.
#[cfg(target_os = "linux")]
fn is_in_huge_pages(file: &OwnedFd) -> bool {
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // a magic number, of another type from target to target
    rustix::fs::fstatfs(file).is_ok_and(|system| system.f_type as u64 & 0xffff_ffff == 0x9584_58f6)
}

#[cfg(not(target_os = "linux"))]
fn is_in_huge_pages(_: &OwnedFd) -> bool {
    false
}

/// Where the first part lies that was never written, if the file system can say.
fn first_hole(file: &OwnedFd) -> Option<u64> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    return rustix::fs::seek(file, SeekFrom::Hole(0)).ok();
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    return rustix::fs::seek(file, SeekFrom::Current(0)).ok().and(None);
}

/// A region of any type, mapped read-only.
///
/// It knows its type by the schema, and gives values as bytes: for tools. Programs that have the type use
/// [`Reader`](super::Reader), which checks that it is the same and gives values.
///
/// ```
/// use seqcopy::shm::{self, Region, Writer};
/// # let path = shm::named(&format!("seqcopy-doc-region-{}", std::process::id()));
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
/// # let value = seqcopy::shm::Bytes { version: 1, bytes: vec![0; 4] };
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
    /// # use seqcopy::shm::Region;
    /// assert!(Region::open("/dev/shm/there is no such region").is_err());
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Region, Error> {
        let open = || Self::of(owner::open(path.as_ref(), false)?);
        open().map_err(|error| error.at(path.as_ref()))
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
    /// # use seqcopy::shm::{self, Options, Region};
    /// let writer = Options::new().create_memfd::<u64>("doc")?;
    /// assert_eq!(Region::from_fd(writer.share()?)?.header().payload_size(), 8);
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    #[allow(clippy::needless_pass_by_value)] // a descriptor that is given away can't be used for something else meanwhile
    pub fn from_fd(file: OwnedFd) -> Result<Region, Error> {
        check_seals(&file)?;
        Self::of(owner::reopen(&file, false)?)
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

    /// A copy of the value, by the accesses that the schema's [`cut`](crate::Layout::cut) lists. It is not validated: it is
    /// bytes.
    ///
    /// # Errors
    /// After [`ATTEMPTS`] attempts, or at once if there is nothing to wait for.
    pub fn read_bytes(&self) -> Result<Bytes, ReadError> {
        let layout = self.schema().layout();
        let plan = &self.mapped.header.plan;
        let mut bytes = std::vec![0; layout.size()];
        let mut failed = 0;
        loop {
            // SAFETY: a cell is aligned to the base and as long as the type (`Plan`), its memory initialised (P4); regions have
            // no pointers (`Schema::decode`). The vector is ours, and as long.
            let copy = |cell: *const u8| unsafe { copy::load_by(layout, plan.base(), cell, bytes.as_mut_ptr()) };
            // SAFETY: `self` keeps the map (I8), and the place is that of its own plan.
            match unsafe { self.mapped.cells.try_read(plan.place, copy) } {
                Ok(version) => return Ok(Bytes { version, bytes }),
                Err(miss) => self.again(&mut failed, miss)?,
            }
        }
    }

    /// Waits before the next attempt, unless there is nothing to wait for or enough have failed.
    ///
    /// Inlined, so that only the number is given away, not the address of who counts.
    #[inline(always)]
    pub(crate) fn again(&self, failed: &mut u32, miss: Miss) -> Result<(), ReadError> {
        *failed += 1;
        self.wait_or_give_up(*failed, miss)
    }

    #[cold]
    #[inline(never)]
    fn wait_or_give_up(&self, failed: u32, miss: Miss) -> Result<(), ReadError> {
        if miss != Miss::Empty && failed < ATTEMPTS {
            wait(failed);
            return Ok(());
        }
        // Now it is worth asking the system whether there is a writer.
        match miss {
            Miss::Busy | Miss::Torn if self.mapped.is_left_open(&self.file) => Err(ReadError::WriterGone),
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

    /// Whether somebody writes it: two system calls.
    #[must_use]
    pub fn writer_state(&self) -> WriterState {
        owner::state(&self.file, &self.mapped.map)
    }

    /// A descriptor to give to another process, which can read with it but not write.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<OwnedFd, Error> {
        owner::reopen(&self.file, false)
    }
}

/// Whether a file can't become shorter any more.
#[cfg(target_os = "linux")]
pub(crate) fn check_seals(file: &OwnedFd) -> Result<(), Error> {
    match rustix::fs::fcntl_get_seals(file) {
        Ok(seals) if seals.contains(rustix::fs::SealFlags::SHRINK) => Ok(()),
        _ => Err(ErrorKind::Unsealed.into()),
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
