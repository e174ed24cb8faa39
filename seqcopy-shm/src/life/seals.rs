//! Seals of memfds (`fcntl(2)`, "File Sealing"): what no process, of its owner or not, can do to a region any more.

use std::os::fd::OwnedFd;

use rustix::fs::{SealFlags, fcntl_add_seals, fcntl_get_seals};
use rustix::io::Errno;

use crate::error::io;
use crate::{Error, ErrorKind};

/// The seals that forbid writing by new mappings and by system calls.
const NO_WRITES: SealFlags = SealFlags::WRITE.union(SealFlags::FUTURE_WRITE);

/// Seals a memfd that its writer has mapped: against changes of its length, and, unless it may be `taken_over`, against all writes
/// except by mappings that exist already, which is only the writer's.
pub(crate) fn seal(file: &OwnedFd, taken_over: bool) -> Result<(), Error> {
    if !taken_over {
        match fcntl_add_seals(file, SealFlags::FUTURE_WRITE) {
            // Linux before 5.1 does not have this seal. There the permissions keep other users from writing.
            Ok(()) | Err(Errno::INVAL) => {}
            Err(error) => return Err(io("seal it")(error)),
        }
    }
    fcntl_add_seals(file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL).map_err(io("seal it"))
}

/// Refuses files that can be truncated while they are read.
pub(crate) fn check_length(file: &OwnedFd) -> Result<(), Error> {
    match fcntl_get_seals(file) {
        Ok(seals) if seals.contains(SealFlags::SHRINK) => Ok(()),
        _ => Err(ErrorKind::Unsealed.into()),
    }
}

/// Refuses files that are sealed against new writable mappings. Files that don't support seals are left to the system.
pub(crate) fn check_writable(file: &OwnedFd) -> Result<(), Error> {
    match fcntl_get_seals(file) {
        Ok(seals) if seals.intersects(NO_WRITES) => Err(ErrorKind::WriteSealed.into()),
        _ => Ok(()),
    }
}
