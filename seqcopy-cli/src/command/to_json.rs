//! Values and layouts as JSON, written while they are walked over.
//!
//! Structs are objects, arrays and `SeqVec`s are arrays, a `SeqStr` is a string. Enums are written as serde writes
//! them: `"Calm"`, `{"Circle": {..}}`. Options are `null` or the value; where that value could be `null` itself, as in
//! an option of an option, it is `{"Some": ..}`. Numbers that JSON can't express (infinities, NaN, more than 64 bits)
//! are strings.
//!
//! Characters that have an effect on a terminal, or are invisible, are escaped, so that the output can be looked at.

use std::fmt::Display;
use std::io::Write;
use std::{fmt, io};

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value as Json, json};

use super::columns::is_printable;
use super::limits::{Bounded, JSON};
use super::region::{EMPTY, Failure, is_byte, is_option, may_be_null, type_name};

use seqcopy_shm::untyped::{Fields, Node, Value};

/// Writes a value and a newline, or nothing at all. The value must be the same when it is written twice.
pub(super) fn write(out: &mut impl Write, object: &impl Serialize, pretty: bool) -> Result<(), Failure> {
    write_up_to(JSON, out, object, pretty)
}

/// Writes a value like [`write()`], unless it would have more than this many bytes.
pub(super) fn write_up_to(
    most: u64,
    out: &mut impl Write,
    object: &impl Serialize,
    pretty: bool,
) -> Result<(), Failure> {
    if !fits(most, object, pretty) {
        return Err(Failure::Message(format!(
            "the JSON would have more than {} MiB: leave `--json` out, name a field or a key, or read it in a program: \
             `Region::read_bytes` in Rust, `seqcopy header` for others",
            most >> 20
        )));
    }
    serialize(out, object, pretty)?;
    writeln!(out)?;
    Ok(())
}

/// A value on one line without an end, or an error if it would have more than this many bytes.
pub(super) fn line_up_to(most: u64, object: &impl Serialize) -> Result<Vec<u8>, String> {
    if !fits(most, object, false) {
        return Err(format!("as JSON it would have more than {most} bytes"));
    }
    let mut line = Vec::new();
    serialize(&mut line, object, false).map_err(|error| error.to_string())?;
    Ok(line)
}

fn fits(most: u64, object: &impl Serialize, pretty: bool) -> bool {
    serialize(&mut Bounded::new(most), object, pretty).is_ok()
}

fn serialize(out: &mut impl Write, object: &impl Serialize, pretty: bool) -> io::Result<()> {
    let out = Escaped(out);
    let written = if pretty { serde_json::to_writer_pretty(out, object) } else { serde_json::to_writer(out, object) };
    written.map_err(io::Error::from)
}

/// Bytes as hexadecimal digits.
pub(super) struct Digits<'a>(pub(super) &'a [u8]);

impl Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A value, for a field of a struct that is written as JSON.
#[allow(clippy::trivially_copy_pass_by_ref)] // so serde has it
pub(super) fn value<S: Serializer>(value: &Value<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    AsJson(*value).serialize(serializer)
}

/// A number that may be missing.
#[allow(clippy::ref_option)] // as above
pub(super) fn optional<S: Serializer>(value: &Option<Value<'_>>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(AsJson).serialize(serializer)
}

/// A value as JSON.
pub(super) struct AsJson<'a>(pub(super) Value<'a>);

impl Serialize for AsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.look() {
            Node::Unsigned(number) => match u64::try_from(number) {
                Ok(number) => serializer.serialize_u64(number),
                Err(_) => serializer.collect_str(&number),
            },
            Node::Signed(number) => match (i64::try_from(number), u64::try_from(number)) {
                (Ok(number), _) => serializer.serialize_i64(number),
                (_, Ok(number)) => serializer.serialize_u64(number),
                _ => serializer.collect_str(&number),
            },
            Node::Single(number) if number.is_finite() => serializer.serialize_f32(number),
            Node::Single(number) => serializer.collect_str(&number),
            Node::Double(number) if number.is_finite() => serializer.serialize_f64(number),
            Node::Double(number) => serializer.collect_str(&number),
            Node::Bool(bool) => serializer.serialize_bool(bool),
            Node::Char(char) => serializer.serialize_char(char),
            Node::Nothing | Node::Skipped => serializer.serialize_unit(),
            Node::Text(text) => serializer.serialize_str(text),
            Node::Bytes(bytes) => serializer.collect_str(&Digits(bytes)),
            // Consecutive elements of padding are written together, because there may be many.
            Node::List(list) if is_byte(list.element()) => serializer.collect_seq(list.bytes()),
            Node::List(list) => serializer.collect_seq(list.iter().map(AsJson)),
            Node::Empty(len) => serializer.collect_map([(EMPTY, len)]),
            Node::Fields(fields) if is_option(self.0.layout()) => match fields.iter().next() {
                None => serializer.serialize_unit(),
                Some((_, inside)) if may_be_null(inside.layout()) => serializer.collect_map([("Some", AsJson(inside))]),
                Some((_, inside)) => AsJson(inside).serialize(serializer),
            },
            Node::Fields(fields) => match fields.variant() {
                None => Members(fields).serialize(serializer),
                Some(name) if fields.is_empty() => serializer.serialize_str(name),
                Some(name) => serializer.collect_map([(name, Members(fields))]),
            },
            Node::Invalid { found, expected } => {
                serializer.collect_map([("invalid", format!("{found:#x}")), ("expected", expected.to_string())])
            }
        }
    }
}

/// The fields of a struct or a variant. Those of a tuple are an array, and a single one is its value.
struct Members<'a>(Fields<'a>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.0;
        if !fields.are_numbered() {
            return serializer.collect_map(fields.iter().map(|(name, value)| (name, AsJson(value))));
        }
        match fields.iter().next() {
            Some((_, only)) if fields.len() == 1 => AsJson(only).serialize(serializer),
            _ => serializer.collect_seq(fields.iter().map(|field| AsJson(field.1))),
        }
    }
}

/// A layout with everything below it. It is as large as the schema.
pub(super) fn layout(layout: &Layout) -> Json {
    let mut object = json!({
        "type": type_name(layout),
        "kind": kind(layout),
        "size": layout.size(),
        "align": layout.align(),
    });
    match layout.shape() {
        Shape::Array { element, len, .. } => {
            object["len"] = json!(len);
            object["element"] = self::layout(element);
        }
        Shape::Struct { fields, .. } => object["fields"] = self::fields(fields, 0),
        Shape::Tags { signed, .. } => {
            object["signed"] = json!(signed);
            object["variants"] = variants(layout, 0);
        }
        Shape::Enum { tag, payload, .. } => {
            object["tag"] = self::layout(tag);
            object["variants"] = variants(layout, payload);
        }
        _ => {}
    }
    object
}

/// Fields, with their offsets from the start of the type around them.
fn fields(fields: &[Field], start: usize) -> Json {
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
        Shape::Enum { .. } => "enum with fields",
        _ => "unknown",
    }
}

/// Escapes characters of strings that have an effect on a terminal. Others with such an effect, which JSON has no other
/// way to write, are escaped already; each write has whole characters.
struct Escaped<W>(W);

impl<W: Write> Escaped<W> {
    fn write_escaped(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = std::str::from_utf8(bytes).map_err(|_| io::ErrorKind::InvalidData)?;
        for c in text.chars() {
            if is_printable(c) {
                write!(self.0, "{c}")?;
            } else {
                c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(self.0, "\\u{unit:04x}"))?;
            }
        }
        Ok(())
    }
}

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline] // a number, or a comma, is one write
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let is_plain = bytes.iter().all(|byte| (b'\n'..=b'~').contains(byte));
        if is_plain { self.0.write_all(bytes) } else { self.write_escaped(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use core::num::NonZeroU8;

    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::tests::samples::{Sample, image};
    use seqcopy_shm::untyped::Variants;

    fn text(layout: &Layout, bytes: &[u8], pretty: bool) -> String {
        let mut out = Vec::new();
        write(&mut out, &AsJson(Variants::from_layout(layout).value(layout, bytes)), pretty).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn value<T: SeqCopy>(bytes: &[u8]) -> Json {
        let compact = text(T::LAYOUT, bytes, false);
        let json: Json = serde_json::from_str(&compact).unwrap();
        // Both styles are valid and mean the same.
        assert_eq!(serde_json::from_str::<Json>(&text(T::LAYOUT, bytes, true)).unwrap(), json);
        json
    }

    #[test]
    fn it_is_all_there_or_nothing_is() {
        let (variants, image) = (Variants::from_layout(Sample::LAYOUT), image());
        let value = variants.value(Sample::LAYOUT, &image);
        let whole = text(Sample::LAYOUT, &image, true);
        let mut out = Vec::new();
        for most in 0..whole.len() as u64 - 1 {
            let result = write_up_to(most, &mut out, &AsJson(value), true);
            assert!(matches!(result, Err(Failure::Message(line)) if line.contains("leave `--json` out")));
            assert_eq!(out.len(), 0, "{most}");
        }
        // The newline is not counted.
        assert!(write_up_to(whole.len() as u64 - 1, &mut out, &AsJson(value), true).is_ok());
        assert_eq!(out, whole.as_bytes());
    }

    #[test]
    fn a_value() {
        let json = value::<Sample>(&image());
        assert_eq!(json["open"], true);
        assert_eq!(json["mode"], "Fast");
        assert_eq!(json["level"], -2);
        assert_eq!(json["ratio"].to_string(), "0.1");
        assert_eq!(json["letter"], "ß");
        assert_eq!(json["parent"], Json::Null);
        assert_eq!(json["limit"], 2.5);
        assert_eq!(json["outline"], json!({ "Circle": { "radius": 3, "filled": true } }));
        assert_eq!(json["wide"], "1267650600228229401496703205376");
        assert_eq!(json["legs"][1], json!({ "id": 0, "length": 12, "ready": null }));
        assert_eq!(json["name"][0], 108);
        let order: Vec<_> = json.as_object().unwrap().keys().take(3).collect();
        assert_eq!(order, ["open", "mode", "level"]);
        // The layout and the order are those of serde_json.
        assert_eq!(text(Sample::LAYOUT, &image(), true), format!("{json:#}\n"));
        assert_eq!(text(Sample::LAYOUT, &image(), false), format!("{json}\n"));
    }

    #[derive(SeqCopy)]
    #[repr(u8)]
    #[allow(dead_code)]
    enum Tuple {
        One(bool),
        Two(bool, SeqOption<u8>),
    }

    #[derive(SeqCopy)]
    #[repr(transparent)]
    struct Wrapped(SeqOption<u8>);

    #[test]
    fn what_json_can_not_express() {
        assert_eq!(value::<f64>(&f64::INFINITY.to_ne_bytes()), "inf");
        assert_eq!(value::<f32>(&f32::NAN.to_ne_bytes()), "NaN");
        assert_eq!(value::<bool>(&[2]), json!({ "invalid": "0x2", "expected": "a `bool`: 0 or 1" }));
        assert_eq!(value::<Tuple>(&[0, 1, 0, 0]), json!({ "One": true }));
        assert_eq!(value::<Tuple>(&[1, 1, 0, 0]), json!({ "Two": [true, null] }));
        assert_eq!(value::<[(); 7]>(&[]), json!({ "elements_without_bytes": 7 }));
        assert_eq!(value::<u64>(&[0xff; 8]), u64::MAX);
        assert_eq!(value::<i128>(&[0xff; 16]), -1);
    }

    #[test]
    fn options_of_options_can_be_told_apart() {
        type Twice = SeqOption<SeqOption<u8>>;
        assert_eq!(value::<Twice>(&[0, 0, 0]), Json::Null);
        assert_eq!(value::<Twice>(&[1, 0, 0]), json!({ "Some": null }));
        assert_eq!(value::<Twice>(&[1, 1, 5]), json!({ "Some": 5 }));
        assert_eq!(value::<SeqOption<u8>>(&[1, 5]), 5);
        assert_eq!(value::<SeqOption<Option<NonZeroU8>>>(&[1, 0]), json!({ "Some": null }));
        assert_eq!(value::<SeqOption<Wrapped>>(&[1, 0, 0]), json!({ "Some": null }));
        assert_eq!(value::<SeqOption<Twice>>(&[1, 1, 0, 0]), json!({ "Some": { "Some": null } }));
    }

    #[test]
    fn no_character_has_an_effect_on_a_terminal() {
        for c in ['\u{9b}', '\u{7f}', '\u{202e}', '\u{1b}', '\u{e0001}', '"', '\\', '\u{ad}'] {
            let bytes = u32::from(c).to_ne_bytes();
            assert_eq!(value::<char>(&bytes), c.to_string());
            let text = text(char::LAYOUT, &bytes, false);
            assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text:?}");
        }
        assert_eq!(text(char::LAYOUT, &u32::from('漢').to_ne_bytes(), false), "\"漢\"\n");
    }

    #[test]
    fn a_layout() {
        let json = layout(Sample::LAYOUT);
        assert_eq!((json["type"].as_str(), json["kind"].as_str()), (Some("Sample"), Some("struct")));
        assert_eq!(json["fields"][8]["layout"]["variants"][1]["fields"][0]["offset"], 4);
        assert_eq!(json["fields"][10]["layout"]["len"], 40);
    }
}
