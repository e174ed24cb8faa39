//! A module by which Python programs read a region: the types, written as calls of the classes in `python/types.py`, between parts
//! that are the same for all regions.

use std::collections::HashMap;
use std::fmt::Write;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};
use seqcopy_shm::{Header, Schema};

use crate::fields::{FieldHash, Fields};

/// Description, imports, exceptions.
const MODULE: &str = include_str!("python/module.py");
/// The classes of types.
const TYPES: &str = include_str!("python/types.py");
/// Opening a region, and the protocol.
const READER: &str = include_str!("python/reader.py");
/// For a region with one value.
const VALUE: &str = include_str!("python/value.py");
/// For a map.
const MAP: &str = include_str!("python/map.py");

/// The module for a region's type. The layout of a map is that of a slot.
pub(super) fn module(layout: &Layout, header: &Header, is_map: bool) -> String {
    let mut types = Types::default();
    let mut constants = vec![
        ("FORMAT", if is_map { "2" } else { "1" }.to_owned()),
        ("FINGERPRINT", format!("{:#018x}", header.fingerprint())),
        ("PAYLOAD_SIZE", layout.size().to_string()),
        ("PAYLOAD_ALIGN", layout.align().to_string()),
        ("BUFFER_OFFSET", header.buffer_offset().to_string()),
        ("WORD_OFFSET", header.word_offset().to_string()),
        ("STATE_OFFSET", header.state_offset().to_string()),
        ("SCHEMA_LEN", header.schema_len().to_string()),
    ];
    match layout.fields() {
        [_, key, value] if is_map => {
            let [of_key, of_value] = [key, value].map(|field| types.name(field.layout()));
            constants.extend([
                ("TABLE_HEADER", layout.align().max(64).to_string()),
                ("KEY_OFFSET", key.offset().to_string()),
                ("VALUE_OFFSET", value.offset().to_string()),
                ("_KEY", of_key),
                ("_VALUE", of_value),
            ]);
        }
        _ => {
            let is_slice = Schema::__slice_of(layout).is_some();
            let of_value =
                if is_slice { types.structure("_Slice", layout, layout.fields()) } else { types.name(layout) };
            let fields = Fields::of(layout);
            let (start, each) = fields.map_or((0, Vec::new()), |fields| (fields.start, fields.each));
            let mut rows = "(".to_owned();
            for FieldHash { name, len, hash } in each {
                let _ = write!(rows, "({}, {len}, {hash:#018x}), ", literal(&name));
            }
            constants.extend([
                ("BUFFER_STRIDE", header.buffer_stride().to_string()),
                ("_VALUE", of_value),
                ("SCHEMA_START", format!("{start:#018x}")),
                ("FIELDS", rows + ")"),
            ]);
        }
    }
    let mut text = format!("{MODULE}{TYPES}\n\n# The types of this region, and where its parts lie.\n\n");
    let _ = writeln!(text, "TYPE = {}", literal(&layout.type_name().to_string()));
    text += &types.text;
    for (name, value) in constants {
        let _ = writeln!(text, "{name} = {value}");
    }
    let _ = write!(text, "\n\n{READER}\n\n{}", if is_map { MAP } else { VALUE });
    text
}

/// Assigns each type to a variable, the inner ones first: so that nothing is nested deeply, and each is there once.
#[derive(Default)]
struct Types {
    /// Variables by fingerprints.
    names: HashMap<u64, String>,
    text: String,
}

impl Types {
    /// The variable of a type.
    fn name(&mut self, layout: &Layout) -> String {
        let fingerprint = layout.fingerprint();
        if let Some(name) = self.names.get(&fingerprint) {
            return name.clone();
        }
        let made = self.made(layout);
        let name = format!("_T{}", self.names.len());
        let _ = writeln!(self.text, "{name} = {made}");
        self.names.insert(fingerprint, name.clone());
        name
    }

    /// The call that makes it.
    fn made(&mut self, layout: &Layout) -> String {
        let (name, size) = (literal(layout.name()), layout.size());
        match layout.shape() {
            Shape::Scalar(kind) => scalar(kind, size),
            Shape::Pointer { nullable, .. } => number(size, false, if nullable { "number" } else { "invalid" }),
            Shape::Skipped => format!("_Raw({size}, skipped=True)"),
            Shape::Array { element, len, .. } => format!("_Array({}, {len})", self.name(element)),
            Shape::Struct { fields, .. } => {
                let class = match (layout.str_capacity(), layout.vec_of()) {
                    (Some(_), _) => "_Text",
                    (_, Some(_)) => "_List",
                    _ => "_Struct",
                };
                self.structure(class, layout, fields)
            }
            Shape::Tags { signed, variants, .. } => {
                let mut all = String::new();
                for variant in variants {
                    let _ = write!(all, "{}: {}, ", variant.value(), literal(variant.name()));
                }
                format!("_Tags({size}, {}, {{{all}}})", python(signed))
            }
            Shape::Enum { tag, payload, variants, .. } => {
                let tag = self.name(tag);
                let mut all = String::new();
                for variant in variants {
                    let fields = self.fields(variant.fields(), payload);
                    let _ = write!(all, "{}: ({}, {fields}), ", variant.value(), literal(variant.name()));
                }
                format!("_Enum({name}, {size}, {tag}, {{{all}}}, {})", python(layout.option_of().is_some()))
            }
            // `Plain`, and shapes of later versions.
            _ => format!("_Raw({size})"),
        }
    }

    fn structure(&mut self, class: &str, layout: &Layout, fields: &[Field]) -> String {
        format!("{class}({}, {}, {})", literal(layout.name()), layout.size(), self.fields(fields, 0))
    }

    fn fields(&mut self, fields: &[Field], start: usize) -> String {
        let mut text = "(".to_owned();
        for field in fields {
            let of_field = self.name(field.layout());
            let _ = write!(text, "({}, {}, {of_field}), ", literal(field.name()), start + field.offset());
        }
        text + ")"
    }
}

fn scalar(kind: Scalar, size: usize) -> String {
    match kind {
        Scalar::Bool => "_Bool()".to_owned(),
        Scalar::Char => "_Char()".to_owned(),
        Scalar::Float => format!("_Float({size})"),
        Scalar::Signed => number(size, true, "number"),
        Scalar::NonZeroSigned => number(size, true, "invalid"),
        Scalar::NonZeroUnsigned => number(size, false, "invalid"),
        Scalar::OptionNonZeroSigned => number(size, true, "nothing"),
        Scalar::OptionNonZeroUnsigned => number(size, false, "nothing"),
        Scalar::Unsigned => number(size, false, "number"),
        // What later versions add.
        _ => format!("_Raw({size})"),
    }
}

fn number(size: usize, signed: bool, zero: &str) -> String {
    format!("_Number({size}, {}, \"{zero}\")", python(signed))
}

fn python(is_true: bool) -> &'static str {
    if is_true { "True" } else { "False" }
}

/// A text as Python writes it, in ASCII.
fn literal(text: &str) -> String {
    let mut out = "\"".to_owned();
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_ends_where_it_should() {
        assert_eq!(literal("a \"b\"\\\n\u{fc}"), r#""a \"b\"\\\U0000000a\U000000fc""#);
    }
}
