//! Calls on open files.

use core::mem::MaybeUninit;
use core::ptr::{NonNull, null_mut};
use std::io;
use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::Handle;
pub(crate) use crate::sys::names::Kind;

use rustix::fs::{CWD, FileType, Mode, OFlags, SeekFrom, Stat};
use rustix::io::{Errno, pread, pwrite};
use rustix::mm::{MapFlags, ProtFlags};

/// The directory of this process's descriptors. `/proc/self/fd` is empty once the first thread has ended.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) const DESCRIPTORS: &str = "/proc/thread-self/fd";
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) const DESCRIPTORS: &str = "/dev/fd";

/// The id of a file: its volume, and its number there.
pub(crate) type Id = (u64, u64);

/// The system's information about a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Status {
    /// Differs from the id of every other file while the file exists.
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    /// The number of its names.
    pub(crate) names: u64,
    /// The user and the group that own it.
    pub(crate) owner: u32,
    group: u32,
    /// Its permissions: twelve bits.
    pub(crate) mode: u32,
}

impl Status {
    #[allow(clippy::cast_sign_loss, clippy::cast_lossless, clippy::unnecessary_cast, clippy::useless_conversion)] // types depend on the system
    pub(super) fn from_stat(stat: &Stat) -> Status {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Symlink => Kind::Link,
            FileType::Directory => Kind::Directory,
            _ => Kind::Other,
        };
        Status {
            id: (stat.st_dev as u64, stat.st_ino as u64),
            kind,
            len: u64::try_from(stat.st_size).unwrap_or(0),
            names: stat.st_nlink as u64,
            owner: stat.st_uid,
            group: stat.st_gid,
            mode: u32::from(stat.st_mode) & 0o7777,
        }
    }

    pub(crate) fn is_same(&self, other: &Status) -> bool {
        self.id == other.id
    }

    /// Whether both files belong to the same user and the same group.
    pub(crate) fn has_owner_of(&self, other: &Status) -> bool {
        (self.owner, self.group) == (other.owner, other.group)
    }
}

/// The status of a file.
pub(crate) fn status(file: impl AsFd) -> io::Result<Status> {
    Ok(Status::from_stat(&rustix::fs::fstat(file)?))
}

/// The system's own error of this kind.
pub(crate) fn error(kind: ErrorKind) -> io::Error {
    match kind {
        ErrorKind::NotFound => Errno::NOENT.into(),
        ErrorKind::AlreadyExists => Errno::EXIST.into(),
        ErrorKind::NotADirectory => Errno::NOTDIR.into(),
        ErrorKind::StorageFull => Errno::NOSPC.into(),
        _ => kind.into(),
    }
}

/// Opens the same file with a new open file description.
pub(crate) fn reopen(file: impl AsFd, writable: bool) -> io::Result<Handle> {
    let flags = if writable { OFlags::RDWR } else { OFlags::RDONLY } | OFlags::CLOEXEC;
    let path = format!("{}/{}", DESCRIPTORS, file.as_fd().as_raw_fd());
    Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?)
}

/// Reads some of the bytes at an offset. Returns how many, and 0 at the end of the file.
pub(crate) fn read_at(file: impl AsFd, to: &mut [u8], at: u64) -> io::Result<usize> {
    Ok(pread(file, to, at)?)
}

/// Reads some of the bytes at an offset into uninitialised memory. Returns how many, and 0 at the end of the file.
pub(crate) fn read_at_into(file: impl AsFd, to: &mut [MaybeUninit<u8>], at: u64) -> io::Result<usize> {
    let (read, _) = pread(file, to, at)?;
    Ok(read.len())
}

/// Writes all of the bytes at an offset.
pub(crate) fn write_all_at(file: impl AsFd, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::retry_on_intr(|| pwrite(&file, bytes, at))? {
            0 => return Err(ErrorKind::WriteZero.into()),
            written => (bytes, at) = (&bytes[written..], at + written as u64),
        }
    }
    Ok(())
}

/// Creates a directory that only this user can use.
pub(crate) fn make_private_directory(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

/// The offset of the first hole, which are bytes that were never written. Without a hole, the length of the file.
/// `None` if the system does not say.
pub(crate) fn first_hole(file: &Handle) -> Option<u64> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    return rustix::fs::seek(file, SeekFrom::Hole(0)).ok();
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    return rustix::fs::seek(file, SeekFrom::Current(0)).ok().and(None);
}

/// Whether the file is on hugetlbfs, whose mappings follow other rules.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn is_in_huge_pages(file: &Handle) -> bool {
    #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // a magic number, of another type from target to target
    rustix::fs::fstatfs(file).is_ok_and(|system| system.f_type as u64 & 0xffff_ffff == 0x9584_58f6)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) fn is_in_huge_pages(_: &Handle) -> bool {
    false
}

/// The free space of the file system. `None` if it has no limit, as for memfds, which report no blocks.
pub(crate) fn free_space(file: impl AsFd) -> Option<u64> {
    let system = rustix::fs::fstatvfs(file).ok()?;
    (system.f_blocks > 0).then(|| system.f_bavail.saturating_mul(system.f_frsize))
}

#[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)] // permissions have 12 bits, in an integer whose width depends on the target
pub(super) fn permissions(mode: u32) -> Mode {
    Mode::from_raw_mode(mode as _)
}

pub(crate) fn set_mode(file: impl AsFd, mode: u32) -> io::Result<()> {
    Ok(rustix::fs::fchmod(file, permissions(mode))?)
}

/// Gives the file the user and the group of another one, if they differ.
pub(crate) fn set_owner(file: &Handle, like: &Status) -> io::Result<()> {
    if status(file)?.has_owner_of(like) {
        return Ok(());
    }
    let (user, group) = (rustix::fs::Uid::from_raw(like.owner), rustix::fs::Gid::from_raw(like.group));
    Ok(rustix::fs::fchown(file, Some(user), Some(group))?)
}

/// Maps the first `len` bytes of a file, shared with every other mapping of it.
pub(crate) fn map(file: impl AsFd, len: usize, writable: bool) -> io::Result<NonNull<u8>> {
    let protection = if writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
    // SAFETY: a new mapping at a place that the system chooses touches nothing that exists (I8 mapping).
    let start = unsafe { rustix::mm::mmap(null_mut(), len, protection, MapFlags::SHARED, file.as_fd(), 0) }?;
    Ok(NonNull::new(start.cast()).expect("the system does not choose address 0"))
}

/// Ends a mapping.
///
/// # Safety
/// [`map`] returned this mapping of `len` bytes, and no pointer into it is used any more.
pub(crate) unsafe fn unmap(start: NonNull<u8>, len: usize) {
    // SAFETY: a map of its caller's, which nothing uses any more (I8 mapping).
    let result = unsafe { rustix::mm::munmap(start.as_ptr().cast(), len) };
    debug_assert!(result.is_ok(), "unmapping what was mapped");
}
