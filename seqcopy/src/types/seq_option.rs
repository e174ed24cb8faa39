//! [`SeqOption`]: an `Option` with a specified layout.

use crate::layout::{self, Layout, Mark};
use crate::seq_copy::SeqCopy;
use crate::validity::{self, Bits, InvalidValue, Validate};

/// An `Option<T>` with a specified layout, for use in payloads.
///
/// The layout of an `Option<u64>`, for example, may differ between builds, so it cannot be partitioned into accesses.
/// This is the same enum with `repr(C, u8)`: a tag byte (0 for `None`, 1 for `Some`), followed by the value at `T`'s
/// alignment.
///
/// `SeqOption` has those methods of `Option` that a field needs. What takes a value out returns an `Option`; what
/// changes it in place or makes another value of a struct returns a `SeqOption`. For all others, convert it by
/// [`into_option`](Self::into_option).
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(C, u8)]
pub enum SeqOption<T> {
    /// No value.
    #[default]
    None = 0,
    /// A value.
    Some(T) = 1,
}

impl<T> SeqOption<T> {
    /// Converts from an `Option`; `From`, for constants.
    ///
    /// ```
    /// # use seqcopy::{SeqLock, SeqOption};
    /// static LIMIT: SeqLock<SeqOption<u32>> = SeqLock::new(SeqOption::from_option(Some(7)));
    /// assert_eq!(LIMIT.read(), Some(7));
    /// ```
    #[must_use]
    pub const fn from_option(option: Option<T>) -> Self
    where
        T: Copy,
    {
        match option {
            None => SeqOption::None,
            Some(value) => SeqOption::Some(value),
        }
    }

    /// A copy of the value, if there is one; [`into_option`](Self::into_option), for constants.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// const LIMIT: Option<u32> = SeqOption::Some(7).copied();
    /// assert_eq!(LIMIT, Some(7));
    /// ```
    #[must_use]
    pub const fn copied(&self) -> Option<T>
    where
        T: Copy,
    {
        match self {
            SeqOption::None => None,
            SeqOption::Some(value) => Some(*value),
        }
    }

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

    /// Whether there is a value for which `is` returns `true`.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert!(SeqOption::Some(7).is_some_and(|n| n > 5));
    /// ```
    pub fn is_some_and(self, is: impl FnOnce(T) -> bool) -> bool {
        self.into_option().is_some_and(is)
    }

    /// The value.
    ///
    /// # Panics
    /// If there is no value.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::Some(7).unwrap(), 7);
    /// ```
    #[track_caller]
    pub fn unwrap(self) -> T {
        match self {
            SeqOption::Some(value) => value,
            SeqOption::None => panic!("called `SeqOption::unwrap()` on a `None` value"),
        }
    }

    /// The value.
    ///
    /// # Panics
    /// With `message`, if there is no value.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::Some(7).expect("a limit"), 7);
    /// ```
    #[track_caller]
    pub fn expect(self, message: &str) -> T {
        match self {
            SeqOption::Some(value) => value,
            SeqOption::None => panic!("{message}"),
        }
    }

    /// The value, or `default`.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::None.unwrap_or(7), 7);
    /// ```
    pub fn unwrap_or(self, default: T) -> T {
        self.into_option().unwrap_or(default)
    }

    /// The value, or what `default` returns.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::None.unwrap_or_else(|| 7), 7);
    /// ```
    pub fn unwrap_or_else(self, default: impl FnOnce() -> T) -> T {
        self.into_option().unwrap_or_else(default)
    }

    /// The value, or that of `Default`.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::<u32>::None.unwrap_or_default(), 0);
    /// ```
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.into_option().unwrap_or_default()
    }

    /// What `change` makes of the value, if there is one.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::Some(7).map(f64::from), SeqOption::Some(7.0));
    /// ```
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> SeqOption<U> {
        self.into_option().map(change).into()
    }

    /// What `next` makes of the value, if there is one.
    ///
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert_eq!(SeqOption::Some(7u32).and_then(|n| SeqOption::from_option(n.checked_sub(8))), None);
    /// ```
    pub fn and_then<U>(self, next: impl FnOnce(T) -> SeqOption<U>) -> SeqOption<U> {
        match self {
            SeqOption::None => SeqOption::None,
            SeqOption::Some(value) => next(value),
        }
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

impl<T: PartialEq> PartialEq<Option<T>> for SeqOption<T> {
    /// ```
    /// # use seqcopy::SeqOption;
    /// assert!(SeqOption::Some(7) == Some(7) && SeqOption::Some(7) != None);
    /// ```
    fn eq(&self, other: &Option<T>) -> bool {
        self.as_ref() == other.as_ref()
    }
}

// Written by hand, as the derives would write it, because this crate must compile without the derives. A test compares
// both (`tests/tests/values/by_hand.rs`).

// SAFETY: the tag, and the field of `Some` where the constant has asked the compiler, are all of the data; the field's
// type keeps what an implementation promises (I3 exact).
unsafe impl<T> SeqCopy for SeqOption<T>
where
    T: SeqCopy,
{
    const LAYOUT: &'static Layout = {
        let layout: &'static Layout = &layout::enum_with_fields::<Self>(
            "SeqOption",
            true,
            u8::LAYOUT,
            &[
                layout::variant("None", 0, &[]),
                layout::variant("Some", 1, &layout::place(0, [layout::part("0", T::LAYOUT)])),
            ],
        )
        .marked(Mark::Optional);
        // SAFETY: in a constant, with all that is done with the result (I3 exact).
        let mut probe = unsafe { layout::probe::<Self>(layout) };
        while layout::next_tag(&mut probe) {
            // SAFETY: in a constant, where the compiler rejects an image that is not valid (I3 exact).
            match unsafe { &*layout::value(&probe) } {
                SeqOption::None => layout::is_variant(&probe, 0),
                SeqOption::Some(value) => {
                    layout::is_variant(&probe, 1);
                    // SAFETY: a field of what `value` gave (I3 exact).
                    unsafe { layout::lies(&probe, 0, &raw const *value) };
                }
            }
        }
        layout
    };
}

// SAFETY: the layout is specified; bits pass if the tag is that of a variant, and the field of that variant passes
// (I6 maybe-invalid).
unsafe impl<T> Validate for SeqOption<T>
where
    T: Validate,
{
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        match validity::read_tag::<Self, u8>(bits) {
            0 => Ok(()),
            1 => {
                // SAFETY: 1 is the tag of variant 1 (I6 maybe-invalid).
                let value = unsafe { validity::part_of_variant::<Self, T, 1, 0>(bits) };
                validity::inside_variant::<Self, 1, 0>(T::check(&value))
            }
            _ => validity::bad_tag(bits),
        }
    }
}
