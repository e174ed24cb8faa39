//! The life of a region's file, as far as it is the same for readers and writers: it is opened, inspected and mapped, written by one process at a
//! time, closed and removed. `writable` has what only a writer does.
//!
//! | file | what |
//! |---|---|
//! | `writers_here` | which regions this process writes |
//! | `open_policy`, `seals`, `inspect` | what is required of a file before it is mapped |
//! | `writer_lock` | the right to write, by the lock on the file |
//! | `closing` | closing, and removing what is closed, safe against kills |
//! | `mapped_region` | a mapped region |

pub(crate) mod inspect;
pub(crate) mod mapped_region;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) mod seals;
pub(crate) mod writer_lock;
