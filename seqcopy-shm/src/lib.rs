//! Sequence locks in shared memory: one process publishes a value, others read and validate it, and any of them may die at any
//! time. For 64-bit Unix.
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
//! let mut writer = Writer::<Pose>::open_or_create(&path)?; // `create` fails if the file exists
//! writer.write(Pose { at: 1, position: [0.5; 3], mode: Mode::Moving }).unwrap();
//!
//! // In another process:
//! let reader = Reader::<Pose>::open(&path)?;
//! assert_eq!(reader.read().unwrap().mode, Mode::Moving);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), shm::Error>(())
//! ```
//!
//! # When a peer fails
//! | a peer | what happens |
//! |---|---|
//! | dies, at any instruction | Readers of a latch keep returning the last value and notice nothing; readers of a single buffer get [`ReadValueError::WriterGone`] if it died during a write. The next [`Writer::take_over`] succeeds, or [`Writer::create`] if it died closing the region. A reader that dies leaves no trace. |
//! | is stopped | It still holds the writer lock, so no process can take over. Readers of a latch notice nothing; readers of a single buffer get `Busy` after [`ATTEMPTS`] attempts or [`TIME_LIMIT`] if it was stopped during a write. |
//! | is buggy: writes nonsense, or another type | An invalid value is refused with the path of the field; a region of another type, version or byte order is refused when it is opened, with the first field that differs. |
//! | is hostile | Every header field, offset, length, name and tag is checked on a private copy before it is used. Attempts are bounded, the index of a buffer is masked, and no address or length is read from the region again. Values pass [`Validate`](seqcopy::Validate), so they are valid; whether they are *true* can't be checked. One attack can't be prevented: truncating a mapped file kills its readers with SIGBUS. Take regions from other users as sealed memfds only ([`Region::from_fd`] insists), or read them without mapping them ([`FileReader`]). |
//!
//! The operating system is trusted: it maps what it was asked to map, and releases the locks of processes that have ended.
//!
//! [`docs::reliability`] has the guarantees and what they need, and lists the faults that were tested;
//! [`seqcopy::docs::soundness`] says what is claimed between processes, and on what grounds; [`docs::format`] says what stays the
//! same between versions.
//!
//! # Files
//! A region is a file, usually on a tmpfs: [`path_for`] gives the path of a POSIX shared memory object. Every user may create files
//! there; [`Options::require_owner`] refuses those of other users. The command `seqcopy` (crate `seqcopy-cli`) shows any region
//! without knowing its type.
//!
//! # Maps
//! [`MapWriter`] and [`MapReader`] share a table of state: one process inserts, changes and removes entries, others look them up by key,
//! or look at several entries of one [generation](View). [`docs::maps`] says when to take one, and has programs.
//!
//! ```
//! use seqcopy_shm::{self as shm, MapReader, MapWriter};
//!
//! # let path = shm::path_for(&format!("seqcopy-doc-mod-map-{}", std::process::id()));
//! let mut leases = MapWriter::<[u8; 4], u64>::create(&path, 1000)?;
//! leases.insert([10, 0, 0, 7], 1_764_000_000).unwrap();
//!
//! // In another process:
//! let reader = MapReader::<[u8; 4], u64>::open(&path)?;
//! assert_eq!(reader.get(&[10, 0, 0, 7]), Ok(Some(1_764_000_000)));
//! # leases.close()?;
//! # Ok::<(), shm::Error>(())
//! ```
//!
//! # Waiting
//! [`Reader::wait`] sleeps until [`Writer::wake`] is called after a newer value, by a futex on the region's own word: readers write
//! nothing for it, and a writer that does not call `wake` pays nothing.
//!
//! # Platforms
//! Linux has everything, and is where it is tested: memfds, sockets, locks that can be queried. Other 64-bit Unixes have files only,
//! locked by `flock(2)`, and need a system call per write to detect a fork; each change is compiled for FreeBSD, macOS and Android,
//! but has not been run there.
//!
//! On other systems the crate is empty. A program that names one of its items there gets an error with the note "the item is gated
//! here", and the line that says what it needs: a 64-bit Unix.
// Elsewhere the items are not there. Each is gated by itself, so that the compiler finds it and shows the gate.
#![cfg_attr(not(all(unix, target_pointer_width = "64")), allow(rustdoc::broken_intra_doc_links))]

#[cfg(all(unix, target_pointer_width = "64"))]
mod attempts;
#[cfg(all(unix, target_pointer_width = "64"))]
mod buffers;
#[cfg(all(unix, target_pointer_width = "64"))]
mod checks;
#[cfg(all(unix, target_pointer_width = "64"))]
mod claimed;
#[cfg(all(unix, target_pointer_width = "64"))]
mod closing;
#[cfg(all(unix, target_pointer_width = "64"))]
pub mod docs;
#[cfg(all(unix, target_pointer_width = "64"))]
mod error;
#[cfg(all(unix, target_pointer_width = "64"))]
mod file_reader;
#[cfg(all(unix, target_pointer_width = "64"))]
mod file_region;
#[cfg(all(unix, target_pointer_width = "64"))]
mod flat_map;
#[cfg(all(unix, target_pointer_width = "64"))]
mod fork_guard;
#[cfg(all(unix, target_pointer_width = "64"))]
mod futex;
#[cfg(all(unix, target_pointer_width = "64"))]
mod header;
#[cfg(all(unix, target_pointer_width = "64"))]
mod inspect;
#[cfg(all(unix, target_pointer_width = "64"))]
mod location;
#[cfg(all(unix, target_pointer_width = "64"))]
mod lock;
#[cfg(all(unix, target_pointer_width = "64"))]
mod map;
#[cfg(all(unix, target_pointer_width = "64"))]
mod new_region;
#[cfg(all(unix, target_pointer_width = "64"))]
mod open_policy;
#[cfg(all(unix, target_pointer_width = "64"))]
mod options;
#[cfg(all(unix, target_pointer_width = "64"))]
mod own_writers;
#[cfg(all(unix, target_pointer_width = "64"))]
mod process;
#[cfg(all(unix, target_pointer_width = "64"))]
mod reader;
#[cfg(all(unix, target_pointer_width = "64"))]
mod region;
#[cfg(all(unix, target_pointer_width = "64"))]
pub(crate) mod schema;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod seals;
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod socket;
#[cfg(all(unix, target_pointer_width = "64"))]
mod uid;
#[cfg(all(unix, target_pointer_width = "64"))]
mod version_error;
#[cfg(all(unix, target_pointer_width = "64"))]
mod wait;
#[cfg(all(unix, target_pointer_width = "64"))]
mod writer;
#[cfg(all(unix, target_pointer_width = "64"))]
mod writer_lock;
#[cfg(all(unix, target_pointer_width = "64"))]
mod writer_state;

#[cfg(all(unix, target_pointer_width = "64"))]
use std::path::PathBuf;

#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use attempts::{ATTEMPTS, TIME_LIMIT};
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use error::{Error, ErrorKind, Forked, HeaderError, ReadValueError, UpdateError};
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use file_reader::FileReader;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use file_region::FileRegion;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use flat_map::{Batch, Entries, Entry, FileMap, MapError, MapKey, MapOptions, MapReader, MapWriter, View};
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use header::Header;
#[cfg(all(unix, target_pointer_width = "64"))]
pub(crate) use map::Map;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use options::Options;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use reader::Reader;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use region::{Bytes, Region};
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use schema::{Difference, Schema, SchemaError};
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use uid::Uid;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use version_error::VersionError;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use writer::Writer;
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
pub use writer_state::WriterState;

/// The path of a shared memory object, by its name. On Linux it lies in `/dev/shm`, where the C library's `shm_open` finds it too.
/// Elsewhere such objects have no path, and this is a file in the temporary directory. The name is not checked: one with `..` in it leads
/// elsewhere.
///
/// ```
/// # #[cfg(target_os = "linux")]
/// assert_eq!(seqcopy_shm::path_for("/pose").to_str(), Some("/dev/shm/pose"));
/// ```
#[cfg(all(unix, target_pointer_width = "64"))] // regions need a 64-bit Unix
#[must_use]
pub fn path_for(name: &str) -> PathBuf {
    let directory = if cfg!(target_os = "linux") { PathBuf::from("/dev/shm") } else { std::env::temp_dir() };
    directory.join(name.trim_start_matches('/'))
}
