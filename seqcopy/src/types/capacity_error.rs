//! [`CapacityError`]: a string, vector or slice of fixed capacity is full.

use core::fmt::{self, Display, Formatter};

/// There is no space for that in a [`SeqStr`](crate::SeqStr) or a [`SeqVec`](crate::SeqVec), or in a `SeqSlice`.
///
/// ```
/// use seqcopy::SeqStr;
///
/// let error = SeqStr::<4>::try_from("a long name").unwrap_err();
/// assert_eq!(error.capacity(), 4);
/// assert_eq!(error.to_string(), "more than the capacity of 4");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CapacityError {
    capacity: usize,
}

impl CapacityError {
    pub(crate) const fn new(capacity: usize) -> Self {
        CapacityError { capacity }
    }

    /// How much there is space for: bytes of a `SeqStr`, elements of a `SeqVec` or a `SeqSlice`.
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
        write!(f, "more than the capacity of {}", self.capacity)
    }
}

impl fmt::Debug for CapacityError {
    /// The message, since a `main` that returns an error prints it so.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl core::error::Error for CapacityError {}
