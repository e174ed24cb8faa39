//! Sequence locks in shared memory: one process writes a value, others read and check it; either may die at any time. For 64-bit Unix.
//!
//! ```
//! use seqcopy::{SeqCopy, Validate};
//! use seqcopy_shm::{self as shm, Reader, Writer};
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
//! #[repr(C)]
//! struct Pose { at: u64, position: [f64; 3], mode: Mode }
//!
//! #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
//! #[repr(u8)]
//! enum Mode { Idle, Moving }
//!
//! let path = shm::path_for("pose");
//! # let path = shm::path_for(&format!("seqcopy-doc-mod-{}", std::process::id()));
//! let mut writer = Writer::<Pose>::create(&path)?;
//! writer.write(Pose { at: 1, position: [0.5; 3], mode: Mode::Moving }).unwrap();
//!
//! // In another process:
//! let reader = Reader::<Pose>::open(&path)?;
//! assert_eq!(reader.read().unwrap().mode, Mode::Moving);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), shm::Error>(())
//! ```
//!
//! # Whom to trust
//! | a peer | what happens |
//! |---|---|
//! | dies, at any instruction | Readers of a latch go on with the last value and notice nothing; of one copy they get [`ReadValueError::WriterGone`] if it was being written. The next [`Writer::take_over`] succeeds; or [`Writer::create`], if it died closing the region. A dead reader leaves no trace. |
//! | is stopped | As above, but its lock is held: readers of one copy get `Busy` within their bound, no process can take over. |
//! | is buggy: writes nonsense, or another type | What is not valid is refused with the field's path; another type, version, byte order is refused when the region is opened, with the first field that differs. |
//! | is hostile | Every header field, offset, length, name and tag is checked before use, on a private copy; attempts are bounded; no address, index or length is ever taken from the region. Values pass [`Validate`](seqcopy::Validate), so they are values: whether they are *true* is not ours to know. One thing no check can prevent: a file that is made shorter while it is mapped ends its readers by SIGBUS. Take regions from strangers as sealed memfds only ([`Region::from_fd`] insists), or read them without mapping, by [`FileReader`]. |
//!
//! The system itself is trusted: it maps what it was asked to map and drops locks of the dead.
//!
//! [`docs::reliability`] lists each fault with what was seen to happen; [`seqcopy::docs::soundness`] says what is claimed
//! between processes, and on what grounds; [`docs::format`] what stays the same between versions.
//!
//! # Files
//! A region is a file, most often on a tmpfs: [`path_for`] gives the path of a POSIX shared memory object. Every user may make files
//! there: [`Options::require_owner`] keeps readers and writers from those of strangers. The command `seqcopy`
//! (crate `seqcopy-cli`) shows any region, without having its type.
//!
//! # Systems
//! On Linux, where all of it is tested: memfds, sockets, locks that can be asked about. On other 64-bit Unixes files only, with
//! `flock(2)` instead, and a system call per write to notice a fork; that is compiled for FreeBSD, macOS and Android with each
//! change, and was not run there.
#![cfg(all(unix, target_pointer_width = "64"))]

mod attempts;
mod buffers;
mod closing;
pub mod docs;
mod error;
mod file_reader;
mod file_region;
mod fork_guard;
mod header;
mod inspect;
mod lock;
mod map;
mod open_policy;
mod options;
mod own_writers;
mod process;
mod reader;
mod region;
pub(crate) mod schema;
#[cfg(target_os = "linux")]
mod seals;
#[cfg(target_os = "linux")]
mod socket;
mod uid;
mod version_error;
mod writer;
mod writer_lock;
mod writer_state;

use std::path::PathBuf;

pub use attempts::{ATTEMPTS, TIME_LIMIT};
pub use error::{Error, ErrorKind, Forked, HeaderError, ReadValueError, UpdateError};
pub use file_reader::FileReader;
pub use file_region::FileRegion;
pub use header::Header;
pub(crate) use map::Map;
pub use options::Options;
pub use reader::Reader;
pub use region::{Bytes, Region};
pub use schema::{Difference, Schema, SchemaError};
pub use uid::Uid;
pub use version_error::VersionError;
pub use writer::Writer;
pub use writer_state::WriterState;

/// The path of a shared memory object by its name: where `shm_open` of the C library finds it, too. On Linux that is
/// `/dev/shm`; elsewhere such objects have no path, and it is a file in the directory for temporary ones.
///
/// ```
/// # #[cfg(target_os = "linux")]
/// assert_eq!(seqcopy_shm::path_for("/pose").to_str(), Some("/dev/shm/pose"));
/// ```
#[must_use]
pub fn path_for(name: &str) -> PathBuf {
    let directory = if cfg!(target_os = "linux") { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
    directory.join(name.trim_start_matches('/'))
}
