//! Constructors for [`Node`]s of structs and enums, with offsets from the compiler.

use super::Model;
use super::memory::View;
use super::node::{Hook, Node, Part, Place, Variant, tag_bits};

/// A struct or tuple.
#[must_use]
pub fn structure<T>(name: &'static str, fields: Vec<Part>) -> Node {
    Node::Struct { name, size: size_of::<T>(), fields, hooks: Vec::new() }
}

/// A field of a struct, described by `T`.
#[must_use]
pub fn part<T: Model>(name: &'static str, offset: usize) -> Part {
    Part { name, offset, node: T::node() }
}

/// A skipped field of a struct.
#[must_use]
pub fn hole<T>(name: &'static str, offset: usize) -> Part {
    Part { name, offset, node: Node::Hole { size: size_of::<T>() } }
}

/// An enum without fields.
#[must_use]
pub fn tags<T>(name: &'static str, variants: Vec<(&'static str, i128)>) -> Node {
    Node::Tags { name, size: size_of::<T>(), variants, hooks: Vec::new() }
}

/// An enum with fields, whose tag has `tag` bytes.
#[must_use]
pub fn choice<T>(name: &'static str, tag: usize, variants: Vec<Variant>) -> Node {
    Node::Choice { name, size: size_of::<T>(), tag, variants, hooks: Vec::new() }
}

/// A variant, of which `value` is an example.
///
/// # Panics
/// If the example does not begin with the tag.
#[must_use]
pub fn variant<T>(value: &T, name: &'static str, discriminant: i128, tag: usize, fields: Vec<Part>) -> Variant {
    let found = View::of(value).number(0, tag);
    assert_eq!(found, tag_bits(discriminant, tag), "the tag of `{name}`");
    Variant { name, value: discriminant, fields }
}

/// A field of a variant, described by `As`.
///
/// # Panics
/// If the size of the field differs from that of its description.
#[must_use]
pub fn part_in<As: Model, T, F>(whole: &T, field: &F, name: &'static str) -> Part {
    assert_eq!(size_of::<As>(), size_of::<F>(), "the description of `{name}` has another size");
    Part { name, offset: distance(whole, field), node: As::node() }
}

/// A skipped field of a variant.
#[must_use]
pub fn hole_in<T, F>(whole: &T, field: &F, name: &'static str) -> Part {
    Part { name, offset: distance(whole, field), node: Node::Hole { size: size_of::<F>() } }
}

/// A check that refuses one value of a number of `size` bytes.
#[must_use]
pub fn hook(place: Place, poison: i128, size: usize, reason: &'static str) -> Hook {
    Hook { place, poison: tag_bits(poison, size), reason }
}

/// The offset of a field in `whole`.
fn distance<T, F>(whole: &T, field: &F) -> usize {
    let offset = core::ptr::from_ref(field).addr() - core::ptr::from_ref(whole).addr();
    assert!(offset + size_of::<F>() <= size_of::<T>());
    offset
}
