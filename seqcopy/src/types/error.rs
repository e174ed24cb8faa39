//! Errors of what has a capacity or a length: [`CapacityError`], a string, vector or slice of fixed capacity is full;
//! [`LengthError`], a slice is longer or shorter than what is asked for; [`ReadSliceError`], why an attempt to read one
//! failed.

use core::error::Error;
use core::fmt::{self, Display, Formatter};

#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
pub use of_slices::{LengthError, ReadSliceError};

/// There is no space for that in a [`SeqStr`](crate::SeqStr) or a [`SeqVec`](crate::SeqVec), or in a `SeqSlice`.
///
/// ```
/// use seqcopy::SeqStr;
///
/// let error = SeqStr::<4>::try_from("a long name").unwrap_err();
/// assert_eq!((error.len(), error.capacity()), (11, 4));
/// assert_eq!(error.to_string(), "a length of 11 exceeds the capacity of 4");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CapacityError {
    len: usize,
    capacity: usize,
}

impl CapacityError {
    /// For seqcopy-shm, whose slices have this error, too.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(len: usize, capacity: usize) -> Self {
        CapacityError { len, capacity }
    }

    /// How long it would be: bytes of a `SeqStr`, elements of a `SeqVec` or a `SeqSlice`.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// assert_eq!(SeqVec::<u8, 3>::try_from(&[0; 9][..]).unwrap_err().len(), 9);
    /// ```
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // the length of something else
    pub const fn len(&self) -> usize {
        self.len
    }

    /// The longest that there is space for, in the same unit.
    ///
    /// ```
    /// # use seqcopy::SeqVec;
    /// assert_eq!(SeqVec::<u8, 3>::try_from(&[0; 9][..]).unwrap_err().capacity(), 3);
    /// ```
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.capacity
    }
}

impl Display for CapacityError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "a length of {} exceeds the capacity of {}", self.len, self.capacity)
    }
}

impl fmt::Debug for CapacityError {
    /// The message, because a `main` that returns the error prints this.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl Error for CapacityError {}

// The targets that have slices.
#[cfg(all(feature = "alloc", any(target_has_atomic = "8", feature = "portable-atomic")))]
mod of_slices {
    use core::error::Error;
    use core::fmt::{self, Display, Formatter};

    use crate::seq_count::ReadError;

    /// The value of a `SeqSlice` has another number of elements than a read has space for, or asks for.
    ///
    /// ```
    /// use seqcopy::SeqSlice;
    ///
    /// let slice = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
    /// let error = slice.read_to_slice(&mut [0; 2]).unwrap_err();
    /// assert_eq!((error.len(), error.asked()), (3, 2));
    /// assert_eq!(error.to_string(), "the value has 3 elements, but there is space for 2 only");
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub struct LengthError {
        len: usize,
        asked: usize,
    }

    impl LengthError {
        /// For seqcopy-shm, whose slices have this error, too.
        #[doc(hidden)]
        #[must_use]
        pub const fn new(len: usize, asked: usize) -> Self {
            LengthError { len, asked }
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

        /// How many there is space for, or where the range ends.
        ///
        /// ```
        /// # use seqcopy::SeqSlice;
        /// let slice = SeqSlice::<u16>::from_slice(&[1, 2, 3]);
        /// assert_eq!(slice.read_range(1..5, &mut [0; 4]).unwrap_err().asked(), 5);
        /// ```
        #[must_use]
        pub const fn asked(&self) -> usize {
            self.asked
        }
    }

    impl Display for LengthError {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            let LengthError { len, asked } = self;
            write!(f, "the value has {len} elements, but ")?;
            if len > asked { write!(f, "there is space for {asked} only") } else { write!(f, "{asked} were asked for") }
        }
    }

    impl fmt::Debug for LengthError {
        /// The message, because a `main` that returns the error prints this.
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            Display::fmt(self, f)
        }
    }

    impl Error for LengthError {}

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
        /// The message, because a `main` that returns the error prints this.
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
}
