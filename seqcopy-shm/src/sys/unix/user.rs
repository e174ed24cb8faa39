//! Users. A file of its own, as each system has one.

use std::io;
use std::os::fd::AsFd;

/// The effective user of this process.
pub(crate) fn effective() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The owner of a file.
pub(crate) fn owning(file: impl AsFd) -> io::Result<u32> {
    Ok(rustix::fs::fstat(file)?.st_uid)
}
