//! [`WriteError`]: why a value was not written.

use std::fmt::{self, Display, Formatter};

/// Why a value was not written. Nothing was changed.
///
/// ```
/// # use seqcopy_shm::WriteError;
/// let error = WriteError::Forked;
/// assert_eq!(error.to_string(), "this process was forked from the writer's process: take the region over when that process has ended");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// This process was forked from the one that has the writer, and can't write: there would be two writers.
    Forked,
    /// The file was truncated, or can't be read any more: what this writer has written since is nowhere. Only after
    /// [`survive_truncation`](crate::survive_truncation), without which the process is killed.
    Truncated,
}

debug_by_display! { WriteError }

impl Display for WriteError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WriteError::Forked => {
                "this process was forked from the writer's process: take the region over when that process has ended"
            }
            WriteError::Truncated => {
                "the file of the region was truncated, so no reader sees what is written: drop the writer, remove the file, and create \
                 the region again"
            }
        })
    }
}

impl core::error::Error for WriteError {}
