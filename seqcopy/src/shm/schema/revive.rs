//! A tree as a layout. Layouts live for ever, so each schema is made into one once.

use std::boxed::Box;
use std::collections::HashMap;
use std::sync::Mutex;
use std::vec::Vec;

use super::Schema;
use super::parse::{FieldNode, Kind, Node, VariantNode};
use crate::Layout;
use crate::layout::{Field, Scalar, Shape, Variant, revive};

/// Layouts by what they were made of.
type Table = HashMap<Box<[u8]>, &'static Layout>;

/// The layouts made so far.
static LAYOUTS: Mutex<Option<Table>> = Mutex::new(None);

/// The layout of a schema.
pub(super) fn layout(schema: &Schema) -> &'static Layout {
    // A panic in here leaves a table that lacks an entry at worst.
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
        Kind::Scalar(scalar) => revive::leaf(name(*scalar, size), size, align, Shape::Scalar(*scalar)),
        Kind::Plain => revive::leaf("plain bytes", size, align, Shape::Plain),
        Kind::Skipped => revive::leaf("skipped", size, align, Shape::Skipped),
        Kind::Array { element, len } => revive::array(of(element), *len),
        Kind::Struct { name, fields } => revive::structure(name, size, align, each_field(fields)),
        Kind::Tags { name, signed, variants } => revive::tags(name, size, align, *signed, each_variant(variants)),
        Kind::Choice { name, tag, payload, variants } => {
            revive::choice(name, size, align, of(tag), *payload, each_variant(variants))
        }
    }
}

fn each_field(fields: &[FieldNode]) -> Vec<Field> {
    fields.iter().map(|field| revive::field(&field.name, field.offset, of(&field.node))).collect()
}

fn each_variant(variants: &[VariantNode]) -> Vec<Variant> {
    variants.iter().map(|variant| revive::variant(&variant.name, variant.value, each_field(&variant.fields))).collect()
}

/// What Rust calls such a scalar.
pub(super) fn name(scalar: Scalar, size: usize) -> &'static str {
    macro_rules! by_size {
        ($prefix:literal, $suffix:literal) => {
            match size {
                1 => concat!($prefix, "8", $suffix),
                2 => concat!($prefix, "16", $suffix),
                4 => concat!($prefix, "32", $suffix),
                8 => concat!($prefix, "64", $suffix),
                _ => concat!($prefix, "128", $suffix),
            }
        };
    }
    match scalar {
        Scalar::Unsigned => by_size!("u", ""),
        Scalar::Signed => by_size!("i", ""),
        Scalar::Float => by_size!("f", ""),
        Scalar::Bool => "bool",
        Scalar::Char => "char",
        Scalar::NonZeroUnsigned => by_size!("NonZero<u", ">"),
        Scalar::NonZeroSigned => by_size!("NonZero<i", ">"),
        Scalar::OptionNonZeroUnsigned => by_size!("Option<NonZero<u", ">>"),
        Scalar::OptionNonZeroSigned => by_size!("Option<NonZero<i", ">>"),
    }
}
