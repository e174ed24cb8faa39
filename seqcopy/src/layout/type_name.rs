//! [`Layout::type_name`]: the name of a type, with its parts.

use core::fmt::{self, Display, Formatter};

use super::mark::Mark;
use super::tree::{Field, Layout, Scalar, Shape};

impl Layout {
    /// The type as a program would write it, as far as its layout says: `[u8; 3]`, `Pose`, `SeqOption<f32>`, `SeqStr<12>`. Of other
    /// generic types the parameters are not known.
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
    #[must_use]
    pub fn vec_of(&self) -> Option<(&Layout, usize)> {
        self.with_length(Mark::List)
    }

    /// The array after the length, of a type with this mark.
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
