//! Seals of memfds: what no process, of its owner or not, can do to a region any more; in a file of their own as only Linux has them.

use crate::error::{Error, ErrorKind, io};
use crate::sys::{Handle, linux};

/// Seals a memfd that its writer has mapped: against changes of its length, and, unless it may be `taken_over`, against all writes
/// except by mappings that exist already, which is only the writer's.
pub(crate) fn seal(file: &Handle, taken_over: bool) -> Result<(), Error> {
    if !taken_over {
        linux::seal_writes(file).map_err(io("seal it"))?;
    }
    linux::seal_length(file).map_err(io("seal it"))
}

/// Refuses files that can be truncated while they are read.
pub(crate) fn check_length(file: &Handle) -> Result<(), Error> {
    if linux::is_length_sealed(file) { Ok(()) } else { Err(ErrorKind::Unsealed.into()) }
}

/// Refuses files that are sealed against new writable mappings. Files that don't support seals are left to the system.
pub(crate) fn check_writable(file: &Handle) -> Result<(), Error> {
    if linux::is_write_sealed(file) { Err(ErrorKind::WriteSealed.into()) } else { Ok(()) }
}
