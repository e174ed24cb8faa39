//! Where a value lies in another, written as in a program: `legs[2].length`, `outline.Circle.radius`.

use std::fmt::{self, Display, Formatter};

/// A path. Each part lies on the stack of the function that walks over the value.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    Root,
    /// A field, or a variant on the way to one.
    Field(&'p Path<'p>, &'static str),
    Element(&'p Path<'p>, usize),
    /// An array's elements, from this index to the end.
    From(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub(super) fn is_root(&self) -> bool {
        matches!(self, Path::Root)
    }
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(path, name) => write!(f, "{path}.{name}"),
            Path::Element(path, index) => write!(f, "{path}[{index}]"),
            Path::From(path, index) => write!(f, "{path}[{index}..]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_in_a_program() {
        let legs = Path::Field(&Path::Root, "legs");
        let leg = Path::Element(&legs, 2);
        assert_eq!(Path::Field(&leg, "length").to_string(), "legs[2].length");
        assert_eq!(Path::From(&Path::Root, 8).to_string(), "[8..]");
        assert!(Path::Root.is_root() && Path::Root.to_string().is_empty());
    }
}
