//! Values, layouts and headers for machines.
//!
//! Structs are objects and arrays are arrays; enums are written as serde writes them: `"Calm"`, `{"Circle": {..}}`,
//! and options as `null` or the value. Numbers that JSON has no name for (infinities, NaN, more than 64 bits) are strings.

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};
use serde_json::{Map, Number, Value as Json, json};

use super::text::{are_numbered, type_name};
use super::value::{Fields, Value};

pub(super) fn value(value: &Value) -> Json {
    match value {
        Value::Unsigned(number) => Number::from_u128(*number).map_or_else(|| json!(number.to_string()), Json::Number),
        Value::Signed(number) => Number::from_i128(*number).map_or_else(|| json!(number.to_string()), Json::Number),
        // By way of its shortest digits: 0.1, not 0.10000000149011612.
        Value::Single(bits) => float(&f32::from_bits(*bits).to_string()),
        Value::Double(bits) => float(&f64::from_bits(*bits).to_string()),
        Value::Bool(bool) => json!(bool),
        Value::Char(char) => json!(char),
        Value::Nothing | Value::Skipped => Json::Null,
        Value::Something(inside) => self::value(inside),
        Value::Bytes(_) => json!(value.to_string()),
        Value::Array(values) => values.iter().map(self::value).collect(),
        Value::Numbers(numbers) => numbers.iter().map(|number| self::value(&number)).collect(),
        Value::Empty(len) => json!({ "elements_without_bytes": len }),
        Value::Struct(fields) => members(fields),
        Value::Variant(name, fields) if fields.is_empty() => json!(name),
        Value::Variant(name, fields) => json!({ *name: members(fields) }),
        Value::Invalid { found, expected } => json!({ "invalid": format!("{found:#x}"), "expected": expected }),
    }
}

fn float(digits: &str) -> Json {
    digits.parse().ok().and_then(Number::from_f64).map_or_else(|| json!(digits), Json::Number)
}

fn members(fields: &Fields) -> Json {
    match fields.as_slice() {
        [(_, only)] if are_numbered(fields) => value(only),
        _ if are_numbered(fields) => fields.iter().map(|field| value(&field.1)).collect(),
        _ => Json::Object(fields.iter().map(|(name, field)| ((*name).to_owned(), value(field))).collect()),
    }
}

/// A layout with all that is below it.
pub(super) fn layout(layout: &'static Layout) -> Json {
    let mut object = Map::new();
    object.insert("type".to_owned(), json!(type_name(layout)));
    object.insert("kind".to_owned(), json!(kind(layout)));
    object.insert("size".to_owned(), json!(layout.size()));
    object.insert("align".to_owned(), json!(layout.align()));
    match layout.shape() {
        Shape::Array { element, len } => {
            object.insert("len".to_owned(), json!(len));
            object.insert("element".to_owned(), self::layout(element));
        }
        Shape::Struct { fields } => {
            object.insert("fields".to_owned(), self::fields(fields, 0));
        }
        Shape::Tags { signed, .. } => {
            object.insert("signed".to_owned(), json!(signed));
            object.insert("variants".to_owned(), variants(layout, 0));
        }
        Shape::Choice { tag, payload, .. } => {
            object.insert("tag".to_owned(), self::layout(tag));
            object.insert("variants".to_owned(), variants(layout, payload));
        }
        _ => {}
    }
    Json::Object(object)
}

/// Fields with their offsets from the start of the type around them.
fn fields(fields: &'static [Field], start: usize) -> Json {
    let field = |field: &Field| {
        json!({
            "name": field.name(),
            "offset": start.saturating_add(field.offset()),
            "layout": layout(field.layout()),
        })
    };
    fields.iter().map(field).collect()
}

fn variants(layout: &Layout, start: usize) -> Json {
    let variant = |variant: &seqcopy::layout::Variant| {
        let value = Number::from_i128(variant.value());
        json!({ "name": variant.name(), "value": value, "fields": fields(variant.fields(), start) })
    };
    layout.variants().iter().map(variant).collect()
}

fn kind(layout: &Layout) -> &'static str {
    match layout.shape() {
        Shape::Scalar(Scalar::Unsigned) => "unsigned",
        Shape::Scalar(Scalar::Signed) => "signed",
        Shape::Scalar(Scalar::Float) => "float",
        Shape::Scalar(Scalar::Bool) => "bool",
        Shape::Scalar(Scalar::Char) => "char",
        Shape::Scalar(Scalar::NonZeroUnsigned) => "non-zero unsigned",
        Shape::Scalar(Scalar::NonZeroSigned) => "non-zero signed",
        Shape::Scalar(Scalar::OptionNonZeroUnsigned) => "optional non-zero unsigned",
        Shape::Scalar(Scalar::OptionNonZeroSigned) => "optional non-zero signed",
        Shape::Pointer { .. } => "pointer",
        Shape::Plain => "bytes",
        Shape::Skipped => "skipped",
        Shape::Array { .. } => "array",
        Shape::Struct { .. } => "struct",
        Shape::Tags { .. } => "enum",
        Shape::Choice { .. } => "enum with fields",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::{Sample, image};
    use crate::command::value::decode;

    #[test]
    fn a_value() {
        let json = value(&decode(Sample::LAYOUT, &image()).unwrap());
        assert_eq!(json["open"], true);
        assert_eq!(json["mode"], "Fast");
        assert_eq!(json["level"], -2);
        assert_eq!(json["ratio"].to_string(), "0.1");
        assert_eq!(json["letter"], "ß");
        assert_eq!(json["parent"], Json::Null);
        assert_eq!(json["limit"], 2.5);
        assert_eq!(json["area"], json!({ "Circle": { "radius": 3, "filled": true } }));
        assert_eq!(json["wide"], "1267650600228229401496703205376");
        assert_eq!(json["legs"][1], json!({ "id": 0, "length": 12, "ready": null }));
        assert_eq!(json["name"][0], 108);
        let order: Vec<_> = json.as_object().unwrap().keys().take(3).collect();
        assert_eq!(order, ["open", "mode", "level"]);
    }

    #[test]
    fn what_json_has_no_name_for() {
        assert_eq!(value(&Value::Double(f64::INFINITY.to_bits())), "inf");
        assert_eq!(value(&Value::Single(f32::NAN.to_bits())), "NaN");
        assert_eq!(value(&Value::Bytes(vec![1, 0xab])), "01ab");
        let invalid = Value::Invalid { found: 2, expected: "a `bool`".into() };
        assert_eq!(value(&invalid), json!({ "invalid": "0x2", "expected": "a `bool`" }));
        let tuple = |fields| value(&Value::Variant("Pair", fields));
        assert_eq!(tuple(vec![("0", Value::Bool(true))]), json!({ "Pair": true }));
        assert_eq!(tuple(vec![("0", Value::Bool(true)), ("1", Value::Nothing)]), json!({ "Pair": [true, null] }));
    }

    #[test]
    fn a_layout() {
        let json = layout(Sample::LAYOUT);
        assert_eq!((json["type"].as_str(), json["kind"].as_str()), (Some("Sample"), Some("struct")));
        assert_eq!(json["fields"][8]["layout"]["variants"][1]["fields"][0]["offset"], 4);
        assert_eq!(json["fields"][10]["layout"]["len"], 40);
    }
}
