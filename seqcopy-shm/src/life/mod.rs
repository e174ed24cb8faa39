//! The life of a region's file: it is created complete or not at all, opened, inspected and mapped, written by one process at a time,
//! replaced, closed and removed. Whichever process dies, and when, the next one finds a state from which it can go on.
//!
//! | file | what |
//! |---|---|
//! | `writers_here` | which regions this process writes |
//! | `open_policy`, `seals`, `inspect` | what is required of a file before it is mapped |
//! | `writer_lock` | the right to write, by the lock on the file |
//! | `mapped_region`, `writable` | a mapped region, without and with that right |
//! | `closing`, `new_region`, `replacement`, `restoring`, `open_or_create` | closing, creating, replacing, putting back, or what is there, each safe against kills |

pub(crate) mod closing;
pub(crate) mod inspect;
pub(crate) mod mapped_region;
pub(crate) mod new_region;
pub(crate) mod open_or_create;
pub(crate) mod open_policy;
pub(crate) mod replacement;
pub(crate) mod restoring;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) mod seals;
pub(crate) mod writable;
pub(crate) mod writer_lock;
pub(crate) mod writers_here;
