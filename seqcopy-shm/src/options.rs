//! [`Options`]: how a region is created, the creation itself, and what is required of a region that is opened.

use std::ffi::OsString;
use std::fs::File;
use std::io::ErrorKind as IoKind;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::closing;
use super::error::{MAKING, NAMING, OPENING, io};
use super::header::{RegionLayout, State};
use super::inspect::Inspected;
use super::open_policy::OpenPolicy;
use super::region::Mapped;
#[cfg(target_os = "linux")]
use super::seals;
use super::writer_lock::{DESCRIPTORS, WAIT, WriterLock};
use super::{Error, ErrorKind, FileReader, FileRegion, Header, Map, Reader, Region, Schema, Uid, Writer};
use seqcopy::Validate;

/// Makes the temporary names of new files differ.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// How often [`Options::open_or_create`] creates a region, each time finding that another process was faster and that its region is
/// gone again. Enough for all but a process that does so on purpose.
const ROUNDS: u32 = 16;

/// How a region is created, and what is required of one that is opened.
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
    /// A latch of two buffers, readable by all users, writable by its owner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many buffers the region has.
    ///
    /// * 1 is a single buffer, the smallest region: reads fail during a write, and there is no value after a writer that died in the
    ///   middle of one.
    /// * 2, 4, 8, .. is a latch: an attempt fails only if `buffers - 1` writes are finished while it copies. Use 4 if writes are
    ///   frequent.
    ///
    /// Other numbers are refused when the region is created.
    #[must_use]
    pub fn buffers(mut self, buffers: u32) -> Self {
        self.buffers = buffers;
        self
    }

    /// The permissions of the file. For a file at a path, those of the umask are taken away. A memfd has no path, but a process that
    /// has a descriptor of it can reopen it (`/proc/self/fd`) as far as these permissions allow. Readers do that, so with `0o600`
    /// readers of other users can't.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Whether another process may take over a memfd ([`Writer::take_over_fd`]) when its writer has ended; not by default.
    ///
    /// Such a memfd is not sealed against writing: every process of the same user, and of users that [`mode`](Self::mode) lets write,
    /// can then write it at any time, even by a descriptor that it was sent to read with.
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

    /// Opens only files that belong to `owner` or to root, and that no other user may write. [`Uid::effective`] stands for this
    /// process's user. Applies to [`open`](Self::open), [`open_region`](Self::open_region),
    /// [`open_file_reader`](Self::open_file_reader), [`open_file_region`](Self::open_file_region),
    /// [`take_over`](Self::take_over) and [`open_or_create`](Self::open_or_create).
    ///
    /// In `/dev/shm` every user may create files, so another user can be the first to take a name. It could then forge values for
    /// readers, read those of a writer that takes the file over, and kill either by truncating the file. Owner and permissions are
    /// checked by the descriptor of the opened file, before it is mapped, so the file can't be replaced in between.
    ///
    /// A symbolic link at the end of the path is refused too: another user's link could lead to a different region of the right
    /// owner. Without `require_owner` links are followed, because `/proc/self/fd/3` is one, and because most systems refuse to follow
    /// other users' links in such directories (`protected_symlinks`). The directories of the path are trusted.
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
    /// // A service that runs as another user, which has created nothing here.
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

    /// [`Reader::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Reader<T>, Error> {
        Reader::open_by(path.as_ref(), self.policy)
    }

    /// [`Region::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_region(&self, path: impl AsRef<Path>) -> Result<Region, Error> {
        Region::open_by(path.as_ref(), self.policy)
    }

    /// [`FileRegion::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_file_region(&self, path: impl AsRef<Path>) -> Result<FileRegion, Error> {
        FileRegion::open_by(path.as_ref(), self.policy).map_err(|error| error.at(path.as_ref()))
    }

    /// [`FileReader::open`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn open_file_reader<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<FileReader<T>, Error> {
        FileReader::open_by(path.as_ref(), self.policy)
    }

    /// [`Writer::take_over`], restricted by [`require_owner`](Self::require_owner).
    ///
    /// # Errors
    /// As there, and if [`require_owner`](Self::require_owner) excludes the file.
    pub fn take_over<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        Writer::take_over_by(path.as_ref(), self.policy)
    }

    /// Creates a region at a path, usually in `/dev/shm` ([`path_for`](super::path_for)).
    ///
    /// # Errors
    /// As for [`Writer::create`].
    pub fn create<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        let path = path.as_ref();
        let create = || {
            let new = self.prepare(path)?;
            let mut removed = 0;
            while !new.link(path)? {
                // A closed region, left by a writer that died before it had removed the path, can't be taken over: it is removed.
                if removed == ROUNDS || !closing::finish(path, |_, _| true)? {
                    return Err(exists(path));
                }
                removed += 1;
            }
            Ok(new.writer)
        };
        create().map_err(|error: Error| error.at(path))
    }

    /// Takes over the region at a path if there is one whose writer has ended, and creates it otherwise: for a program that is started
    /// again and again. [`Writer::was_created`] tells which of the two it did.
    ///
    /// Any number of processes may call this at the same time: one becomes the writer, the others get [`ErrorKind::Writer`].
    ///
    /// [`buffers`](Self::buffers) and [`mode`](Self::mode) apply to a region that is created; one that is taken over keeps its own.
    /// [`require_owner`](Self::require_owner) applies to both, so nothing is created that it would refuse the next time.
    ///
    /// A closed region of this type, which its writer did not live to remove, or was not permitted to, is replaced, as by
    /// [`create`](Self::create). Nothing else is removed or overwritten, as long as only this crate gives away the names of closed
    /// regions.
    ///
    /// # Errors
    /// As for [`take_over`](Self::take_over) if the path exists: among others if the region has a writer, if it holds another type, or
    /// if the file is not a region. As for [`create`](Self::create) if it does not.
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, Options, Uid};
    /// # let path = shm::path_for(&format!("seqcopy-doc-open-or-create-{}", std::process::id()));
    /// let options = Options::new().buffers(4).require_owner(Uid::effective());
    /// let mut writer = options.open_or_create::<u64>(&path)?;
    /// assert!(writer.was_created());
    /// writer.write(1).unwrap();
    ///
    /// drop(writer); // or its process ends, or is killed
    /// let mut writer = options.open_or_create::<u64>(&path)?;
    /// assert!(!writer.was_created());
    /// writer.update(|starts| *starts += 1).unwrap();
    /// assert_eq!(writer.read(), Ok(2));
    /// # writer.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn open_or_create<T: Validate + 'static>(&self, path: impl AsRef<Path>) -> Result<Writer<T>, Error> {
        let path = path.as_ref();
        let schema = Schema::of::<T>();
        let mut closed_since = None;
        let mut created = 0;
        loop {
            let error = match self.take_over(path) {
                Ok(writer) => return Ok(writer),
                Err(error) => error,
            };
            match error.kind() {
                ErrorKind::Io { doing: OPENING, source } if source.kind() == IoKind::NotFound && created < ROUNDS => {
                    created += 1;
                    if let Some(writer) = self.create_unless_exists(path).map_err(|error| error.at(path))? {
                        return Ok(writer);
                    }
                }
                // Another process may do the same, and create the next region in between: then that one is looked at.
                ErrorKind::Closed if closed_since.get_or_insert_with(Instant::now).elapsed() < WAIT => {
                    let may_go =
                        |file: &OwnedFd, region: &Inspected| region.schema == schema && self.policy.check(file).is_ok();
                    if !closing::finish(path, may_go).map_err(|error| error.at(path))? {
                        sleep(Duration::from_millis(1));
                    }
                }
                _ => return Err(error),
            }
        }
    }

    /// Creates a region that satisfies [`require_owner`](Self::require_owner); `None` if the path exists by then.
    fn create_unless_exists<T: Validate + 'static>(&self, path: &Path) -> Result<Option<Writer<T>>, Error> {
        let new = self.prepare(path)?;
        self.policy.check(new.writer.file())?;
        if new.link(path)? {
            return Ok(Some(new.writer));
        }
        // A symbolic link that leads nowhere is in the way, and stays there.
        let is_link =
            rustix::fs::lstat(path).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Symlink);
        if is_link && rustix::fs::stat(path).is_err_and(|error| error == Errno::NOENT) {
            Err(exists(path))
        } else {
            Ok(None)
        }
    }

    /// Creates a region without a path, to be given to other processes as a descriptor ([`Writer::share`]).
    ///
    /// It is sealed. No process can change its length, so its readers are safe from SIGBUS. Only the returned writer can write it:
    /// no other process can, whatever its user and its descriptor, neither by a mapping nor by a system call
    /// (`F_SEAL_FUTURE_WRITE`, Linux 5.1). Before Linux 5.1, and with [`allow_take_over_fd`](Self::allow_take_over_fd), only the
    /// [permissions](Self::mode) keep other users from writing, and nothing keeps other processes of the same user from it. `name`
    /// is shown in `/proc` and has no other meaning.
    ///
    /// # Errors
    /// If the system refuses, or there is not enough memory.
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
        let file = rustix::fs::memfd_create(name, flags).map_err(io("creating it"))?;
        // A memfd is created with all permissions for all users.
        rustix::fs::fchmod(&file, permissions(self.mode)).map_err(io("setting its permissions"))?;
        let (mapped, lock) = self.build::<T>(file)?;
        seals::seal(lock.file(), self.take_over_fd)?;
        Ok(Writer::created(mapped, lock, None))
    }

    /// A new region that is complete, but not yet at its path.
    fn prepare<T: Validate + 'static>(&self, path: &Path) -> Result<New<T>, Error> {
        let (file, name) = self.new_file(path)?;
        let name = name.map(Temporary);
        let (mapped, lock) = self.build::<T>(file)?;
        // Records the writer before other processes can find the region and ask for it.
        Ok(New { writer: Writer::created(mapped, lock, Some(path.into())), name })
    }

    /// A new file that has no name, or a temporary one that is returned with it.
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

    /// Makes a new file a region: fills it, locks it and marks it as open.
    fn build<T: Validate + 'static>(&self, file: OwnedFd) -> Result<(Mapped, WriterLock), Error> {
        let schema = Schema::of::<T>();
        let layout = RegionLayout::of(size_of::<T>(), align_of::<T>(), self.buffers, schema.as_bytes().len())?;
        let file = File::from(file);
        check_space(&file, layout.size)?;
        // Every page is written, so that a full file system is an error here and not SIGBUS later.
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
        let lock = WriterLock::claim(file, &mapped.map)?;
        Ok((mapped, lock))
    }
}

#[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)] // permissions have 12 bits, in an integer whose width depends on the target
fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as _)
}

/// Refuses a region that does not fit before any of it is written: on a tmpfs, what is written takes memory from other processes.
fn check_space(file: impl AsFd, size: usize) -> Result<(), Error> {
    // A file system without a limit, such as that of memfds, reports no blocks.
    let free = match rustix::fs::fstatvfs(file) {
        Ok(system) if system.f_blocks > 0 => system.f_bavail.saturating_mul(system.f_frsize),
        _ => return Ok(()),
    };
    if size as u64 <= free { Ok(()) } else { Err(io("filling it")(Errno::NOSPC)) }
}

/// A name that is removed on drop.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A region that is to be linked at its path.
struct New<T> {
    writer: Writer<T>,
    /// Removed again in any case: the region is linked at its own path.
    name: Option<Temporary>,
}

impl<T: Validate + 'static> New<T> {
    /// Links the file at its path. Returns whether it did: `false` if the path exists already.
    fn link(&self, path: &Path) -> Result<bool, Error> {
        let from = match &self.name {
            Some(Temporary(name)) => name.clone(),
            None => PathBuf::from(format!("{DESCRIPTORS}/{}", self.writer.file().as_raw_fd())),
        };
        match rustix::fs::linkat(CWD, &from, CWD, path, AtFlags::SYMLINK_FOLLOW) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(io(NAMING)(error)),
        }
    }
}

/// The error for a path that exists.
fn exists(path: &Path) -> Error {
    let owner = rustix::fs::lstat(path).ok().map(|stat| Uid::from_raw(stat.st_uid));
    ErrorKind::Exists { owner }.into()
}
