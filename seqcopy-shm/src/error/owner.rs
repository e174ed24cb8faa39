//! Whose a region is: [`Uid`], the owner of its file, and [`WriterState`], what is known about its writer.

use std::fmt;

use crate::sys::process::effective_user;

/// Whether a region has a writer, as far as the process that asks can know.
///
/// The region names its last writer, the system knows whether the writer lock is held, and `/proc` shows whether that process still
/// runs. If one of these can't be read, the answer is not guessed but [`Held`](Self::Held).
///
/// ```
/// # use seqcopy_shm::{self as shm, Reader, Writer, WriterState};
/// # let path = shm::path_for(&format!("seqcopy-doc-state-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// let reader = Reader::<u64>::open(&path)?;
/// assert!(matches!(reader.writer_state(), WriterState::Alive { pid, .. } if pid == std::process::id()));
/// drop(writer);
/// assert_eq!(reader.writer_state(), WriterState::Gone);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriterState {
    /// The region has a writer.
    #[non_exhaustive]
    Alive {
        /// Its process id: a hint, which the writer itself has recorded.
        pid: u32,
    },
    /// Its writer has ended, and no other has taken over yet.
    Gone,
    /// The writer has ended, but the writer lock is still held, by a process that it forked or that has its descriptor. No process can
    /// take over until that one ends; the command `seqcopy locks` names it.
    #[non_exhaustive]
    Orphaned {
        /// The process id of the writer that has ended.
        pid: u32,
    },
    /// A process holds the writer lock, and it can't be known which: it is just becoming the writer or ceasing to be it; or it runs in
    /// another PID namespace (a container); or `/proc` hides it (`hidepid`), is not mounted, or can't be read because this process has
    /// no descriptors left. Treat it as alive: no other process can write.
    Held,
    /// The region never had a writer.
    Never,
}

impl fmt::Display for WriterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriterState::Alive { pid } => write!(f, "alive (process {pid})"),
            WriterState::Gone => f.write_str("gone"),
            WriterState::Orphaned { pid } => {
                write!(f, "orphaned (process {pid} has ended, but a process that it forked holds the writer lock)")
            }
            WriterState::Held => f.write_str("held (an unknown process holds the writer lock)"),
            WriterState::Never => f.write_str("none yet"),
        }
    }
}

/// A user id: the owner of a region's file.
///
/// ```
/// # use seqcopy_shm::{self as shm, Region, Uid, Writer};
/// # let path = shm::path_for(&format!("seqcopy-doc-uid-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// assert_eq!(Region::open(&path)?.owner(), Uid::effective());
/// assert_eq!(Uid::from_raw(1000).to_string(), "user 1000");
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Uid(u32);

impl Uid {
    /// The superuser.
    pub const ROOT: Uid = Uid(0);

    /// The effective user of this process, which owns the files that it creates.
    #[must_use]
    pub fn effective() -> Uid {
        Uid(effective_user())
    }

    /// The user with this id.
    #[must_use]
    pub const fn from_raw(id: u32) -> Uid {
        Uid(id)
    }

    /// The id as a number.
    #[must_use]
    pub const fn as_raw(self) -> u32 {
        self.0
    }

    /// Whether this is a user that this process must not trust: neither its own nor root, which may do everything anyway.
    pub(crate) fn is_other_user(self) -> bool {
        self != Uid::ROOT && self != Uid::effective()
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.0)
    }
}
