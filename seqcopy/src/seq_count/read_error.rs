//! [`ReadError`]: why an attempt gave no value.

use core::fmt::{self, Display, Formatter};

/// Why a read found no consistent value. The read may be retried at any time.
///
/// ```
/// use seqcopy::ReadError;
/// assert_eq!(ReadError::Busy.to_string(), "a write is in progress: try again, or use the last value read");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadError {
    /// The sequence word says that a write is in progress, or that a writer stopped in the middle of one.
    Busy,
    /// A write went on while the value was being copied.
    Torn,
    /// Nothing was ever written.
    Empty,
}

impl Display for ReadError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ReadError::Busy => "a write is in progress: try again, or use the last value read",
            ReadError::Torn => "the value was written while it was being read: try again",
            ReadError::Empty => "no value has been written yet: wait for the first",
        })
    }
}

impl core::error::Error for ReadError {}
