//! Makes a layout of a schema. Layouts are never freed, so that each schema is made into one only once.

use std::collections::HashMap;
use std::sync::Mutex;

use super::Schema;
use super::parse::{FieldNode, Kind, Node, VariantNode};
use seqcopy::Layout;
use seqcopy::layout::{Field, Variant};

/// Layouts by the bytes of their schemas.
type Table = HashMap<Box<[u8]>, &'static Layout>;

/// The layouts made so far.
static LAYOUTS: Mutex<Option<Table>> = Mutex::new(None);

/// The layout of a schema.
pub(super) fn layout(schema: &Schema) -> &'static Layout {
    // After a panic in here, the table at worst lacks an entry.
    let mut layouts = LAYOUTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let layouts = layouts.get_or_insert_default();
    if let Some(layout) = layouts.get(schema.as_bytes()) {
        return layout;
    }
    let layout = Box::leak(Box::new(of(&schema.tree)));
    layouts.insert(schema.as_bytes().into(), layout);
    layout
}

fn of(node: &Node) -> Layout {
    let (size, align) = (node.size, node.align);
    match &node.kind {
        Kind::Scalar(scalar) => Layout::of_scalar(scalar.type_name(size), *scalar, size, align),
        Kind::Plain { name } => Layout::of_plain(text(name), size, align),
        Kind::Skipped => Layout::of_skipped(size, align),
        Kind::Array { element, len } => Layout::of_array(leak(of(element)), *len),
        Kind::Struct { name, fields } => Layout::of_struct(text(name), size, align, each_field(fields)),
        Kind::Tags { name, signed, variants } => {
            Layout::of_tags(text(name), size, align, *signed, each_variant(variants))
        }
        Kind::Enum { name, tag, payload, variants } => {
            Layout::of_enum(text(name), size, align, leak(of(tag)), *payload, each_variant(variants))
        }
    }
}

fn each_field(fields: &[FieldNode]) -> &'static [Field] {
    list(fields.iter().map(|field| Field::new(text(&field.name), field.offset, leak(of(&field.node)))))
}

fn each_variant(variants: &[VariantNode]) -> &'static [Variant] {
    list(variants.iter().map(|variant| Variant::new(text(&variant.name), variant.value, each_field(&variant.fields))))
}

/// Never freed, as layouts are not.
fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

fn text(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}

fn list<T>(items: impl Iterator<Item = T>) -> &'static [T] {
    Box::leak(items.collect())
}
