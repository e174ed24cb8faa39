//! Layouts made while the program runs: of the schema that another process wrote into a region.
//!
//! They come from a tree that [`Schema`](crate::shm::Schema) has checked, so nothing is refused here. A layout lives for
//! ever; who makes one keeps it and makes it once.

use std::boxed::Box;
use std::string::String;
use std::vec::Vec;

use super::{Field, Layout, Shape, Variant};

/// Of text that a schema holds, for ever.
pub(crate) fn text(text: &str) -> &'static str {
    Box::leak(String::from(text).into_boxed_str())
}

/// A list that a layout refers to, for ever.
fn list<T>(items: Vec<T>) -> &'static [T] {
    Box::leak(items.into_boxed_slice())
}

/// A field, or a field of a variant.
pub(crate) fn field(name: &str, offset: usize, layout: Layout) -> Field {
    Field { name: text(name), offset, layout: Box::leak(Box::new(layout)) }
}

/// A variant; without fields in an enum that has none.
pub(crate) fn variant(name: &str, value: i128, fields: Vec<Field>) -> Variant {
    Variant { name: text(name), value, fields: list(fields) }
}

/// A scalar, plain bytes, or an enum without fields.
pub(crate) fn leaf(name: &'static str, size: usize, align: usize, shape: Shape) -> Layout {
    Layout {
        name,
        size,
        align,
        shape,
        nodes: 1,
        padding_free: size == 0 || !matches!(shape, Shape::Skipped),
        has_pointers: false,
        has_choice: false,
        specified: true,
    }
}

/// An enum without fields.
pub(crate) fn tags(name: &str, size: usize, align: usize, signed: bool, variants: Vec<Variant>) -> Layout {
    leaf(text(name), size, align, Shape::Tags { signed, variants: list(variants) })
}

/// An array of `len` elements.
pub(crate) fn array(element: Layout, len: usize) -> Layout {
    let element: &'static Layout = Box::leak(Box::new(element));
    let counted = if element.size == 0 && len > 0 { 1 } else { len as u64 };
    Layout {
        name: "array",
        // Checked by the schema: what is made here has the size that it says.
        size: element.size * len,
        shape: Shape::Array { element, len },
        nodes: counted.saturating_mul(element.nodes).saturating_add(1),
        padding_free: len == 0 && !element.has_choice || element.padding_free,
        ..*element
    }
}

/// A struct.
pub(crate) fn structure(name: &str, size: usize, align: usize, fields: Vec<Field>) -> Layout {
    let data: usize = fields.iter().map(|field| field.layout.size).sum();
    let fields = list(fields);
    let mut layout = leaf(text(name), size, align, Shape::Struct { fields });
    for field in fields {
        layout.absorb(field.layout);
    }
    layout.padding_free = layout.padding_free && data == size;
    layout
}

/// An enum with fields.
pub(crate) fn choice(
    name: &str,
    size: usize,
    align: usize,
    tag: Layout,
    payload: usize,
    variants: Vec<Variant>,
) -> Layout {
    let tag = Box::leak(Box::new(tag));
    let variants = list(variants);
    let mut layout = leaf(text(name), size, align, Shape::Choice { tag, payload, variants });
    layout.nodes = 2;
    layout.has_choice = true;
    for field in variants.iter().flat_map(|variant| variant.fields) {
        layout.absorb(field.layout);
    }
    layout.padding_free = false;
    layout
}
