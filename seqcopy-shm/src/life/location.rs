//! Whether a path leads to a file that is open.

use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, Stat, fstat, stat};
use rustix::io::Errno;

/// What is kept of the path by which a region was opened: it stays the same when the process changes its directory. `None` for the path
/// of a descriptor, such as `/proc/self/fd/3`, which leads elsewhere once that descriptor is closed.
pub(crate) fn kept(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    (!["/proc", "/dev/fd"].iter().any(|descriptors| path.starts_with(descriptors))).then_some(path)
}

/// Whether this is a file. What may be anything is asked before it is opened: to open a device can do something, and to open a pipe lets its
/// other end go on.
pub(crate) fn is_file(stat: rustix::io::Result<Stat>) -> bool {
    stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

/// Whether both are the same file.
pub(crate) fn is_same(a: &Stat, b: &Stat) -> bool {
    (a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)
}

/// Whether the path leads to that file.
pub(crate) fn is_at(path: &Path, file: impl AsFd) -> bool {
    matches!((stat(path), fstat(file)), (Ok(there), Ok(here)) if is_same(&there, &here))
}

/// Whether a file has no name any more, or the path by which it was opened leads to another file or to none.
pub(crate) fn is_removed(file: impl AsFd, path: Option<&Path>) -> bool {
    let Ok(here) = fstat(file) else { return false };
    let is_elsewhere = |path| match stat(path) {
        Ok(there) => !is_same(&there, &here),
        Err(error) => matches!(error, Errno::NOENT | Errno::NOTDIR),
    };
    here.st_nlink == 0 || path.is_some_and(is_elsewhere)
}
