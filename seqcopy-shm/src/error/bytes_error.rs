//! [`BytesError`]: why bytes were neither read nor written. By itself, since it stands above the errors of reads and those of writes.

use std::fmt::{self, Display, Formatter};

use crate::{ChangeError, ReadValueError, WriteError};

/// Why no bytes were read from a region whose type is known by its schema only, or none written.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, ReadValueError, Schema, untyped::{BytesError, Reader, Writer}};
/// # let path = shm::path_for(&format!("seqcopy-doc-bytes-error-{}", std::process::id()));
/// let mut writer = Writer::open_or_create(&path, &Schema::of::<bool>(), &Options::new())?;
/// let error = writer.write_bytes(&[2]).unwrap_err();
/// assert_eq!(error, BytesError::Invalid("invalid `bool`: found 0x2, expected a `bool`: 0 or 1".to_owned()));
///
/// let reader = Reader::open(&path)?;
/// let empty = ReadValueError::NoValue(seqcopy::ReadError::Empty);
/// assert_eq!(reader.read_into(&mut [0]), Err(BytesError::NotRead(empty)));
/// # writer.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BytesError {
    /// No value was read: as for a reader of the type.
    NotRead(ReadValueError),
    /// Nothing was written: as for a writer of the type. Of several changes of a map, those that had space were made.
    NotWritten(ChangeError),
    /// What was read, or should be written, is not a value of the type: where, and why.
    Invalid(String),
}

impl Display for BytesError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            BytesError::NotRead(error) => error.fmt(f),
            BytesError::NotWritten(error) => error.fmt(f),
            BytesError::Invalid(why) => f.write_str(why),
        }
    }
}

debug_by_display! { BytesError }

impl core::error::Error for BytesError {}

impl From<ReadValueError> for BytesError {
    fn from(error: ReadValueError) -> Self {
        BytesError::NotRead(error)
    }
}

impl From<ChangeError> for BytesError {
    fn from(error: ChangeError) -> Self {
        BytesError::NotWritten(error)
    }
}

impl From<WriteError> for BytesError {
    fn from(error: WriteError) -> Self {
        BytesError::NotWritten(error.into())
    }
}
