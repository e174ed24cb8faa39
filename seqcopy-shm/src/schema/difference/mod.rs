//! [`Difference`] is the first place where two types differ, described in one line.

mod matching;

use std::fmt;

use super::Schema;
use seqcopy::Layout;
use seqcopy::layout::{Field, Path, Shape, Variant};

pub(crate) use matching::{Matched, no_slice, too_large};

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
pub(super) fn first(here: &Layout, there: &Layout) -> Option<Difference> {
    node(&Path::Root, here, there).err()
}

#[allow(clippy::needless_pass_by_value)] // texts
fn differ(path: &Path<'_>, there: impl ToString, here: impl ToString) -> Result<(), Difference> {
    Err(Difference { path: path.to_string(), there: there.to_string(), here: here.to_string() })
}

/// A short description of the type.
fn describe(layout: &Layout) -> String {
    if let Some((_, element, _)) = Schema::slice_of(layout) {
        return format!("slice `[{}]`", element.type_name());
    }
    let (size, name) = (layout.size(), layout.name());
    match layout.shape() {
        _ if layout.mark().is_some() => format!("seqcopy's `{name}`"),
        Shape::Plain => format!("{size} plain bytes `{name}`"),
        Shape::Skipped => format!("{size} skipped bytes"),
        Shape::Array { len, .. } => format!("array of {len}"),
        Shape::Struct { .. } => format!("struct `{name}`"),
        Shape::Tags { signed, .. } => format!("{}{} enum `{name}`", if signed { 'i' } else { 'u' }, 8 * size),
        Shape::Enum { tag, .. } => format!("{} enum `{name}` with fields", describe(tag)),
        _ => name.into(),
    }
}

fn node(path: &Path<'_>, here: &Layout, there: &Layout) -> Result<(), Difference> {
    let is_alike = describe(here) == describe(there);
    match (here.shape(), there.shape()) {
        (Shape::Array { element, .. }, Shape::Array { element: other, .. }) if is_alike => {
            node(&Path::From(path, 0), element, other)?;
        }
        (Shape::Struct { fields, .. }, Shape::Struct { fields: others, .. })
            if here.name() == there.name() && Schema::slice_of(here).is_some() == Schema::slice_of(there).is_some() =>
        {
            each_field(path, fields, others)?;
        }
        (Shape::Tags { variants, .. }, Shape::Tags { variants: others, .. })
        | (Shape::Enum { variants, .. }, Shape::Enum { variants: others, .. })
            if is_alike =>
        {
            each_variant(path, variants, others)?;
        }
        _ if is_alike => {}
        _ => return differ(path, describe(there), describe(here)),
    }
    // The parts are alike, so a number of the node itself differs.
    let of_tag = |layout: &Layout| match layout.shape() {
        Shape::Enum { tag, payload, .. } => Some((tag.align(), payload)),
        _ => None,
    };
    if here.size() != there.size() {
        differ(path, format!("{} bytes of {}", there.size(), describe(there)), format!("{} bytes", here.size()))
    } else if here.align() != there.align() {
        differ(path, format!("alignment {}", there.align()), format!("alignment {}", here.align()))
    } else if here.mark() != there.mark() {
        differ(path, describe(there), describe(here))
    } else if of_tag(here) != of_tag(there) {
        differ(path, format!("other offsets in {}", describe(there)), describe(here))
    } else {
        Ok(())
    }
}

fn each_field(path: &Path<'_>, here: &[Field], there: &[Field]) -> Result<(), Difference> {
    let named = |field: Option<&Field>| field.map_or("no field".into(), |field| format!("`{}`", field.name()));
    for index in 0..here.len().max(there.len()) {
        let (a, b) = (here.get(index), there.get(index));
        let path = Path::Field(path, a.or(b).map_or("", Field::name));
        match (a, b) {
            (Some(a), Some(b)) if a.name() == b.name() => {
                node(&path, a.layout(), b.layout())?;
                if a.offset() != b.offset() {
                    differ(&path, format!("offset {}", b.offset()), format!("offset {}", a.offset()))?;
                }
            }
            _ => differ(&path, named(b), named(a))?,
        }
    }
    Ok(())
}

fn each_variant(path: &Path<'_>, here: &[Variant], there: &[Variant]) -> Result<(), Difference> {
    let named = |variant: Option<&Variant>| {
        variant.map_or("no such variant".into(), |it| format!("variant `{}` = {}", it.name(), it.value()))
    };
    for index in 0..here.len().max(there.len()) {
        match (here.get(index), there.get(index)) {
            (Some(a), Some(b)) if (a.name(), a.value()) == (b.name(), b.value()) => {
                each_field(&Path::Field(path, a.name()), a.fields(), b.fields())?;
            }
            (a, b) => differ(path, named(b), named(a))?,
        }
    }
    Ok(())
}
