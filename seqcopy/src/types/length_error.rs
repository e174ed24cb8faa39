//! [`LengthError`]: a slice is longer or shorter than what is asked for.

use core::fmt::{self, Display, Formatter};

/// The value of a `SeqSlice` has another number of elements than a read has space for, or asks for.
///
/// ```
/// use seqcopy::SeqSlice;
///
/// let slice = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
/// let error = slice.read_to_slice(&mut [0; 2]).unwrap_err();
/// assert_eq!(error.len(), 3);
/// assert_eq!(error.to_string(), "the value has 3 elements");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LengthError {
    len: usize,
}

impl LengthError {
    pub(crate) const fn new(len: usize) -> Self {
        LengthError { len }
    }

    /// How many elements the value has.
    ///
    /// ```
    /// # use seqcopy::SeqSlice;
    /// let slice = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// assert_eq!(slice.read_range(1..5, &mut [0; 4]).unwrap_err().len(), 3);
    /// ```
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // the length of something else
    pub const fn len(&self) -> usize {
        self.len
    }
}

impl Display for LengthError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the value has {} elements", self.len)
    }
}

impl fmt::Debug for LengthError {
    /// The message, since a `main` that returns an error prints it so.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl core::error::Error for LengthError {}
