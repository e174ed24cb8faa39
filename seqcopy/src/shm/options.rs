//! [`Options`]: how a region is made, and the making.

use std::ffi::OsString;
use std::format;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use super::error::io;
use super::header::{Plan, State};
use super::owner::Owner;
use super::region::Mapped;
use super::{Error, ErrorKind, Header, Map, Schema, Writer};
use crate::Validate;

/// Makes the names of files in the making different.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// How a region is made.
///
/// ```
/// use seqcopy::shm::{self, Options};
/// # let path = shm::named(&format!("seqcopy-doc-options-{}", std::process::id()));
/// let writer = Options::new().cells(4).mode(0o600).create::<[u64; 16]>(&path)?;
/// assert_eq!(writer.header().cells(), 4);
/// # writer.close();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    cells: u32,
    mode: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options { cells: 2, mode: 0o644 }
    }
}

impl Options {
    /// A latch of two cells, readable for all, writable for its owner.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// 1: one copy, the smallest region; readers fail while it is written, and get no value after a writer that died writing.
    /// 2, 4, 8, ..: a latch, whose readers fail only if `cells - 1` writes are finished while they copy; take 4 where writes are
    /// frequent.
    ///
    /// Other numbers are refused when the region is made.
    #[must_use]
    pub fn cells(mut self, cells: u32) -> Self {
        self.cells = cells;
        self
    }

    /// The file's permissions, from which the umask takes some away.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Makes a region at a path, most often in `/dev/shm` ([`named`](super::named)).
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

    /// Makes a region without a path, to be given to other processes as a descriptor ([`Writer::share`]). It is sealed: nobody
    /// can make it shorter or longer, so that readers need not fear SIGBUS. `name` is for `/proc` only.
    ///
    /// # Errors
    /// If the system refuses, or there is no room.
    ///
    /// ```
    /// # use seqcopy::shm::{self, Options, Reader};
    /// let mut writer = Options::new().create_memfd::<u32>("counter")?;
    /// writer.write(5).unwrap();
    /// let reader = Reader::<u32>::from_fd(writer.share()?)?;
    /// assert_eq!(reader.read(), Ok(5));
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[cfg(target_os = "linux")]
    pub fn create_memfd<T: Validate + 'static>(&self, name: &str) -> Result<Writer<T>, Error> {
        use rustix::fs::{MemfdFlags, SealFlags};
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create(name, flags).map_err(io("making it"))?;
        let (mapped, owner) = self.build::<T>(file)?;
        let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        rustix::fs::fcntl_add_seals(owner.file(), seals).map_err(io("sealing it"))?;
        Ok(Writer::of(mapped, owner, None))
    }

    /// A file that nobody else can find, or not as a region; and its name if it has one.
    fn new_file(&self, path: &Path) -> Result<(OwnedFd, Option<PathBuf>), Error> {
        let directory = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        #[allow(clippy::cast_possible_truncation)] // permissions have 12 bits, in integers of any width
        let mode = Mode::from_raw_mode(self.mode as _);
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        #[cfg(target_os = "linux")]
        match rustix::fs::openat(CWD, directory, flags | OFlags::TMPFILE, mode) {
            Ok(file) => return Ok((file, None)),
            // Not every file system has files without names.
            Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {}
            Err(error) => return Err(io("making a file in its directory")(error)),
        }
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)));
        let name = directory.join(name);
        let flags = flags | OFlags::CREATE | OFlags::EXCL;
        let file = rustix::fs::openat(CWD, &name, flags, mode).map_err(io("making a file in its directory"))?;
        Ok((file, Some(name)))
    }

    /// Fills a new file, locks it, and opens it for readers, none of whom can find it yet.
    fn build<T: Validate + 'static>(&self, file: OwnedFd) -> Result<(Mapped, Owner), Error> {
        let schema = Schema::of::<T>();
        let plan = Plan::of(size_of::<T>(), align_of::<T>(), self.cells, schema.as_bytes().len())?;
        let file = File::from(file);
        // Every page is written, so that a file system that is full says so here and not by a signal later.
        let zeros = [0; 1 << 12];
        let mut at = 0;
        while at < plan.size {
            let len = zeros.len().min(plan.size - at);
            file.write_all_at(&zeros[..len], at as u64).map_err(io("filling it"))?;
            at += len;
        }
        file.write_all_at(schema.as_bytes(), plan.schema_offset as u64).map_err(io("filling it"))?;
        let file = OwnedFd::from(file);
        let map = Map::new(&file, plan.size, true)?;
        let raw = Header::raw(&plan, schema.fingerprint(), SystemTime::now());
        map.set_header(&raw);
        map.set_state(State::OPEN);
        let header = Header::check(&raw, plan.size as u64)?;
        let mapped = Mapped::of(map, header)?;
        let owner = Owner::claim(file, &mapped.map)?;
        Ok((mapped, owner))
    }
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
        None => PathBuf::from(format!("/proc/self/fd/{}", file.as_fd().as_raw_fd())),
    };
    match rustix::fs::linkat(CWD, &from, CWD, path, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(ErrorKind::Exists.into()),
        Err(error) => Err(io("giving it its name")(error)),
    }
}
