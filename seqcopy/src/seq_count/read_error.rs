//! [`ReadError`]: why an attempt at a read failed.

use core::fmt::{self, Display, Formatter};

/// Why an attempt at a read returned no value. The read may be retried at any time.
///
/// ```
/// use seqcopy::ReadError;
/// assert_eq!(ReadError::Busy.to_string(), "a write is in progress: try again, or use the last value read");
/// ```
// As large as a word: then a `Result` has nothing but a tag and padding in front of its value, which the compiler need not move
// (`in_place.rs`), and one of a word is returned in two registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(usize)]
pub enum ReadError {
    /// A write is in progress, or a writer stopped in the middle of one.
    Busy,
    /// A write overlapped the copy.
    Torn,
    /// No value has been written yet.
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
