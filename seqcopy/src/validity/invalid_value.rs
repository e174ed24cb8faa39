//! [`InvalidValue`] says which part of a value has an invalid bit pattern.

use core::fmt::{self, Display, Formatter};

use crate::layout::{Field, Layout, Path, Scalar, Shape};

/// An invalid bit pattern: where it lies, which bits were found, why they are not valid.
///
/// The error is small (at most 64 bytes) and does not allocate: it stores the number of the place in the type's layout
/// tree, from which the path is found when it is printed.
///
/// ```
/// use seqcopy::{MaybeInvalid, SeqCopy, Validate};
///
/// #[derive(SeqCopy, Validate)]
/// #[repr(C)]
/// struct Pose { at: u64, mode: [bool; 3] }
///
/// let mut bits = MaybeInvalid::<Pose>::zeroed();
/// // SAFETY: inside the private copy.
/// unsafe { bits.as_mut_ptr().cast::<u8>().add(10).write(42) };
/// let error = bits.validate().err().unwrap();
/// assert_eq!(error.to_string(), "invalid `Pose`: `mode[2]` at byte 10 is 0x2a, expected a `bool`: 0 or 1");
/// assert_eq!((error.offset(), error.found()), (10, 0x2a));
/// ```
///
/// `L` is how it has the layout of the type: [`Layout::validate`] borrows that from the layout that it is called on,
/// which need not be a constant.
#[derive(Clone, Copy)]
pub struct InvalidValue<L = &'static Layout> {
    layout: L,
    /// The number of the place among all nodes of the tree, in the order of declaration. The root has number 0, and a
    /// first child follows its parent. Each array element and the fields of all variants count.
    node: u64,
    found: u64,
    reason: Reason,
}

/// Why bits are not valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Bool,
    Char,
    Zero,
    Tag,
    Custom(&'static str),
}

impl<'a> InvalidValue<&'a Layout> {
    #[cold]
    pub(crate) const fn new(layout: &'a Layout, found: u64, reason: Reason) -> Self {
        InvalidValue { layout, node: 0, found, reason }
    }

    /// This error with the path in the enclosing type.
    #[cold]
    pub(crate) const fn inside(self, layout: &'a Layout, node: u64) -> Self {
        InvalidValue { layout, node: self.node + node, ..self }
    }

    /// This error, as one of a type that has `part` at this offset. For seqcopy-shm, which is pinned to this version.
    #[doc(hidden)]
    #[cold]
    #[must_use]
    pub fn in_part(self, whole: &'a Layout, offset: usize, part: &Layout) -> Self {
        whole.node_of_part(offset, part).map_or(self, |node| self.inside(whole, node))
    }

    /// The layout of the type that was checked.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// # let mut bits = MaybeInvalid::<bool>::zeroed();
    /// # unsafe { bits.as_mut_ptr().cast::<u8>().write(2) };
    /// assert_eq!(bits.validate().unwrap_err().layout().name(), "bool");
    /// ```
    #[must_use]
    pub const fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// The offset of the invalid bits from the start of the type, in bytes.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// # let mut bits = MaybeInvalid::<[bool; 3]>::zeroed();
    /// # unsafe { bits.as_mut_ptr().cast::<u8>().add(1).write(2) };
    /// assert_eq!(bits.validate().unwrap_err().offset(), 1);
    /// ```
    #[must_use]
    pub fn offset(&self) -> usize {
        self.at_place(|_, offset, _| offset)
    }

    /// The bits found there, as an unsigned number; 0 if a `check` function refused a whole struct.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// # let mut bits = MaybeInvalid::<bool>::zeroed();
    /// # unsafe { bits.as_mut_ptr().cast::<u8>().write(2) };
    /// assert_eq!(bits.validate().unwrap_err().found(), 2);
    /// ```
    #[must_use]
    pub const fn found(&self) -> u64 {
        self.found
    }

    /// The path of the invalid part, such as `pose.mode[2]`; empty if it is the whole value.
    ///
    /// ```
    /// # use seqcopy::MaybeInvalid;
    /// # let mut bits = MaybeInvalid::<[bool; 3]>::zeroed();
    /// # unsafe { bits.as_mut_ptr().cast::<u8>().add(1).write(2) };
    /// assert_eq!(bits.validate().unwrap_err().path().to_string(), "[1]");
    /// ```
    #[must_use]
    pub fn path(&self) -> impl Display + use<'a> {
        PathOf(*self)
    }

    /// Calls `found` with the path, the offset and the layout of the place.
    fn at_place<R>(&self, found: impl FnOnce(&Path<'_>, usize, &'a Layout) -> R) -> R {
        self.layout.at_node(self.node, &Path::Root, 0, found)
    }
}

impl Layout {
    /// The node number of field `index`.
    pub(crate) const fn node_of_field(&self, index: usize) -> u64 {
        1 + nodes_before(self.fields(), index)
    }

    /// The node number of a variant's field. The tag has number 1.
    pub(crate) const fn node_of_variant_field(&self, variant: usize, index: usize) -> u64 {
        let variants = self.variants();
        let mut node = 2;
        let mut i = 0;
        while i < variant {
            node += nodes_before(variants[i].fields(), variants[i].fields().len());
            i += 1;
        }
        node + nodes_before(variants[variant].fields(), index)
    }

    /// The node number of an array's element.
    pub(crate) const fn node_of_element(&self, index: usize) -> u64 {
        match self.shape() {
            Shape::Array { element, .. } => 1 + element.nodes() * index as u64,
            _ => 0,
        }
    }

    /// Calls `found` with the path, the offset and the layout of node `node`, where this layout has the path and the
    /// offset given.
    fn at_node<'a, R>(
        &'a self,
        node: u64,
        path: &Path<'_>,
        offset: usize,
        found: impl FnOnce(&Path<'_>, usize, &'a Layout) -> R,
    ) -> R {
        let Some(child) = node.checked_sub(1).and_then(|node| self.child_with(node)) else {
            return found(path, offset, self);
        };
        let variant;
        let path = match child.step {
            Step::Field(name) => Path::Field(path, name),
            Step::Element(index) => Path::Element(path, index),
            Step::OfVariant(name, field) => {
                variant = Path::Field(path, name);
                Path::Field(&variant, field)
            }
        };
        child.layout.at_node(child.node, &path, offset + child.offset, found)
    }

    /// The child that contains node number `node`, counted from the first child.
    fn child_with(&self, mut node: u64) -> Option<Child<'_>> {
        fn find<'f>(fields: &'f [Field], node: &mut u64) -> Option<&'f Field> {
            for field in fields {
                if *node < field.layout().nodes() {
                    return Some(field);
                }
                *node -= field.layout().nodes();
            }
            None
        }
        match self.shape() {
            Shape::Struct { fields } => {
                let field = find(fields, &mut node)?;
                Some(Child { step: Step::Field(field.name()), offset: field.offset(), layout: field.layout(), node })
            }
            #[allow(clippy::cast_possible_truncation)] // the index of an element that exists
            Shape::Array { element, .. } => {
                let index = (node / element.nodes()) as usize;
                let (offset, node) = (index * element.size(), node % element.nodes());
                Some(Child { step: Step::Element(index), offset, layout: element, node })
            }
            Shape::Enum { payload, variants, .. } => {
                node = node.checked_sub(1)?;
                variants.iter().find_map(|variant| {
                    let field = find(variant.fields(), &mut node)?;
                    let step = Step::OfVariant(variant.name(), field.name());
                    Some(Child { step, offset: payload + field.offset(), layout: field.layout(), node })
                })
            }
            _ => None,
        }
    }
}

/// A child on the path to a node.
struct Child<'a> {
    step: Step<'a>,
    /// The offset from the start of its parent.
    offset: usize,
    layout: &'a Layout,
    /// The number of the node inside of the child.
    node: u64,
}

/// The part of a path that leads to a child.
enum Step<'a> {
    Field(&'a str),
    Element(usize),
    /// A variant, and one of its fields.
    OfVariant(&'a str, &'a str),
}

const fn nodes_before(fields: &[Field], count: usize) -> u64 {
    let mut nodes = 0;
    let mut i = 0;
    while i < count {
        nodes += fields[i].layout().nodes();
        i += 1;
    }
    nodes
}

/// The path of the place.
struct PathOf<'a>(InvalidValue<&'a Layout>);

impl Display for PathOf<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.at_place(|path, _, _| path.fmt(f))
    }
}

impl Display for InvalidValue<&Layout> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "invalid `{}`: ", self.layout.name())?;
        self.at_place(|path, offset, place| match (self.reason, path.is_root()) {
            (Reason::Custom(reason), true) => f.write_str(reason),
            (Reason::Custom(reason), false) => write!(f, "`{path}` at byte {offset}: {reason}"),
            (_, true) => write!(f, "found {:#x}, expected {}", self.found, Expected(self.reason, place)),
            (_, false) => {
                write!(f, "`{path}` at byte {offset} is {:#x}, expected {}", self.found, Expected(self.reason, place))
            }
        })
    }
}

/// What the place should contain.
struct Expected<'a>(Reason, &'a Layout);

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Expected(reason, place) = self;
        match reason {
            Reason::Bool => f.write_str("a `bool`: 0 or 1"),
            Reason::Char => f.write_str("a `char`: a Unicode scalar value"),
            Reason::Zero if matches!(place.shape(), Shape::Scalar(Scalar::NonZeroSigned | Scalar::NonZeroUnsigned)) => {
                f.write_str("a number that is not 0")
            }
            Reason::Zero => f.write_str("a pointer that is not null"),
            Reason::Tag => {
                write!(f, "a variant of `{}`: ", place.name())?;
                // Enough variants to recognise the enum.
                for (i, variant) in place.variants().iter().take(6).enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{} = {}", variant.name(), variant.value())?;
                }
                if place.variants().len() > 6 { f.write_str(", ...") } else { Ok(()) }
            }
            Reason::Custom(reason) => f.write_str(reason),
        }
    }
}

impl fmt::Debug for InvalidValue<&Layout> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "InvalidValue({self})")
    }
}

impl PartialEq for InvalidValue<&Layout> {
    /// Equal if the same bits were refused at the same place of the same type for the same reason.
    fn eq(&self, other: &Self) -> bool {
        // Addresses are not compared: each crate that uses a constant may have a copy of its own.
        let same_type =
            core::ptr::eq(self.layout, other.layout) || self.layout.fingerprint() == other.layout.fingerprint();
        same_type && (self.node, self.found, self.reason) == (other.node, other.found, other.reason)
    }
}

impl Eq for InvalidValue<&Layout> {}

impl core::error::Error for InvalidValue<&Layout> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::array;

    #[test]
    fn errors_are_equal_wherever_their_layouts_lie() {
        static HERE: Layout = array::<bool, 3>(<bool as crate::SeqCopy>::LAYOUT);
        static THERE: Layout = array::<bool, 3>(<bool as crate::SeqCopy>::LAYOUT);
        static OTHER: Layout = array::<bool, 4>(<bool as crate::SeqCopy>::LAYOUT);
        let error = |layout| InvalidValue::new(layout, 3, Reason::Bool);
        assert_eq!(error(&HERE), error(&THERE));
        assert_ne!(error(&HERE), error(&OTHER));
        assert_ne!(error(&HERE), error(&HERE).inside(&HERE, 1));
    }
}
