//! Names of fields, compared in constants, the name of a type with its parts, and [`Path`], the path of a part of a
//! value as a program would write it.
//!
//! Every derived check compares names at compile time. The interpreter of constants takes a microsecond for a call, and
//! a tenth of that for anything else. So texts are compared word by word, with as few calls as possible.

use core::fmt;
use core::fmt::{Display, Formatter};

use super::access::Mark;
use super::tree::{Field, Layout, Scalar, Shape};

/// A word at any address, and the bytes after it.
#[repr(C, packed)]
struct Unaligned<W>(W, ());

/// The rest of two texts that are being compared.
struct Texts {
    a: *const u8,
    b: *const u8,
}

impl Texts {
    /// Skips the next `len` bytes if they are equal in both texts.
    ///
    /// # Safety
    /// Both have this many initialised bytes.
    const unsafe fn skip(&mut self, len: usize) -> bool {
        let mut left = len;
        /// Skips a word if it is equal in both texts.
        macro_rules! word {
            ($word:ty) => {
                let (a, b) = (self.a.cast::<Unaligned<$word>>(), self.b.cast::<Unaligned<$word>>());
                // SAFETY: this many bytes are left, by this function's contract; integers have no invalid bits (P5
                // scalar).
                let first = unsafe { (*a).0 };
                // SAFETY: in the other one as many are left (P5 scalar).
                let second = unsafe { (*b).0 };
                if first != second {
                    return false;
                }
                // SAFETY: the end of these bytes, inside or at the end of the text (P9 layout, P10 raw-place).
                self.a = unsafe { &raw const (*a).1 }.cast();
                // SAFETY: inside or at the end of the other text (P9 layout, P10 raw-place).
                self.b = unsafe { &raw const (*b).1 }.cast();
                left -= size_of::<$word>();
            };
        }
        while left >= 8 {
            word!(u64);
        }
        if left >= 4 {
            word!(u32);
        }
        while left > 0 {
            word!(u8);
        }
        true
    }
}

/// Compares two texts.
pub(super) const fn same_text(a: &str, b: &str) -> bool {
    let len = a.len();
    // SAFETY: if they have the same length, both have this many bytes, which are initialised (P5 scalar).
    len == b.len() && unsafe { Texts { a: a.as_ptr(), b: b.as_ptr() }.skip(len) }
}

/// Whether `names` lists the fields that are not skipped, each followed by [`END`].
pub(crate) const fn are_named(fields: &[Field], names: &str) -> bool {
    let mut rest = Texts { a: names.as_ptr(), b: names.as_ptr() };
    let (count, mut left, mut i) = (fields.len(), names.len(), 0);
    while i < count {
        let field = &fields[i];
        i += 1;
        if matches!(field.layout.shape, Shape::Skipped) {
            continue;
        }
        let len = field.name.len();
        if left <= len {
            return false;
        }
        rest.b = field.name.as_ptr();
        // SAFETY: both have this many bytes, which are initialised (P5 scalar).
        if !unsafe { rest.skip(len) } {
            return false;
        }
        rest.b = END.as_ptr();
        // SAFETY: both have one more byte, which is initialised (P5 scalar).
        if !unsafe { rest.skip(1) } {
            return false;
        }
        left -= len + 1;
    }
    left == 0
}

/// The separator after each name of a list. No name contains it.
const END: &str = "\n";

/// Where a part of a value lies, as a program would write it: `legs[2].length`, `shape.Circle.radius`.
///
/// Each step borrows the one before it, so that a recursive walk over a type keeps its path on the stack.
///
/// ```
/// use seqcopy::layout::Path;
///
/// let legs = Path::Field(&Path::Root, "legs");
/// let leg = Path::Element(&legs, 2);
/// assert_eq!(Path::Field(&leg, "length").to_string(), "legs[2].length");
/// assert_eq!(Path::From(&legs, 3).to_string(), "legs[3..]");
/// assert_eq!(Path::Field(&Path::From(&legs, 0), "length").to_string(), "legs[..].length");
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Path<'p> {
    /// The whole value. Its path is empty.
    Root,
    /// A field. A variant's name is a step on the way to one of its fields.
    Field(&'p Path<'p>, &'p str),
    /// An element of an array.
    Element(&'p Path<'p>, usize),
    /// The elements of an array from an index on. From 0, it stands for any element.
    From(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// Whether it is the path of the whole value.
    ///
    /// ```
    /// # use seqcopy::layout::Path;
    /// assert!(Path::Root.is_root() && !Path::Element(&Path::Root, 0).is_root());
    /// ```
    #[must_use]
    pub const fn is_root(&self) -> bool {
        matches!(self, Path::Root)
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Element(parent, index) => write!(f, "{parent}[{index}]"),
            Path::From(parent, 0) => write!(f, "{parent}[..]"),
            Path::From(parent, index) => write!(f, "{parent}[{index}..]"),
        }
    }
}

impl Layout {
    /// The type as a program would write it, as far as its layout says: `[u8; 3]`, `Pose`, `SeqOption<f32>`,
    /// `SeqStr<12>`. Of other generic types the parameters are not known.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert_eq!(<[[u8; 3]; 2]>::LAYOUT.type_name().to_string(), "[[u8; 3]; 2]");
    /// assert_eq!(SeqOption::<f32>::LAYOUT.type_name().to_string(), "SeqOption<f32>");
    /// ```
    #[must_use]
    pub fn type_name(&self) -> impl Display + use<'_> {
        TypeName(self)
    }

    /// What is in the `Some` of a [`SeqOption`](crate::SeqOption), if it is one.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqOption};
    /// assert_eq!(SeqOption::<u8>::LAYOUT.option_of().unwrap().name(), "u8");
    /// assert!(u8::LAYOUT.option_of().is_none());
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn option_of(&self) -> Option<&Layout> {
        match (self.mark, self.variants()) {
            (Some(Mark::Optional), [_, some]) => some.fields.first().map(Field::layout),
            _ => None,
        }
    }

    /// The capacity of a [`SeqStr`](crate::SeqStr), if it is one.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqStr};
    /// assert_eq!(SeqStr::<12>::LAYOUT.str_capacity(), Some(12));
    /// assert_eq!(<[u8; 12]>::LAYOUT.str_capacity(), None);
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn str_capacity(&self) -> Option<usize> {
        self.with_length(Mark::Text).map(|(_, capacity)| capacity)
    }

    /// The elements and the capacity of a [`SeqVec`](crate::SeqVec), if it is one.
    ///
    /// ```
    /// # use seqcopy::{SeqCopy, SeqVec};
    /// let (element, capacity) = SeqVec::<f32, 4>::LAYOUT.vec_of().unwrap();
    /// assert_eq!((element.name(), capacity), ("f32", 4));
    /// assert!(<[f32; 4]>::LAYOUT.vec_of().is_none());
    /// ```
    #[doc(hidden)]
    #[must_use]
    pub fn vec_of(&self) -> Option<(&Layout, usize)> {
        self.with_length(Mark::List)
    }

    /// The array that follows the length, in a type with this mark.
    fn with_length(&self, mark: Mark) -> Option<(&Layout, usize)> {
        match self.fields() {
            [_, Field { layout: Layout { shape: Shape::Array { element, len }, .. }, .. }]
                if self.mark == Some(mark) =>
            {
                Some((element, *len))
            }
            _ => None,
        }
    }
}

struct TypeName<'a>(&'a Layout);

impl Display for TypeName<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.shape {
            Shape::Array { element, len } => write!(f, "[{}; {len}]", TypeName(element)),
            Shape::Struct { .. } if self.0.name.is_empty() => f.write_str("tuple"),
            _ => match (self.0.option_of(), self.0.vec_of(), self.0.str_capacity()) {
                (Some(inside), ..) => write!(f, "{}<{}>", self.0.name, TypeName(inside)),
                (_, Some((element, capacity)), _) => write!(f, "{}<{}, {capacity}>", self.0.name, TypeName(element)),
                (.., Some(capacity)) => write!(f, "{}<{capacity}>", self.0.name),
                _ => f.write_str(self.0.name),
            },
        }
    }
}

impl Scalar {
    /// The name of the Rust type: a scalar of this kind that is `size` bytes wide.
    ///
    /// ```
    /// # use seqcopy::layout::Scalar;
    /// assert_eq!(Scalar::Signed.type_name(2), "i16");
    /// ```
    #[must_use]
    pub const fn type_name(self, size: usize) -> &'static str {
        macro_rules! by_size {
            ($prefix:literal, $suffix:literal) => {
                match size {
                    1 => concat!($prefix, "8", $suffix),
                    2 => concat!($prefix, "16", $suffix),
                    4 => concat!($prefix, "32", $suffix),
                    8 => concat!($prefix, "64", $suffix),
                    _ => concat!($prefix, "128", $suffix),
                }
            };
        }
        match self {
            Scalar::Unsigned => by_size!("u", ""),
            Scalar::Signed => by_size!("i", ""),
            Scalar::Float => by_size!("f", ""),
            Scalar::Bool => "bool",
            Scalar::Char => "char",
            Scalar::NonZeroUnsigned => by_size!("NonZero<u", ">"),
            Scalar::NonZeroSigned => by_size!("NonZero<i", ">"),
            Scalar::OptionNonZeroUnsigned => by_size!("Option<NonZero<u", ">>"),
            Scalar::OptionNonZeroSigned => by_size!("Option<NonZero<i", ">>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{are_named, same_text};
    use crate::SeqCopy as _;
    use crate::layout::{Field, Layout};

    #[test]
    fn texts_of_every_length_differ_in_every_byte() {
        let text = "abcdefghijklmnopqrstuvwxyz";
        for len in 0..text.len() {
            let whole = &text[..len];
            assert!(same_text(whole, &std::string::String::from(whole)));
            assert!(!same_text(whole, &text[..=len]));
            assert!(!same_text(&text[..=len], whole));
            for at in 0..len {
                let other = std::format!("{}-{}", &whole[..at], &whole[at + 1..]);
                assert!(!same_text(whole, &other) && !same_text(&other, whole), "{other}");
            }
        }
    }

    #[test]
    fn names_are_compared_with_their_ends() {
        static HOLE: Layout = Layout::of_skipped(1, 1);
        let of = |name| Field::new(name, 0, u8::LAYOUT);
        let fields = [of("ab"), Field::new("hole", 0, &HOLE), of("c"), of("a_long_name")];
        assert!(are_named(&fields, "ab\nc\na_long_name\n"));
        assert!(are_named(&fields[..0], "") && are_named(&fields[1..2], ""));
        for other in [
            "",
            "ab\nc\n",
            "a\nbc\na_long_name\n",
            "abc\na_long_name\n",
            "ab\nc\na_long_name",
            "ab\nc\na_long_nama\n",
            "ab\nc\na_long_name\n\n",
            "ab\nhole\nc\na_long_name\n",
            "ab\nc\na_long_name\nd\n",
            "c\nab\na_long_name\n",
        ] {
            assert!(!are_named(&fields, other), "{other}");
        }
    }
}
