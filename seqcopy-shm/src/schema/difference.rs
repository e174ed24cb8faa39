//! [`Difference`]: the first place where two types differ, described in one line.

use std::fmt;

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
/// assert_eq!(difference.path(), "mode");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    path: String,
    there: String,
    here: String,
}

impl Difference {
    /// The field's path, such as `pose.mode[].0`; empty for the type itself.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::of::<u8>().difference(&Schema::of::<u16>()).unwrap().path(), "");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the other type has in that place.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::of::<u8>().difference(&Schema::of::<u16>()).unwrap().there(), "u16");
    /// ```
    #[must_use]
    pub fn there(&self) -> &str {
        &self.there
    }

    /// What this type has in that place.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// assert_eq!(Schema::of::<u8>().difference(&Schema::of::<u16>()).unwrap().here(), "u8");
    /// ```
    #[must_use]
    pub fn here(&self) -> &str {
        &self.here
    }
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
    node(&mut String::new(), here, there)
}

#[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps)] // texts; called in the place of a found difference
fn differ(path: &str, there: impl ToString, here: impl ToString) -> Option<Difference> {
    Some(Difference { path: path.into(), there: there.to_string(), here: here.to_string() })
}

/// A short description of the type.
fn words(node: &Node) -> String {
    match &node.kind {
        Kind::Scalar(scalar) => scalar.type_name(node.size).into(),
        Kind::Plain => format!("{} plain bytes", node.size),
        Kind::Skipped => format!("{} skipped bytes", node.size),
        Kind::Array { len, .. } => format!("array of {len}"),
        Kind::Struct { name, .. } => format!("struct `{name}`"),
        Kind::Tags { name, signed, .. } => {
            format!("{}{} enum `{name}`", if *signed { 'i' } else { 'u' }, 8 * node.size)
        }
        Kind::Enum { name, tag, .. } => format!("{} enum `{name}` with fields", words(tag)),
    }
}

fn node(path: &mut String, here: &Node, there: &Node) -> Option<Difference> {
    let inner = match (&here.kind, &there.kind) {
        (Kind::Array { element, len }, Kind::Array { element: other, len: others }) if len == others => {
            inside(path, "[]", |path| node(path, element, other))
        }
        (Kind::Struct { name, fields }, Kind::Struct { name: other, fields: others }) if name == other => {
            each_field(path, fields, others)
        }
        (Kind::Tags { variants, .. }, Kind::Tags { variants: others, .. }) if words(here) == words(there) => {
            each_variant(path, variants, others)
        }
        (Kind::Enum { variants, .. }, Kind::Enum { variants: others, .. }) if words(here) == words(there) => {
            each_variant(path, variants, others)
        }
        _ if words(here) == words(there) => None,
        _ => return differ(path, words(there), words(here)),
    };
    // The parts are alike, so what differs is a number of the node itself.
    inner.or_else(|| match (here, there) {
        _ if here == there => None,
        _ if here.size != there.size => {
            differ(path, format!("{} bytes of {}", there.size, words(there)), format!("{} bytes", here.size))
        }
        _ if here.align != there.align => {
            differ(path, format!("alignment {}", there.align), format!("alignment {}", here.align))
        }
        _ => differ(path, format!("other offsets in {}", words(there)), words(here)),
    })
}

/// Compares what lies one step deeper.
fn inside(
    path: &mut String,
    step: &str,
    compare: impl FnOnce(&mut String) -> Option<Difference>,
) -> Option<Difference> {
    let len = path.len();
    if !path.is_empty() && !step.starts_with('[') {
        path.push('.');
    }
    path.push_str(step);
    let result = compare(path);
    path.truncate(len);
    result
}

fn each_field(path: &mut String, here: &[FieldNode], there: &[FieldNode]) -> Option<Difference> {
    let missing = |field: Option<&FieldNode>| field.map_or("no field".into(), |field| format!("`{}`", field.name));
    for index in 0..here.len().max(there.len()) {
        let (Some(a), Some(b)) = (here.get(index), there.get(index)) else {
            let (a, b) = (here.get(index), there.get(index));
            let name = a.or(b).map_or("", |field| &field.name);
            return inside(path, name, |path| differ(path, missing(b), missing(a)));
        };
        let found = if a.name != b.name {
            inside(path, &a.name, |path| differ(path, missing(Some(b)), missing(Some(a))))
        } else if let Some(found) = inside(path, &a.name, |path| node(path, &a.node, &b.node)) {
            Some(found)
        } else if a.offset != b.offset {
            let at = |field: &FieldNode| format!("offset {}", field.offset);
            inside(path, &a.name, |path| differ(path, at(b), at(a)))
        } else {
            None
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

fn each_variant(path: &mut String, here: &[VariantNode], there: &[VariantNode]) -> Option<Difference> {
    let said = |variant: Option<&VariantNode>| {
        variant.map_or("no such variant".into(), |variant| format!("variant `{}` = {}", variant.name, variant.value))
    };
    for index in 0..here.len().max(there.len()) {
        let (a, b) = (here.get(index), there.get(index));
        let (Some(one), Some(other)) = (a, b) else { return differ(path, said(b), said(a)) };
        if one.name != other.name || one.value != other.value {
            return differ(path, said(b), said(a));
        }
        if let Some(found) = inside(path, &one.name, |path| each_field(path, &one.fields, &other.fields)) {
            return Some(found);
        }
    }
    None
}
