//! Seals of memfds (`fcntl(2)`, "File Sealing"): what no process can do to a region any more, its owner's included.

use std::os::fd::OwnedFd;

use rustix::fs::{SealFlags, fcntl_add_seals, fcntl_get_seals};
use rustix::io::Errno;

use super::error::io;
use super::{Error, ErrorKind};

/// What keeps a file from being written by way of new mappings and system calls.
const NO_WRITES: SealFlags = SealFlags::WRITE.union(SealFlags::FUTURE_WRITE);

/// Seals a memfd that its writer has mapped: against changes of its length, and, unless it is to be `taken_over`, against every
/// write but those by mappings that exist already, which is the writer's own.
pub(crate) fn seal(file: &OwnedFd, taken_over: bool) -> Result<(), Error> {
    if !taken_over {
        match fcntl_add_seals(file, SealFlags::FUTURE_WRITE) {
            // Linux before 5.1 does not have it. There the permissions keep other users from writing.
            Ok(()) | Err(Errno::INVAL) => {}
            Err(error) => return Err(io("sealing it")(error)),
        }
    }
    fcntl_add_seals(file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL).map_err(io("sealing it"))
}

/// Refuses files that can become shorter under their readers.
pub(crate) fn check_length(file: &OwnedFd) -> Result<(), Error> {
    match fcntl_get_seals(file) {
        Ok(seals) if seals.contains(SealFlags::SHRINK) => Ok(()),
        _ => Err(ErrorKind::Unsealed.into()),
    }
}

/// Refuses files that can't be mapped for writing any more. What has no seals is left to the system.
pub(crate) fn check_writable(file: &OwnedFd) -> Result<(), Error> {
    match fcntl_get_seals(file) {
        Ok(seals) if seals.intersects(NO_WRITES) => Err(ErrorKind::WriteSealed.into()),
        _ => Ok(()),
    }
}
