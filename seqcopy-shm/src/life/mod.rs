//! The life of a region's file, as far as it is the same for readers and writers: it is opened, inspected and mapped, written by one process at a
//! time, closed and removed. `writable` has what only a writer does.
//!
//! | file | what |
//! |---|---|
//! | `inspect`, `seals` | what is required of a file before it is mapped |
//! | `writer_lock` | the right to write, by the lock on the file; which regions this process writes |
//! | `mapped_region` | a mapped region; closing one, and removing what is closed, safe against kills |

mod inspect;
mod mapped_region;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod seals;
mod writer_lock;

pub(crate) use inspect::{Inspected, OpenPolicy, bytes_at, read_exact_at, read_exact_into};
pub(crate) use mapped_region::{MappedRegion, close, remove, remove_closed, undo_close};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use seals::{check_length, check_writable, seal};
#[cfg(all(debug_assertions, any(target_os = "linux", target_os = "android")))]
pub(crate) use writer_lock::taken;
pub(crate) use writer_lock::{WAIT, WriterLock, is_free, reopen, writer_state};
