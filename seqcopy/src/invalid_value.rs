//! [`InvalidValue`]: which part of a value has an invalid bit pattern.

use core::fmt::{self, Display, Formatter};

use crate::layout::{Field, Layout, Scalar, Shape};

/// An invalid bit pattern: where it lies, which bits were found, why they are not valid.
///
/// It is small (at most 64 bytes) and does not allocate: it stores the number of the place in the type's layout tree, from
/// which the path is found when it is printed.
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
#[derive(Clone, Copy)]
pub struct InvalidValue {
    layout: &'static Layout,
    /// The number of the place among all nodes of the tree, in the order of declaration: the root is 0, a first child
    /// directly follows its parent, and each array element and the fields of all variants count.
    node: u64,
    found: u64,
    reason: Reason,
}

/// Why the bits are not valid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Bool,
    Char,
    Zero,
    Tag,
    Custom(&'static str),
}

impl InvalidValue {
    #[cold]
    pub(crate) const fn new(layout: &'static Layout, found: u64, reason: Reason) -> Self {
        InvalidValue { layout, node: 0, found, reason }
    }

    /// The same error, as one of the enclosing type.
    #[cold]
    pub(crate) const fn inside(self, layout: &'static Layout, node: u64) -> Self {
        InvalidValue { layout, node: self.node + node, ..self }
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
    pub const fn layout(&self) -> &'static Layout {
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
        let mut offset = 0;
        self.walk(|step| offset += step.offset());
        offset
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
    pub fn path(&self) -> impl Display + use<> {
        Path(*self)
    }

    /// Walks from the root to the place, calling `each` with every step, and returns the layout there.
    fn walk(&self, mut each: impl FnMut(Step)) -> &'static Layout {
        let (mut layout, mut node) = (self.layout, self.node);
        while node > 0 {
            let Some((step, inside, rest)) = layout.child_with(node - 1) else { break };
            each(step);
            (layout, node) = (inside, rest);
        }
        layout
    }
}

/// One step of a path.
#[derive(Clone, Copy)]
enum Step {
    Field(&'static Field),
    Element {
        index: u64,
        offset: usize,
    },
    /// A field of a variant, at an offset from the start of the enum.
    Variant {
        variant: &'static str,
        field: &'static Field,
        offset: usize,
    },
}

impl Step {
    fn offset(self) -> usize {
        match self {
            Step::Field(field) => field.offset(),
            Step::Element { offset, .. } | Step::Variant { offset, .. } => offset,
        }
    }
}

impl Layout {
    /// The number of field `index` among the nodes.
    pub(crate) const fn node_of_field(&self, index: usize) -> u64 {
        1 + nodes_before(self.fields(), index)
    }

    /// The number of a variant's field among the nodes. Number 1 is that of the tag.
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

    /// The number of an array's element among the nodes.
    pub(crate) const fn node_of_element(&self, index: usize) -> u64 {
        match self.shape() {
            Shape::Array { element, .. } => 1 + element.nodes() * index as u64,
            _ => 0,
        }
    }

    /// The child that contains node `node`, counted from the first child, and the node's number inside that child.
    fn child_with(&self, mut node: u64) -> Option<(Step, &'static Layout, u64)> {
        let find = |fields: &'static [Field], node: &mut u64| {
            for field in fields {
                if *node < field.layout().nodes() {
                    return Some(field);
                }
                *node -= field.layout().nodes();
            }
            None
        };
        match self.shape() {
            Shape::Struct { fields } => {
                let field = find(fields, &mut node)?;
                Some((Step::Field(field), field.layout(), node))
            }
            #[allow(clippy::cast_possible_truncation)] // the index of an element that exists
            Shape::Array { element, .. } => {
                let index = node / element.nodes();
                let offset = index as usize * element.size();
                Some((Step::Element { index, offset }, element, node % element.nodes()))
            }
            Shape::Enum { payload, variants, .. } => {
                node = node.checked_sub(1)?;
                for variant in variants {
                    if let Some(field) = find(variant.fields(), &mut node) {
                        let offset = payload + field.offset();
                        return Some((Step::Variant { variant: variant.name(), field, offset }, field.layout(), node));
                    }
                }
                None
            }
            _ => None,
        }
    }
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

struct Path(InvalidValue);

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut result = Ok(());
        let mut first = true;
        self.0.walk(|step| {
            if result.is_ok() {
                let dot = if first { "" } else { "." };
                result = match step {
                    Step::Field(field) => write!(f, "{dot}{}", field.name()),
                    Step::Element { index, .. } => write!(f, "[{index}]"),
                    Step::Variant { variant, field, .. } => write!(f, "{dot}{variant}.{}", field.name()),
                };
                first = false;
            }
        });
        result
    }
}

impl Display for InvalidValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "invalid `{}`: ", self.layout.name())?;
        let mut offset = None;
        let place = self.walk(|step| *offset.get_or_insert(0) += step.offset());
        if let Reason::Custom(reason) = self.reason {
            return match offset {
                None => f.write_str(reason),
                Some(offset) => write!(f, "`{}` at byte {offset}: {reason}", self.path()),
            };
        }
        match offset {
            None => write!(f, "found {:#x}", self.found)?,
            Some(offset) => write!(f, "`{}` at byte {offset} is {:#x}", self.path(), self.found)?,
        }
        f.write_str(", expected ")?;
        match self.reason {
            Reason::Bool => f.write_str("a `bool`: 0 or 1"),
            Reason::Char => f.write_str("a `char`: a Unicode scalar value"),
            Reason::Zero if matches!(place.shape(), Shape::Scalar(Scalar::NonZeroSigned | Scalar::NonZeroUnsigned)) => {
                f.write_str("a number that is not 0")
            }
            Reason::Zero => f.write_str("a pointer that is not null"),
            Reason::Tag => {
                write!(f, "a variant of `{}`: ", place.name())?;
                // Enough to recognise the enum.
                for (i, variant) in place.variants().iter().take(6).enumerate() {
                    let comma = if i == 0 { "" } else { ", " };
                    write!(f, "{comma}{} = {}", variant.name(), variant.value())?;
                }
                if place.variants().len() > 6 { f.write_str(", ...") } else { Ok(()) }
            }
            Reason::Custom(_) => Ok(()),
        }
    }
}

impl fmt::Debug for InvalidValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "InvalidValue({self})")
    }
}

impl PartialEq for InvalidValue {
    /// Whether the same bits were refused at the same place of the same type, for the same reason.
    fn eq(&self, other: &Self) -> bool {
        // A constant may have several addresses: each crate that uses it may have its own copy.
        let same_type =
            core::ptr::eq(self.layout, other.layout) || self.layout.fingerprint() == other.layout.fingerprint();
        same_type && (self.node, self.found, self.reason) == (other.node, other.found, other.reason)
    }
}

impl Eq for InvalidValue {}

impl core::error::Error for InvalidValue {}

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
