//! [`SeqOption`]: an `Option` with a specified layout.

use crate::private::{self, EnumWithFields, Visitor};
use crate::{Bits, InvalidValue, Layout, SeqCopy, Validate};

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

// What the derives would write, by hand: the crate works without them. A test holds the impls to that (`tests/tests/by_hand.rs`).

// SAFETY: the tag, and the field of `Some` where the constant has asked the compiler, are all of the data; the field's type keeps what
// an implementation promises (I3 exact).
unsafe impl<T> SeqCopy for SeqOption<T>
where
    T: SeqCopy,
{
    const LAYOUT: &'static Layout = {
        let layout: &'static Layout = &private::enum_with_fields::<Self>(
            "SeqOption",
            true,
            u8::LAYOUT,
            &[
                private::variant("None", 0, &[]),
                private::variant("Some", 1, &private::place(0, [private::part("0", T::LAYOUT)])),
            ],
        );
        // SAFETY: in a constant, with all that is done with the result (I3 exact).
        let mut probe = unsafe { private::probe::<Self>(layout) };
        while private::next_tag(&mut probe) {
            // SAFETY: in a constant, where the compiler rejects an image that is not valid (I3 exact).
            match unsafe { &*private::value(&probe) } {
                SeqOption::None => private::is_variant(&probe, 0),
                SeqOption::Some(value) => {
                    private::is_variant(&probe, 1);
                    // SAFETY: a field of what `value` gave (I3 exact).
                    unsafe { private::lies(&probe, 0, &raw const *value) };
                }
            }
        }
        layout
    };

    #[inline(always)]
    fn visit<V: Visitor>(visitor: &mut V, base: usize) {
        private::visit_enum::<Self, V>(visitor, base);
    }
}

// SAFETY: the tag is a `u8` at offset 0; of each variant the fields are announced that the layout has, where it has them
// (I3 exact).
unsafe impl<T> EnumWithFields for SeqOption<T>
where
    T: SeqCopy,
{
    type Tag = u8;

    #[inline(always)]
    fn visit_variant<V: Visitor>(tag: u8, visitor: &mut V, base: usize) -> bool {
        match tag {
            0 => {}
            1 => {
                let offset = private::at_variant::<Self, 1, 0, V>(visitor, base);
                T::visit(visitor, offset);
            }
            _ => return false,
        }
        private::finish_variant::<Self, V>(visitor, base);
        true
    }
}

// SAFETY: the layout is specified; bits pass if the tag is that of a variant, and the field of that variant passes
// (I6 maybe-invalid).
unsafe impl<T> Validate for SeqOption<T>
where
    T: Validate,
{
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        match private::read_tag(bits) {
            0 => Ok(()),
            1 => {
                // SAFETY: 1 is the tag of variant 1 (I6 maybe-invalid).
                let value = unsafe { private::part_of_variant::<Self, T, 1, 0>(bits) };
                private::inside_variant::<Self, 1, 0>(T::check(&value))
            }
            _ => Err(private::bad_tag(bits)),
        }
    }
}
