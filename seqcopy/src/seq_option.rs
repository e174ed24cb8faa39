//! [`SeqOption`]: an `Option` with a specified layout.

use crate::{SeqCopy, Validate};

/// An `Option<T>` with a specified layout, for use in payloads.
///
/// The layout of an `Option<u64>`, for example, may differ between builds, so it cannot be partitioned into accesses. This is
/// the same enum with `repr(C, u8)`: a tag byte (0 for `None`, 1 for `Some`), followed by the value at `T`'s alignment.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLock, SeqOption};
///
/// #[derive(Clone, Copy, SeqCopy)]
/// #[repr(C)]
/// struct Fix { altitude: SeqOption<f64> }
///
/// let lock = SeqLock::new(Fix { altitude: None.into() });
/// lock.write(Fix { altitude: Some(12.5).into() });
/// assert_eq!(lock.read().altitude.into_option(), Some(12.5));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, SeqCopy, Validate)]
#[repr(C, u8)]
#[seqcopy(crate = crate)]
pub enum SeqOption<T> {
    /// No value.
    #[default]
    None = 0,
    /// A value.
    Some(T) = 1,
}

impl<T> SeqOption<T> {
    /// Converts to an `Option`.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::Some(1).into_option(), Some(1));
    /// ```
    pub fn into_option(self) -> Option<T> {
        match self {
            SeqOption::None => None,
            SeqOption::Some(value) => Some(value),
        }
    }

    /// A reference to the value, if there is one.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::Some(1).as_ref(), Some(&1));
    /// ```
    pub const fn as_ref(&self) -> Option<&T> {
        match self {
            SeqOption::None => None,
            SeqOption::Some(value) => Some(value),
        }
    }

    /// A mutable reference to the value, if there is one.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// let mut option = SeqOption::Some(1);
    /// *option.as_mut().unwrap() = 2;
    /// assert_eq!(option, SeqOption::Some(2));
    /// ```
    pub const fn as_mut(&mut self) -> Option<&mut T> {
        match self {
            SeqOption::None => None,
            SeqOption::Some(value) => Some(value),
        }
    }

    /// Whether there is a value.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert!(SeqOption::Some(1).is_some());
    /// ```
    pub const fn is_some(&self) -> bool {
        matches!(self, SeqOption::Some(_))
    }

    /// Whether there is no value.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert!(SeqOption::<u8>::None.is_none());
    /// ```
    pub const fn is_none(&self) -> bool {
        !self.is_some()
    }

    /// Takes the value out, leaving `None`.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// let mut option = SeqOption::Some(1);
    /// assert_eq!((option.take(), option), (Some(1), SeqOption::None));
    /// ```
    pub fn take(&mut self) -> Option<T> {
        core::mem::take(self).into_option()
    }

    /// Replaces the value and returns the old one.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// let mut option = SeqOption::Some(1);
    /// assert_eq!((option.replace(2), option), (Some(1), SeqOption::Some(2)));
    /// ```
    pub fn replace(&mut self, value: T) -> Option<T> {
        core::mem::replace(self, SeqOption::Some(value)).into_option()
    }
}

impl<T> From<Option<T>> for SeqOption<T> {
    fn from(option: Option<T>) -> Self {
        match option {
            None => SeqOption::None,
            Some(value) => SeqOption::Some(value),
        }
    }
}

impl<T> From<SeqOption<T>> for Option<T> {
    fn from(option: SeqOption<T>) -> Self {
        option.into_option()
    }
}

impl<T> From<T> for SeqOption<T> {
    fn from(value: T) -> Self {
        SeqOption::Some(value)
    }
}
