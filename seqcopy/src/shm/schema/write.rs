//! A layout as bytes: what [`Layout::fingerprint`] hashes, in the same order.

use super::Bytes;
use crate::Layout;
use crate::layout::{Field, SCHEMA_START, Shape, Variant, kind_code};

/// The whole description.
pub(super) fn bytes(layout: &Layout) -> Bytes {
    let mut bytes = Bytes::new();
    text(&mut bytes, SCHEMA_START);
    bytes.extend(HOST);
    node(&mut bytes, layout);
    bytes
}

/// This program's pointer width and byte order.
#[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
pub(super) const HOST: [u8; 2] = [size_of::<usize>() as u8, if cfg!(target_endian = "little") { b'<' } else { b'>' }];

fn number(bytes: &mut Bytes, number: u64) {
    bytes.extend(number.to_le_bytes());
}

fn text(bytes: &mut Bytes, text: &str) {
    number(bytes, text.len() as u64);
    bytes.extend(text.bytes());
}

fn node(bytes: &mut Bytes, layout: &Layout) {
    bytes.push(kind_code(layout));
    number(bytes, layout.size() as u64);
    number(bytes, layout.align() as u64);
    match layout.shape() {
        Shape::Scalar(_) | Shape::Pointer { .. } | Shape::Plain | Shape::Skipped => {}
        Shape::Array { element, len } => {
            number(bytes, len as u64);
            node(bytes, element);
        }
        Shape::Struct { fields } => {
            text(bytes, layout.name());
            each_field(bytes, fields);
        }
        Shape::Tags { variants, .. } => {
            text(bytes, layout.name());
            each_variant(bytes, variants);
        }
        Shape::Choice { tag, payload, variants } => {
            text(bytes, layout.name());
            node(bytes, tag);
            number(bytes, payload as u64);
            each_variant(bytes, variants);
        }
    }
}

fn each_field(bytes: &mut Bytes, fields: &[Field]) {
    number(bytes, fields.len() as u64);
    for field in fields {
        text(bytes, field.name());
        number(bytes, field.offset() as u64);
        node(bytes, field.layout());
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // two's complement is what is wanted
fn each_variant(bytes: &mut Bytes, variants: &[Variant]) {
    number(bytes, variants.len() as u64);
    for variant in variants {
        text(bytes, variant.name());
        number(bytes, variant.value() as u64);
        each_field(bytes, variant.fields());
    }
}
