//! [`CapacityError`]: a string, vector or slice of fixed capacity is full.

use core::fmt::{self, Display, Formatter};

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
    /// The message, since a `main` that returns an error prints it so.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl core::error::Error for CapacityError {}
