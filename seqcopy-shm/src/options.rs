//! [`Options`]: how a region is made, and the making; what is demanded of one that is opened.

use std::ffi::OsString;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use super::closing;
use super::error::{MAKING, NAMING, io};
use super::header::{RegionLayout, State};
use super::inspect::Inspected;
use super::open_policy::OpenPolicy;
use super::region::Mapped;
#[cfg(target_os = "linux")]
use super::seals;
use super::writer_lock::{DESCRIPTORS, WriterLock};
use super::{Error, ErrorKind, FileReader, FileRegion, Header, Map, Reader, Region, Schema, Uid, Writer};
use seqcopy::Validate;

/// Makes the names of files in the making different.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// How a region is made, and what is demanded of one that is opened.
///
/// ```
/// use seqcopy_shm::{self as shm, Options};
/// # let path = shm::path_for(&format!("seqcopy-doc-options-{}", std::process::id()));
/// let writer = Options::new().buffers(4).mode(0o600).create::<[u64; 16]>(&path)?;
/// assert_eq!(writer.header().buffers(), 4);
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    buffers: u32,
    mode: u32,
    policy: OpenPolicy,
    #[cfg(target_os = "linux")]
    take_over_fd: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            buffers: 2,
            mode: 0o644,
            policy: OpenPolicy::default(),
            #[cfg(target_os = "linux")]
            take_over_fd: false,
        }
    }
}

impl Options {
    /// A latch of two buffers, readable for all, writable for its owner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// 1: one copy, the smallest region; readers fail while it is written, and get no value after a writer that died writing.
    /// 2, 4, 8, ..: a latch, whose readers fail only if `buffers - 1` writes are finished while they copy; take 4 where writes are
    /// frequent.
    ///
    /// Other numbers are refused when the region is made.
    #[must_use]
    pub fn buffers(mut self, buffers: u32) -> Self {
        self.buffers = buffers;
        self
    }

    /// The file's permissions. At a path the umask takes some away. A memfd has no path, but whoever has a descriptor of it can
    /// open it once more (`/proc/self/fd`), as far as these permissions allow: readers of other users do, so with `0o600` they
    /// can't.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Whether other processes may go on writing a memfd when its writer is gone, by
    /// [`Writer::take_over_fd`]; by default not.
    ///
    /// The price: it is then not sealed against writing, so every process of the same user, and whatever else
    /// [`mode`](Self::mode) lets write, can write it by a descriptor that it was sent to read with, at any time.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, ErrorKind, Options, Writer};
    /// let sealed = Options::new().create_memfd::<u32>("sealed")?;
    /// let error = Writer::<u32>::take_over_fd(sealed.share()?).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::WriteSealed));
    ///
    /// let writer = Options::new().allow_take_over_fd(true).create_memfd::<u32>("handed on")?;
    /// let descriptor = writer.share()?;
    /// drop(writer);
    /// Writer::<u32>::take_over_fd(descriptor)?.write(5).unwrap();
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn allow_take_over_fd(mut self, allow: bool) -> Self {
        self.take_over_fd = allow;
        self
    }

    /// Opens only what belongs to this user, or to root, and what no other user may write: for
    /// [`open`](Self::open), [`open_region`](Self::open_region), [`open_file_reader`](Self::open_file_reader),
    /// [`open_file_region`](Self::open_file_region) and [`take_over`](Self::take_over). With [`Uid::effective`]: what is mine, or root's.
    ///
    /// In `/dev/shm` every user may make files, so a stranger can be first to take a name. It could then write values that the
    /// reader takes for the writer's, read those of a writer that takes its file over, and end either by making the file shorter.
    /// Owner and permissions are those of the file that was opened, not of its name, and are looked at before it is mapped: so
    /// there is no moment in which it can be replaced.
    ///
    /// A symbolic link is refused, too, at the end of the path: one of a stranger's could lead to another region of the right
    /// owner's. Otherwise links are followed, because `/proc/self/fd/3` is one, and because systems refuse to follow those of
    /// strangers in such directories most often (`protected_symlinks`). The directories of the path are trusted.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, ErrorKind, Options, Uid};
    /// # let path = shm::path_for(&format!("seqcopy-doc-owner-{}", std::process::id()));
    /// let mine = Options::new().require_owner(Uid::effective());
    /// let mut writer = mine.create::<u32>(&path)?;
    /// writer.write(5).unwrap();
    /// let reader = mine.open::<u32>(&path)?;
    /// assert_eq!(reader.read(), Ok(5));
    ///
    /// // A service that runs as another user; that one has made nothing here.
    /// let services = Options::new().require_owner(Uid::from_raw(4_000_000));
    /// # if Uid::effective() != Uid::ROOT {
    /// let error = services.open::<u32>(&path).unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::Owner { .. }));
    /// # }
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[must_use]
    pub fn require_owner(mut self, owner: Uid) -> Self {
        self.policy.owner = Some(owner);
        self
    }

    /// [`Reader::open`], under the demand of [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if the file is not what is demanded.
    pub fn open<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Reader<T>, Error> {
        Reader::open_by(path.as_ref(), self.policy)
    }

    /// [`Region::open`], under the demand of [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if the file is not what is demanded.
    pub fn open_region(&self, path: impl AsRef<Path>) -> Result<Region, Error> {
        Region::open_by(path.as_ref(), self.policy)
    }

    /// [`FileRegion::open`], under the demand of [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if the file is not what is demanded.
    pub fn open_file_region(&self, path: impl AsRef<Path>) -> Result<FileRegion, Error> {
        FileRegion::open_by(path.as_ref(), self.policy).map_err(|error| error.at(path.as_ref()))
    }

    /// [`FileReader::open`], under the demand of [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if the file is not what is demanded.
    pub fn open_file_reader<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<FileReader<T>, Error> {
        FileReader::open_by(path.as_ref(), self.policy)
    }

    /// [`Writer::take_over`], under the demand of [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if the file is not what is demanded.
    pub fn take_over<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        Writer::take_over_by(path.as_ref(), self.policy)
    }

    /// Makes a region at a path, most often in `/dev/shm` ([`path_for`](super::path_for)).
    ///
    /// # Errors
    /// As for [`Writer::create`].
    pub fn create<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        let path = path.as_ref();
        let create = || {
            let (file, name) = self.new_file(path)?;
            // Removed again whatever happens: the region is given a name of its own.
            let name = name.map(Temporary);
            let (mapped, owner) = self.build::<T>(file)?;
            // It has signed before anybody can find it, and so can ask who writes.
            let writer = Writer::of(mapped, owner, Some(path.into()));
            link(writer.file(), name.as_ref(), path)?;
            Ok(writer)
        };
        create().map_err(|error: Error| error.at(path))
    }

    /// Makes a region without a path, to be given to other processes as a descriptor ([`Writer::share`]).
    ///
    /// It is sealed. No process can make it shorter or longer, so that readers need not fear SIGBUS. And none can write it but
    /// the writer that this returns, whatever descriptor it has and whoever its user is: neither by a mapping nor by a system
    /// call (`F_SEAL_FUTURE_WRITE`, Linux 5.1). Before Linux 5.1, and with
    /// [`allow_take_over_fd`](Self::allow_take_over_fd), the [permissions](Self::mode) alone keep other users from it, and
    /// nothing other processes of the same user. `name` is for `/proc` only.
    ///
    /// # Errors
    /// If the system refuses, or there is no room.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Options, Reader};
    /// let mut writer = Options::new().create_memfd::<u32>("counter")?;
    /// writer.write(5).unwrap();
    /// let reader = Reader::<u32>::from_fd(writer.share()?)?;
    /// assert_eq!(reader.read(), Ok(5));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    pub fn create_memfd<T: Validate + 'static>(&self, name: &str) -> Result<Writer<T>, Error> {
        use rustix::fs::MemfdFlags;
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create(name, flags).map_err(io("making it"))?;
        // They are born with permissions for everybody.
        rustix::fs::fchmod(&file, permissions(self.mode)).map_err(io("setting its permissions"))?;
        let (mapped, owner) = self.build::<T>(file)?;
        seals::seal(owner.file(), self.take_over_fd)?;
        Ok(Writer::of(mapped, owner, None))
    }

    /// A file that nobody else can find, or not as a region; and its name if it has one.
    fn new_file(&self, path: &Path) -> Result<(OwnedFd, Option<PathBuf>), Error> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let mode = permissions(self.mode);
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        #[cfg(target_os = "linux")]
        match rustix::fs::openat(CWD, directory, flags | OFlags::TMPFILE, mode) {
            Ok(file) => return Ok((file, None)),
            // Not every file system has files without names.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {}
            Err(error) => return Err(io(MAKING)(error)),
        }
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
        let name = directory.join(name);
        let flags = flags | OFlags::CREATE | OFlags::EXCL;
        let file = rustix::fs::openat(CWD, &name, flags, mode).map_err(io(MAKING))?;
        Ok((file, Some(name)))
    }

    /// Fills a new file, locks it, and opens it for readers, none of whom can find it yet.
    fn build<T: Validate + 'static>(&self, file: OwnedFd) -> Result<(Mapped, WriterLock), Error> {
        let schema = Schema::of::<T>();
        let layout = RegionLayout::of(size_of::<T>(), align_of::<T>(), self.buffers, schema.as_bytes().len())?;
        let file = File::from(file);
        check_space(&file, layout.size)?;
        // Every page is written, so that a file system that is full says so here and not by a signal later.
        let zeros = [0; 1 << 12];
        let mut at = 0;
        while at < layout.size {
            let len = zeros.len().min(layout.size - at);
            file.write_all_at(&zeros[..len], at as u64).map_err(io("filling it"))?;
            at += len;
        }
        file.write_all_at(schema.as_bytes(), layout.schema_offset as u64).map_err(io("filling it"))?;
        let file = OwnedFd::from(file);
        let map = Map::new(&file, layout.size, true)?;
        let raw = Header::raw(&layout, schema.fingerprint(), SystemTime::now());
        map.set_header(&raw);
        map.set_state(State::OPEN);
        let header = Header::check(&raw, layout.size as u64)?;
        let uid = Uid::owning(&file).map_err(io("looking at it"))?;
        let mapped = Mapped::of(map, Inspected { header, schema, is_closed: false, uid });
        let owner = WriterLock::claim(file, &mapped.map)?;
        Ok((mapped, owner))
    }
}

#[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)] // permissions have 12 bits, in integers of any width
fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as _)
}

/// Refuses what does not fit before any of it is written: on a tmpfs everything that is written is memory that others lack.
fn check_space(file: impl AsFd, size: usize) -> Result<(), Error> {
    // A file system without a limit, as that of memfds, has no blocks.
    let free = match rustix::fs::fstatvfs(file) {
        Ok(system) if system.f_blocks > 0 => system.f_bavail.saturating_mul(system.f_frsize),
        _ => return Ok(()),
    };
    if size as u64 <= free { Ok(()) } else { Err(io("filling it")(Errno::NOSPC)) }
}

/// A name that is not to stay.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Gives the file its name, unless something has it already.
fn link(file: impl AsFd, name: Option<&Temporary>, path: &Path) -> Result<(), Error> {
    let from = match name {
        Some(Temporary(name)) => name.clone(),
        None => PathBuf::from(format!("{DESCRIPTORS}/{}", file.as_fd().as_raw_fd())),
    };
    match rustix::fs::linkat(CWD, &from, CWD, path, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => Ok(()),
        // A region whose writer died while it was closing it is nothing that could be taken over.
        Err(Errno::EXIST) if closing::finish(path)? => link(file, name, path),
        Err(Errno::EXIST) => {
            let owner = rustix::fs::lstat(path).ok().map(|stat| Uid::from_raw(stat.st_uid));
            Err(ErrorKind::Exists { owner }.into())
        }
        Err(error) => Err(io(NAMING)(error)),
    }
}
