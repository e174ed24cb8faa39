//! The services that regions need from the operating system, as a list, and the modules for the system that this is
//! built for.
//!
//! Each system has the same modules, with the same functions:
//!
//! | module | what it must guarantee |
//! |---|---|
//! | `file` | What a file is, whose, and how long; its bytes by calls. It is known by its [`id`](file::Status::id), whatever its names are. Every mapping of a file is the same memory, and reads by calls see it; it lives longer than its handle. |
//! | `fork` | A writer's copy in a forked process notices it. |
//! | `lock` | At most one handle has the writer lock. It goes with the process that has the handle, however that ends. |
//! | `lost` | A page of a mapping that the file does not have any more kills no process that asked for that. |
//! | `name` | A name in a directory that stays the one that was opened. It is given only if it is free, and free at once when it is removed, also while the file is mapped. A new file is not found by it before it is given. |
//! | `process` | Whether the process with that id and start time runs, has ended, or can't be known; by whom this process makes files. |
//! | `wait` | A thread sleeps on a region that it can't write, and no wake-up after the look is lost; by a clock that only goes forward. |
//!
//! `linux` has what only Linux and Android offer, and `identity` what a writer records about itself. Types and functions
//! of files and names that are the same on each system are in `names`.

mod identity;
mod names;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};

use seqcopy::layout::fingerprint_of;
#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use system::{AsHandle, Handle, file, fork, lock, lost, name, process, wait};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use unix::linux;

/// The beginning of the hidden names that belong to a name. It has the same length for every name, so that a long name
/// can have one, too.
pub(crate) fn prefix(name: &name::Name) -> String {
    format!(".seqcopy-{:016x}-", fingerprint_of(name.as_bytes()))
}

/// A hidden name in the same directory, for a file that does not have the name yet, or does not have it any more.
/// Listings skip it, and other users can't predict it.
pub(crate) fn hidden(name: &name::Name) -> name::Name {
    // `RandomState` takes its keys from the system's random numbers. After a fork the child has the same keys, but
    // another process id.
    let random = RandomState::new().hash_one(std::process::id());
    name.beside(OsString::from(format!("{}{random:016x}", prefix(name))))
}
