//! [`NewRegion`]: creating a region: a file that other processes find only when it is complete.

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{MAKING, NAMING, REPLACING, directory_of, io};
use crate::header::{Control, FORMAT, MAP_FORMAT, RegionLayout, State};
use crate::life::closing;
use crate::life::inspect::Inspected;
#[cfg(target_os = "linux")]
use crate::life::location::is_at;
use crate::life::location::{is_file, kept};
use crate::life::mapped_region::MappedRegion;
use crate::life::open_policy::OpenPolicy;
#[cfg(target_os = "linux")]
use crate::life::seals;
use crate::life::writable::Writable;
use crate::life::writer_lock::{DESCRIPTORS, WriterLock};
use crate::{Error, ErrorKind, Header, Mmap, Schema, Uid};
use seqcopy::layout::fingerprint_of;

/// How often [`open_or_create`](crate::open_or_create) creates a region, each time finding that another process was faster and that its region is gone
/// again. Enough for all but a process that does so on purpose.
pub(crate) const ROUNDS: u32 = 16;

/// What a new region is to be.
pub(crate) struct Plan {
    pub(crate) layout: RegionLayout,
    pub(crate) schema: Schema,
    /// The seed of a map's hash; 0 otherwise.
    pub(crate) seed: u64,
    /// The mark of its writer: see [`Options::__mark`](crate::Options::__mark).
    pub(crate) mark: u64,
}

/// A region that is to be linked at its path.
pub(crate) struct NewRegion {
    pub(crate) claimed: Writable,
    /// Removed again in any case: the region gets its own path.
    name: Option<Temporary>,
}

/// A name that is removed on drop.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Plan {
    /// A new region that is complete, but not yet at its path.
    pub(crate) fn at(self, path: &Path, mode: u32) -> Result<NewRegion, Error> {
        let (file, name) = new_file(path, mode)?;
        let name = name.map(Temporary);
        Ok(NewRegion { claimed: self.build(file, kept(path))?, name })
    }

    /// A new region without a path.
    #[cfg(target_os = "linux")]
    pub(crate) fn memfd(self, name: &str, mode: u32, take_over_fd: bool) -> Result<Writable, Error> {
        use rustix::fs::MemfdFlags;
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let file = rustix::fs::memfd_create(name, flags).map_err(io("create it"))?;
        // A memfd is created with all permissions for all users.
        rustix::fs::fchmod(&file, permissions(mode)).map_err(io("set its permissions"))?;
        let claimed = self.build(file, None)?;
        seals::seal(claimed.lock.file(), take_over_fd)?;
        Ok(claimed)
    }

    /// Makes a new file a region: fills it, locks it, marks it as open and records this process as its writer, before other processes
    /// can find the region and ask for it.
    fn build(self, file: OwnedFd, path: Option<PathBuf>) -> Result<Writable, Error> {
        let Plan { layout, schema, seed, mark } = self;
        let file = File::from(file);
        check_space(&file, layout.size)?;
        // Every page is written, so that a full file system is an error here and not SIGBUS later.
        let zeros = [0; 1 << 12];
        let mut at = 0;
        while at < layout.size {
            let len = zeros.len().min(layout.size - at);
            file.write_all_at(&zeros[..len], at as u64).map_err(io("fill it"))?;
            at += len;
        }
        file.write_all_at(schema.as_bytes(), layout.schema_offset as u64).map_err(io("fill it"))?;
        if layout.slots != 0 {
            // A map begins with its first generation, which is empty.
            file.write_all_at(&1u64.to_ne_bytes(), Control::WORD as u64).map_err(io("fill it"))?;
        }
        let file = OwnedFd::from(file);
        let map = Mmap::new(&file, layout.size, true)?;
        // Before it is a region: one that has a temporary name and no lock was left by a process that died (`replacement::sweep`).
        let lock = WriterLock::claim(file, &map, mark)?;
        let raw = Header::raw(&layout, schema.fingerprint(), seed, SystemTime::now());
        map.set_header(&raw);
        map.set_state(State::OPEN);
        let header = Header::check(&raw, layout.size as u64, &[FORMAT, MAP_FORMAT])?;
        let uid = Uid::owning(lock.file()).map_err(io("query its status"))?;
        let mapping = MappedRegion::of(map, Inspected { header, schema, is_closed: false, uid });
        lock.record_writer(&mapping.map);
        Ok(Writable { mapping, lock, path, was_created: true })
    }
}

impl NewRegion {
    /// Prepares a region and links it at the path.
    pub(crate) fn create(path: &Path, prepare: impl Fn() -> Result<NewRegion, Error>) -> Result<Writable, Error> {
        let create = || {
            let new = prepare()?;
            let mut removed = 0;
            while !new.link(path)? {
                // A closed region, left by a writer that died before it had removed the path, can't be taken over: it is removed.
                if removed == ROUNDS || !closing::remove_closed(path, |_, _| true)? {
                    return Err(exists(path));
                }
                removed += 1;
            }
            Ok(new.claimed)
        };
        create().map_err(|error: Error| error.at(path))
    }

    /// Gives it a temporary name in the same directory, unless it has one.
    pub(crate) fn name_beside(&mut self, path: &Path) -> Result<(), Error> {
        if self.name.is_none() {
            let name = hidden(path);
            if !self.link(&name)? {
                return Err(io(NAMING)(Errno::EXIST));
            }
            self.name = Some(Temporary(name));
        }
        Ok(())
    }

    /// Gives it the path, and what was there its temporary name. Where the file system can't exchange two names, what was there has none
    /// then. Returns whether that was `old`; else it has the path again.
    pub(crate) fn exchange(&mut self, path: &Path, old: impl AsFd) -> Result<bool, Error> {
        let Some(Temporary(name)) = &self.name else { return Err(io(REPLACING)(Errno::NOENT)) };
        #[cfg(target_os = "linux")]
        {
            let exchange = || rustix::fs::renameat_with(CWD, name, CWD, path, rustix::fs::RenameFlags::EXCHANGE);
            match exchange() {
                Ok(()) if is_at(name, old) => return Ok(true),
                Ok(()) => return exchange().map(|()| false).map_err(io(REPLACING)),
                Err(Errno::NOENT) => return Ok(false),
                Err(Errno::INVAL | Errno::NOSYS) => {}
                Err(error) => return Err(io(REPLACING)(error)),
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = old;
        rustix::fs::renameat(CWD, name, CWD, path).map_err(io(REPLACING))?;
        self.name = None;
        Ok(true)
    }

    /// Links the file at its path. Returns whether it did: `false` if the path exists already.
    pub(crate) fn link(&self, path: &Path) -> Result<bool, Error> {
        let from = match &self.name {
            Some(Temporary(name)) => name.clone(),
            None => PathBuf::from(format!("{DESCRIPTORS}/{}", self.claimed.lock.file().as_raw_fd())),
        };
        match rustix::fs::linkat(CWD, &from, CWD, path, AtFlags::SYMLINK_FOLLOW) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => Ok(false),
            Err(error) => Err(io(NAMING)(error)),
        }
    }
}

/// A new file that has no name, or a temporary one that is returned with it.
fn new_file(path: &Path, mode: u32) -> Result<(OwnedFd, Option<PathBuf>), Error> {
    let mode = permissions(mode);
    let flags = OFlags::RDWR | OFlags::CLOEXEC;
    #[cfg(target_os = "linux")]
    match rustix::fs::openat(CWD, directory_of(path), flags | OFlags::TMPFILE, mode) {
        Ok(file) => return Ok((file, None)),
        // Not every file system has files without names.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL) => {}
        Err(error) => return Err(io(MAKING)(error)),
    }
    let name = hidden(path);
    let flags = flags | OFlags::CREATE | OFlags::EXCL;
    let file = rustix::fs::openat(CWD, &name, flags, mode).map_err(io(MAKING))?;
    Ok((file, Some(name)))
}

/// How the temporary names begin that are given next to a path. As short for each name, the longest too.
pub(crate) fn prefix(path: &Path) -> String {
    format!(".seqcopy-{:016x}-", fingerprint_of(path.file_name().unwrap_or_default().as_bytes()))
}

/// Such a name, which lists leave out and no other user can foresee and take.
fn hidden(path: &Path) -> PathBuf {
    // Its keys are taken from the system's random numbers. A fork has the same ones, and another number.
    let random = RandomState::new().hash_one(std::process::id());
    directory_of(path).join(format!("{}{random:016x}", prefix(path)))
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
    if size as u64 <= free { Ok(()) } else { Err(io("fill it")(Errno::NOSPC)) }
}

/// The error for a path that exists.
pub(crate) fn exists(path: &Path) -> Error {
    let owner = rustix::fs::lstat(path).ok().map(|stat| Uid::from_raw(stat.st_uid));
    let inspect = || Inspected::of(&OpenPolicy::default().open(path, false)?, &[FORMAT, MAP_FORMAT]);
    let there = rustix::fs::stat(path);
    let is_region = (there.is_err() || is_file(there)) && !inspect().is_err_and(|error| error.is_no_region());
    ErrorKind::Exists { is_region, owner }.into()
}
