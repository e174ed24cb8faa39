//! [`ReadSliceError`]: why an attempt to read a slice failed.

use core::error::Error;
use core::fmt::{self, Display, Formatter};

use crate::{LengthError, ReadError};

/// Why one attempt at a `SeqSlice` returned no elements.
///
/// ```
/// use seqcopy::{ReadSliceError, SeqSlice};
///
/// let slice = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
/// let error = slice.try_read_to_slice(&mut [0; 2]).unwrap_err();
/// assert!(matches!(error, ReadSliceError::Length(error) if error.len() == 3));
/// assert_eq!(error.to_string(), "the value has 3 elements, but there is space for 2 only");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadSliceError {
    /// The attempt overlapped a write. Another one may succeed.
    NoValue(ReadError),
    /// The value has another number of elements than there is space for, or were asked for.
    Length(LengthError),
}

impl Display for ReadSliceError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            ReadSliceError::NoValue(error) => error.fmt(f),
            ReadSliceError::Length(error) => error.fmt(f),
        }
    }
}

impl fmt::Debug for ReadSliceError {
    /// The message, since a `main` that returns an error prints it so.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Error for ReadSliceError {}

impl From<ReadError> for ReadSliceError {
    fn from(error: ReadError) -> Self {
        ReadSliceError::NoValue(error)
    }
}

impl From<LengthError> for ReadSliceError {
    fn from(error: LengthError) -> Self {
        ReadSliceError::Length(error)
    }
}
