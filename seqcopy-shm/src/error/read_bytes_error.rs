//! [`ReadBytesError`]: why bytes were not read.

use std::fmt::{self, Display, Formatter};

use crate::ReadValueError;

/// Why no bytes were read from a region whose type is known by its schema only.
///
/// ```
/// use seqcopy_shm::{self as shm, ReadValueError, Writer, untyped::{ReadBytesError, Reader}};
/// # let path = shm::path_for(&format!("seqcopy-doc-read-bytes-{}", std::process::id()));
/// let writer = Writer::<bool>::create(&path)?;
/// let reader = Reader::open(&path)?;
/// let empty = ReadValueError::NoValue(seqcopy::ReadError::Empty);
/// assert_eq!(reader.read_into(&mut [0]), Err(ReadBytesError::NotRead(empty)));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadBytesError {
    /// No value was read: as for a reader of the type.
    NotRead(ReadValueError),
    /// What was read is not a value of the type: where, and why.
    Invalid(String),
}

impl Display for ReadBytesError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ReadBytesError::NotRead(error) => error.fmt(f),
            ReadBytesError::Invalid(why) => f.write_str(why),
        }
    }
}

debug_by_display! { ReadBytesError }

impl core::error::Error for ReadBytesError {}

impl From<ReadValueError> for ReadBytesError {
    fn from(error: ReadValueError) -> Self {
        ReadBytesError::NotRead(error)
    }
}
