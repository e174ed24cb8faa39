//! [`Difference`]: the first place where two types differ, described in one line.

pub(crate) mod matching;

use std::fmt;

use seqcopy::layout::{Mark, Path};

use super::Schema;
use super::from_schema::OwnedLayout;
use super::parse::{FieldNode, Kind, Node, VariantNode};

/// The first place where two types differ: what is there (in the region), and what is here (in this program).
///
/// ```
/// use seqcopy::{SeqCopy, Validate};
/// use seqcopy_shm::Schema;
///
/// mod old {
///     #[derive(seqcopy::SeqCopy, seqcopy::Validate)]
///     #[repr(C)]
///     pub struct Pose { at: u64, mode: u8 }
/// }
/// #[derive(SeqCopy, Validate)]
/// #[repr(C)]
/// struct Pose { at: u64, mode: u16 }
///
/// let difference = Schema::of::<Pose>().difference(&Schema::of::<old::Pose>()).unwrap();
/// assert_eq!(difference.to_string(), "field `mode`: u8 there, u16 here");
/// assert_eq!(difference.path, "mode");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The field's path, such as `pose.mode[..].0`; empty for the type itself.
    pub path: String,
    /// What the other type has in that place.
    pub there: String,
    /// What this type has in that place.
    pub here: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.path {
            "" => f.write_str("the type")?,
            path => write!(f, "field `{path}`")?,
        }
        write!(f, ": {} there, {} here", self.there, self.here)
    }
}

/// The first difference, in the order of declaration of `here`.
pub(super) fn first(here: &Node, there: &Node) -> Option<Difference> {
    node(&Path::Root, here, there)
}

#[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps)] // texts; called in the place of a found difference
fn differ(path: &Path<'_>, there: impl ToString, here: impl ToString) -> Option<Difference> {
    Some(Difference { path: path.to_string(), there: there.to_string(), here: here.to_string() })
}

/// The elements of a slice.
fn elements_of_slice(node: &Node) -> Option<&Node> {
    match &node.kind {
        Kind::Struct { fields, .. } if node.mark == Some(Mark::List) => match fields.last()? {
            FieldNode { offset, node: Node { kind: Kind::Array { element, .. }, .. }, .. } => {
                Some(&**element).filter(|_| Schema::is_slice(*offset, node.align))
            }
            _ => None,
        },
        _ => None,
    }
}

/// A short description of the type.
fn describe(node: &Node) -> String {
    if let Some(element) = elements_of_slice(node) {
        return format!("slice `[{}]`", OwnedLayout::of(element).get().type_name());
    }
    match &node.kind {
        _ if node.mark.is_some() => format!("seqcopy's `{}`", node.name().unwrap_or_default()),
        Kind::Scalar(scalar) => scalar.type_name(node.size).into(),
        Kind::Plain { name } => format!("{} plain bytes `{name}`", node.size),
        Kind::Skipped => format!("{} skipped bytes", node.size),
        Kind::Array { len, .. } => format!("array of {len}"),
        Kind::Struct { name, .. } => format!("struct `{name}`"),
        Kind::Tags { name, signed, .. } => {
            format!("{}{} enum `{name}`", if *signed { 'i' } else { 'u' }, 8 * node.size)
        }
        Kind::Enum { name, tag, .. } => format!("{} enum `{name}` with fields", describe(tag)),
    }
}

fn node(path: &Path<'_>, here: &Node, there: &Node) -> Option<Difference> {
    let inner = match (&here.kind, &there.kind) {
        (Kind::Array { element, len }, Kind::Array { element: other, len: others }) if len == others => {
            node(&Path::From(path, 0), element, other)
        }
        (Kind::Struct { name, fields }, Kind::Struct { name: other, fields: others })
            if name == other && elements_of_slice(here).is_some() == elements_of_slice(there).is_some() =>
        {
            each_field(path, fields, others)
        }
        (Kind::Tags { variants, .. }, Kind::Tags { variants: others, .. }) if describe(here) == describe(there) => {
            each_variant(path, variants, others)
        }
        (Kind::Enum { variants, .. }, Kind::Enum { variants: others, .. }) if describe(here) == describe(there) => {
            each_variant(path, variants, others)
        }
        _ if describe(here) == describe(there) => None,
        _ => return differ(path, describe(there), describe(here)),
    };
    // The parts are alike, so what differs is a number of the node itself.
    inner.or_else(|| match (here, there) {
        _ if here == there => None,
        _ if here.size != there.size => {
            differ(path, format!("{} bytes of {}", there.size, describe(there)), format!("{} bytes", here.size))
        }
        _ if here.align != there.align => {
            differ(path, format!("alignment {}", there.align), format!("alignment {}", here.align))
        }
        _ if here.mark != there.mark => differ(path, describe(there), describe(here)),
        _ => differ(path, format!("other offsets in {}", describe(there)), describe(here)),
    })
}

fn each_field(path: &Path<'_>, here: &[FieldNode], there: &[FieldNode]) -> Option<Difference> {
    let named = |field: Option<&FieldNode>| field.map_or("no field".into(), |field| format!("`{}`", field.name));
    let at = |field: &FieldNode| format!("offset {}", field.offset);
    (0..here.len().max(there.len())).find_map(|index| {
        let (a, b) = (here.get(index), there.get(index));
        let path = Path::Field(path, &a.or(b)?.name);
        match (a, b) {
            (Some(a), Some(b)) if a.name == b.name => node(&path, &a.node, &b.node)
                .or_else(|| if a.offset == b.offset { None } else { differ(&path, at(b), at(a)) }),
            _ => differ(&path, named(b), named(a)),
        }
    })
}

fn each_variant(path: &Path<'_>, here: &[VariantNode], there: &[VariantNode]) -> Option<Difference> {
    let named = |variant: Option<&VariantNode>| {
        variant.map_or("no such variant".into(), |variant| format!("variant `{}` = {}", variant.name, variant.value))
    };
    (0..here.len().max(there.len())).find_map(|index| match (here.get(index), there.get(index)) {
        (Some(a), Some(b)) if (&a.name, a.value) == (&b.name, b.value) => {
            each_field(&Path::Field(path, &a.name), &a.fields, &b.fields)
        }
        (a, b) => differ(path, named(b), named(a)),
    })
}
