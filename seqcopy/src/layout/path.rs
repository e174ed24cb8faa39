//! [`Path`]: where a part of a value lies, as a program would write it.

use core::fmt::{self, Display, Formatter};

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
    /// The elements of an array from an index on; from 0, any element.
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
