//! The rows of a type's drawing, in order: the walk that [`Layout::display`] makes.

use core::fmt::{self, Display, Formatter};

use crate::layout::{Field, Layout, Path, Shape, Variant};

/// One line of the table.
pub(super) struct Row<'a> {
    pub(super) offset: usize,
    pub(super) size: usize,
    pub(super) what: What<'a>,
}

pub(super) enum What<'a> {
    /// A field, an array's first element, or the whole type.
    Place(&'a Path<'a>, &'a Layout),
    /// An array's elements from the second on; the number counts all of them.
    Rest(&'a Path<'a>, usize),
    /// Which variant the rows below belong to.
    Variant(&'a Variant),
    Hole(&'static str),
}

impl What<'_> {
    /// Whether the row shows bytes that no other row shows.
    pub(super) fn is_data(&self) -> bool {
        matches!(self, What::Place(_, layout) if is_leaf(layout))
    }
}

impl Display for What<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match *self {
            What::Place(Path::Root, layout) => write!(f, "{}", layout.type_name()),
            What::Place(path, layout) => write!(f, "{path}: {}", layout.type_name()),
            What::Rest(path, 2) => write!(f, "{path}[1]: the same"),
            What::Rest(path, len) => write!(f, "{path}[1] to [{}]: the same", len - 1),
            What::Variant(variant) => write!(f, "variant {} = {}", variant.name(), variant.value()),
            What::Hole(name) => write!(f, "~ {name}"),
        }
    }
}

type Each<'e> = &'e mut dyn FnMut(Row<'_>) -> fmt::Result;

pub(super) fn each_row(layout: &Layout, each: Each<'_>) -> fmt::Result {
    if is_leaf(layout) {
        return each(Row { offset: 0, size: layout.size(), what: What::Place(&Path::Root, layout) });
    }
    inside(layout, 0, &Path::Root, each)
}

/// The rows inside a node that starts at `offset`.
fn inside(layout: &Layout, offset: usize, path: &Path<'_>, each: Each<'_>) -> fmt::Result {
    match layout.shape() {
        Shape::Struct { fields: list } => fields(list, Some(layout.size()), offset, path, each),
        Shape::Enum { tag, payload, variants } => {
            each(Row { offset, size: tag.size(), what: What::Place(&Path::Field(path, "tag"), tag) })?;
            // A hole after the tag is drawn above the fields, one at the end below them.
            let hole = |at: usize, end: usize| Row {
                offset: offset + at,
                size: end - at,
                what: What::Hole("hole in every variant"),
            };
            let mut gaps = gaps(tag.size(), layout.size(), payload, variants).peekable();
            if let Some((at, end)) = gaps.next_if(|gap| gap.0 == tag.size() && gap.1 < layout.size()) {
                each(hole(at, end))?;
            }
            for variant in variants {
                each(Row { offset, size: 0, what: What::Variant(variant) })?;
                fields(variant.fields(), None, offset + payload, &Path::Field(path, variant.name()), each)?;
            }
            gaps.try_for_each(|(at, end)| each(hole(at, end)))
        }
        Shape::Array { element, len } if len > 0 && !is_leaf(element) => {
            let first = Path::Element(path, 0);
            each(Row { offset, size: element.size(), what: What::Place(&first, element) })?;
            inside(element, offset, &first, each)?;
            if len > 1 {
                let (rest, size) = (offset + element.size(), (len - 1) * element.size());
                each(Row { offset: rest, size, what: What::Rest(path, len) })?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Fields in the order of memory; if `size` is given, with the holes between and after them.
fn fields(fields: &[Field], size: Option<usize>, start: usize, path: &Path<'_>, each: Each<'_>) -> fmt::Result {
    let mut reached = 0;
    for field in in_memory_order(fields) {
        let offset = start + field.offset();
        if size.is_some() && field.offset() > reached {
            each(Row { offset: start + reached, size: field.offset() - reached, what: What::Hole("hole") })?;
        }
        let path = Path::Field(path, field.name());
        each(Row { offset, size: field.layout().size(), what: What::Place(&path, field.layout()) })?;
        inside(field.layout(), offset, &path, each)?;
        reached = reached.max(field.end());
    }
    match size {
        Some(size) if reached < size => {
            each(Row { offset: start + reached, size: size - reached, what: What::Hole("padding at the end") })
        }
        _ => Ok(()),
    }
}

/// The bytes of an enum that belong to no field of any variant. Holes inside a field are drawn with the field.
fn gaps(tag: usize, size: usize, payload: usize, variants: &[Variant]) -> impl Iterator<Item = (usize, usize)> {
    let places = move || {
        let fields = variants.iter().flat_map(Variant::fields);
        fields.map(move |field| (payload + field.offset(), payload + field.end())).filter(|(at, end)| at < end)
    };
    let mut reached = tag;
    core::iter::from_fn(move || {
        while let Some(end) = places().filter(|&(at, end)| at <= reached && reached < end).map(|(_, end)| end).max() {
            reached = end;
        }
        let at = reached;
        reached = places().map(|(at, _)| at).filter(|&next| next > at).min().unwrap_or(size);
        (at < size).then_some((at, reached))
    })
}

/// Whether no rows follow the node's own.
fn is_leaf(layout: &Layout) -> bool {
    match layout.shape() {
        Shape::Struct { .. } | Shape::Enum { .. } => false,
        Shape::Array { element, .. } => is_leaf(element),
        _ => true,
    }
}

/// The fields sorted by offset: the compiler orders those of `repr(Rust)` structs.
fn in_memory_order(fields: &[Field]) -> impl Iterator<Item = &Field> {
    let key = |index: usize| (fields[index].offset(), index);
    let first = (0..fields.len()).min_by_key(|&index| key(index));
    core::iter::successors(first, move |&last| {
        (0..fields.len()).filter(|&index| key(index) > key(last)).min_by_key(|&index| key(index))
    })
    .map(|index| &fields[index])
}

/// The type as the title of its drawing.
pub(super) struct Title<'a>(pub(super) &'a Layout);

impl Display for Title<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let keyword = match self.0.shape() {
            Shape::Tags { .. } | Shape::Enum { .. } => "enum ",
            Shape::Struct { .. } if !self.0.name().is_empty() => "struct ",
            _ => "",
        };
        write!(f, "{keyword}{}", self.0.type_name())
    }
}
