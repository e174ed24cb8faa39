//! [`WriterState`]: what is known of the writer of a region.

use std::fmt;

/// Whether a process writes a region, as far as the one that asks can know.
///
/// The region names the process that wrote last, the system says whether the lock is held, and `/proc` whether that process
/// still runs. What can't be read there is not guessed: then it is [`Held`](Self::Held).
///
/// ```
/// # use seqcopy_shm::{self as shm, Reader, Writer, WriterState};
/// # let path = shm::path_for(&format!("seqcopy-doc-state-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// let reader = Reader::<u64>::open(&path)?;
/// assert_eq!(reader.writer_state(), WriterState::Alive { pid: std::process::id() });
/// drop(writer);
/// assert_eq!(reader.writer_state(), WriterState::Gone);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriterState {
    /// A writer has it.
    Alive {
        /// Which process: a hint, left by itself.
        pid: u32,
    },
    /// There was one, and nobody has taken over yet.
    Gone,
    /// The writer has ended, and still its lock is held: by a process that it forked, or that has its descriptor. None can take
    /// over until that one ends; the command `seqcopy locks` names it.
    Orphaned {
        /// The process that wrote.
        pid: u32,
    },
    /// A process holds the lock, and which one can't be known here: a writer that is just coming or going; or one in another
    /// process number namespace (a container); or `/proc` hides it (`hidepid`), is not there, or can't be read because this
    /// process has no descriptors left. To be taken as alive: nobody else can write.
    Held,
    /// There was none yet.
    Never,
}

impl fmt::Display for WriterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriterState::Alive { pid } => write!(f, "alive (process {pid})"),
            WriterState::Gone => f.write_str("gone"),
            WriterState::Orphaned { pid } => {
                write!(f, "orphaned (process {pid} has ended, but a child of it holds its lock)")
            }
            WriterState::Held => f.write_str("held (a process has the lock, which one is not known here)"),
            WriterState::Never => f.write_str("yet to come"),
        }
    }
}
