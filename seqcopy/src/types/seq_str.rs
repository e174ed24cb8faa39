//! [`SeqStr`]: a string of fixed capacity.

use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt::{self, Debug, Display, Formatter};
use core::hash::{Hash, Hasher};
use core::mem::offset_of;
use core::ops::Deref;
use core::str::FromStr;

use crate::layout::{self, Layout, Mark};
use crate::seq_copy::SeqCopy;
use crate::types::CapacityError;
use crate::validity::{self, Bits, InvalidValue, Reason, Validate};

/// A string of at most `N` bytes, for names in payloads.
///
/// `repr(C)`: the length in bytes, a `u32`, then `N` bytes. All of them are initialised, those beyond the text with
/// zeros, so that the string is copied like a struct of numbers, whatever its length. `N` of 12, 28 or 60 leave no
/// padding after it.
///
/// A `SeqStr` dereferences to `str`, and is compared, ordered, hashed and printed as one.
///
/// [`Validate`] accepts the bits if the length is at most `N` and the text is UTF-8. It does not look at the bytes
/// beyond the text; another process may have left others than zeros there. The C header of `seqcopy header` checks
/// both, too.
///
/// ```
/// use seqcopy::{SeqCopy, SeqLock, SeqStr, Validate};
///
/// #[derive(Clone, Copy, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Sensor { name: SeqStr<12>, level: f32 }
///
/// static SENSOR: SeqLock<Sensor> = SeqLock::new(Sensor { name: SeqStr::literal("pump"), level: 0.0 });
///
/// SENSOR.update(|sensor| sensor.name.push_str(" 7"))?;
/// let sensor = SENSOR.read();
/// assert_eq!(sensor.name, "pump 7");
/// assert!(sensor.name.ends_with('7'));
/// assert!(SeqStr::<12>::try_from("a name that is too long").is_err());
/// # Ok::<(), seqcopy::CapacityError>(())
/// ```
#[derive(Clone, Copy)]
#[repr(C)]
pub struct SeqStr<const N: usize> {
    /// At most `N`.
    len: u32,
    /// The first `len` bytes are UTF-8.
    bytes: [u8; N],
}

/// The panic of [`SeqStr::literal`].
#[cold]
#[track_caller]
#[allow(clippy::cast_possible_truncation)] // a digit
const fn too_long(mut len: usize) -> ! {
    // Constants can't format numbers. So the digits are written in front of the words, and their unused space is cut
    // off.
    let mut message =
        *b"00000000000000000000 bytes of text do not fit into this `SeqStr<N>`: write a larger `N`, or a shorter text";
    let mut start = 20;
    while len > 0 {
        start -= 1;
        message[start] = b'0' + (len % 10) as u8;
        len /= 10;
    }
    match core::str::from_utf8(message.split_at(start).1) {
        Ok(message) => panic!("{}", message),
        Err(_) => unreachable!(),
    }
}

impl<const N: usize> SeqStr<N> {
    /// Without text. With one: [`literal`](Self::literal) in constants, `try_from` where it may be too long, or
    /// [`truncated`](Self::truncated).
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// assert_eq!(SeqStr::<8>::new(), "");
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N <= u32::MAX as usize, "the length of a `SeqStr` is a `u32`") }
        SeqStr { len: 0, bytes: [0; N] }
    }

    /// The text, for constants and statics.
    ///
    /// # Panics
    /// If it is longer than `N` bytes; in a constant, that is an error of the compiler's.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// const NAME: SeqStr<8> = SeqStr::literal("left");
    /// assert_eq!(NAME, "left");
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn literal(text: &str) -> Self {
        if text.len() > N {
            too_long(text.len());
        }
        Self::truncated(text)
    }

    /// The part of the text that there is space for: whole characters from its start.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// assert_eq!(SeqStr::<4>::truncated("größer"), "grö");
    /// ```
    #[must_use]
    #[allow(clippy::cast_possible_truncation)] // at most `N`, which fits
    pub const fn truncated(text: &str) -> Self {
        let text = text.as_bytes();
        let mut end = if text.len() < N { text.len() } else { N };
        // A character does not end at a byte that continues one.
        while end > 0 && end < text.len() && text[end] & 0xc0 == 0x80 {
            end -= 1;
        }
        let mut string = Self::new();
        let mut i = 0;
        while i < end {
            string.bytes[i] = text[i];
            i += 1;
        }
        string.len = end as u32;
        string
    }

    /// The text.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// assert_eq!(SeqStr::<8>::literal("left").as_str(), "left");
    /// ```
    #[must_use]
    pub const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.len as usize);
        // SAFETY: the first `len` bytes are UTF-8: the field is private, and all functions here keep it so, as does the
        // check of bits of another origin (P24 safety).
        unsafe { core::str::from_utf8_unchecked(text) }
    }

    /// How many bytes there is space for.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// assert_eq!(SeqStr::<8>::new().capacity(), 8);
    /// ```
    #[must_use]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// Appends a text.
    ///
    /// # Errors
    /// If there is not enough space. The string is then unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// let mut name = SeqStr::<8>::literal("left");
    /// assert!(name.push_str("most").is_ok() && name.push_str("!").is_err());
    /// assert_eq!(name, "leftmost");
    /// ```
    #[allow(clippy::cast_possible_truncation)] // at most `N`, which fits
    pub fn push_str(&mut self, text: &str) -> Result<(), CapacityError> {
        let start = self.len();
        let space =
            self.bytes[start..].get_mut(..text.len()).ok_or(CapacityError::new(start.saturating_add(text.len()), N))?;
        space.copy_from_slice(text.as_bytes());
        self.len = (start + text.len()) as u32;
        Ok(())
    }

    /// Appends a character.
    ///
    /// # Errors
    /// If there is not enough space. The string is then unchanged.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// let mut name = SeqStr::<2>::new();
    /// assert!(name.push('ß').is_ok() && name.push('s').is_err());
    /// ```
    pub fn push(&mut self, char: char) -> Result<(), CapacityError> {
        self.push_str(char.encode_utf8(&mut [0; 4]))
    }

    /// Removes the last character and returns it.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// let mut name = SeqStr::<8>::literal("Fuß");
    /// assert_eq!((name.pop(), name.as_str()), (Some('ß'), "Fu"));
    /// ```
    pub fn pop(&mut self) -> Option<char> {
        let last = self.chars().next_back()?;
        self.truncate(self.len() - last.len_utf8());
        Some(last)
    }

    /// Keeps the first `len` bytes; all, if there are not more.
    ///
    /// # Panics
    /// If a character would be divided.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// let mut name = SeqStr::<8>::literal("leftmost");
    /// name.truncate(4);
    /// assert_eq!(name, "left");
    /// ```
    #[track_caller]
    #[allow(clippy::cast_possible_truncation)] // at most `N`, which fits
    pub fn truncate(&mut self, len: usize) {
        let end = self.len();
        if len < end {
            assert!(self.is_char_boundary(len), "a character lies across byte {len}");
            self.len = len as u32;
            self.bytes[len..end].fill(0);
        }
    }

    /// Removes the text.
    ///
    /// ```
    /// # use seqcopy::SeqStr;
    /// let mut name = SeqStr::<8>::literal("left");
    /// name.clear();
    /// assert!(name.is_empty());
    /// ```
    pub fn clear(&mut self) {
        self.truncate(0);
    }
}

impl<const N: usize> Default for SeqStr<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Deref for SeqStr<N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> AsRef<str> for SeqStr<N> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl<const N: usize> Borrow<str> for SeqStr<N> {
    fn borrow(&self) -> &str {
        self
    }
}

impl<const N: usize> TryFrom<&str> for SeqStr<N> {
    type Error = CapacityError;

    fn try_from(text: &str) -> Result<Self, CapacityError> {
        let mut string = Self::new();
        string.push_str(text)?;
        Ok(string)
    }
}

impl<const N: usize> FromStr for SeqStr<N> {
    type Err = CapacityError;

    fn from_str(text: &str) -> Result<Self, CapacityError> {
        text.try_into()
    }
}

impl<const N: usize> fmt::Write for SeqStr<N> {
    /// Appends the text, if all of it has space.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text).map_err(|_| fmt::Error)
    }
}

impl<const N: usize, const M: usize> PartialEq<SeqStr<M>> for SeqStr<N> {
    fn eq(&self, other: &SeqStr<M>) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const N: usize> Eq for SeqStr<N> {}

impl<const N: usize> PartialEq<str> for SeqStr<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl<const N: usize> PartialEq<&str> for SeqStr<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<const N: usize> PartialOrd for SeqStr<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for SeqStr<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<const N: usize> Hash for SeqStr<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<const N: usize> Display for SeqStr<N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self.as_str(), f)
    }
}

impl<const N: usize> Debug for SeqStr<N> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(self.as_str(), f)
    }
}

// Written by hand, as the derives would write it, because this crate must compile without the derives. A test compares
// both (`tests/tests/values/by_hand.rs`).

// SAFETY: the only fields keep what an implementation promises, and are named at their true offsets (I3 exact); the
// rest is padding.
unsafe impl<const N: usize> SeqCopy for SeqStr<N> {
    const LAYOUT: &'static Layout = &layout::structure::<Self>(
        "SeqStr",
        true,
        const {
            &[
                layout::field("len", offset_of!(Self, len), u32::LAYOUT),
                layout::field("bytes", offset_of!(Self, bytes), <[u8; N]>::LAYOUT),
            ]
        },
    )
    .marked(Mark::Text);
}

// SAFETY: the layout is specified; bits pass if the length is at most `N` and this many bytes are UTF-8, the two
// invariants (P24 safety).
unsafe impl<const N: usize> Validate for SeqStr<N> {
    fn check(bits: &Bits<'_, Self>) -> Result<(), InvalidValue> {
        // SAFETY: a scalar of four bytes (P5 scalar).
        let len = unsafe { validity::part_of::<Self, u32, 0>(bits).number() };
        if len > N as u64 {
            let reason = Reason::Custom("more than the capacity");
            return validity::inside::<Self, 0>(Err(InvalidValue::new(u32::LAYOUT, len, reason)));
        }
        let bytes = validity::part_of::<Self, [u8; N], 1>(bits);
        #[allow(clippy::cast_possible_truncation)] // at most `N`
        // SAFETY: all `N` bytes are initialised (I6 maybe-invalid), and bytes need no alignment (P5 scalar).
        let text = unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast::<u8>(), len as usize) };
        match core::str::from_utf8(text) {
            Ok(_) => Ok(()),
            Err(_) => validity::inside::<Self, 1>(Err(bytes.refuse("the text is not UTF-8"))),
        }
    }
}
