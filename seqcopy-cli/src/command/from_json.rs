//! JSON as the bytes of a value: the reverse of [`to_json`](super::to_json), whose form it expects.
//!
//! Keys on the command line and the values of a recording come this way.

use std::fmt;
use std::fmt::{Display, Formatter};

use super::columns::printable;
use super::region::{EMPTY, is_byte, is_option, may_be_null, newtype};

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, Variant, are_numbered, put_any, put_number};
use serde_json::Value as Json;

/// Why a JSON value is not one of the type.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The part that is wrong. Empty for the whole value.
    path: String,
    why: String,
}

impl Display for Wrong {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "`{}`: ", printable(&self.path))?;
        }
        f.write_str(&self.why)
    }
}

impl Wrong {
    fn expected(layout: &Layout) -> Self {
        format!("expected {}", wanted(layout)).into()
    }

    /// The same error, of the value around this part.
    fn below(self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Wrong { path: format!("{name}{dot}{}", self.path), ..self }
    }
}

impl From<String> for Wrong {
    fn from(why: String) -> Self {
        Wrong { path: String::new(), why }
    }
}

/// Whether it is an array of bytes, which may be a text with zeros after it.
pub(super) fn is_letters(layout: &Layout) -> bool {
    matches!(layout.shape(), Shape::Array { element, .. } if is_byte(element))
}

/// A description of values of this type.
pub(super) fn wanted(layout: &Layout) -> String {
    if let Some(only) = newtype(layout) {
        return wanted(only.layout());
    }
    match layout.shape() {
        _ if layout.str_capacity().is_some() => "a text".to_owned(),
        _ if layout.vec_of().is_some() => "a list, as in `[1, 2]`".to_owned(),
        Shape::Scalar(Scalar::Bool) => "`true` or `false`".to_owned(),
        Shape::Scalar(Scalar::Char) => "one character".to_owned(),
        Shape::Scalar(Scalar::Float) if matches!(layout.size(), 4 | 8) => {
            "a number that fits, \"NaN\", \"inf\" or \"-inf\"".to_owned()
        }
        Shape::Scalar(kind) if !matches!(kind, Scalar::Float) => "a whole number that fits".to_owned(),
        Shape::Tags { .. } => "the name of a variant".to_owned(),
        Shape::Array { len, .. } if is_letters(layout) => {
            format!("a text of at most {len} bytes, or {len} numbers, as in `[1, 2]`")
        }
        Shape::Array { len, .. } => format!("{len} elements, as in `[1, 2]`"),
        Shape::Struct { fields, .. } => of_fields(fields),
        Shape::Enum { variants: [_, some], .. } if is_option(layout) => match some.fields() {
            [some] if may_be_null(some.layout()) => format!("`null`, or {{\"Some\": {}}}", wanted(some.layout())),
            [some] => format!("`null`, or {}", wanted(some.layout())),
            _ => "`null`".to_owned(),
        },
        Shape::Enum { .. } => "a variant, as in \"Name\" or {\"Name\": ..}".to_owned(),
        Shape::Pointer { .. } => "a whole number that fits".to_owned(),
        _ => format!("{} hexadecimal digits", 2 * layout.size()),
    }
}

fn of_fields(fields: &[Field]) -> String {
    match fields {
        [only] if are_numbered(fields) => wanted(only.layout()),
        _ if are_numbered(fields) => format!("{} fields, as in `[1, 2]`", fields.len()),
        _ => {
            let names: Vec<String> = fields.iter().take(8).map(|field| format!("\"{}\": ..", field.name())).collect();
            format!("{{{}}}", printable(&names.join(", ")))
        }
    }
}

/// Stores a value, where all bytes are zeros. [`Layout::validate`] checks the rules that are not of the type's shape.
pub(super) fn put(layout: &Layout, json: &Json, to: &mut [u8]) -> Result<(), Wrong> {
    let expected = || Wrong::expected(layout);
    if let Some(only) = newtype(layout) {
        return put(only.layout(), json, part(only, to));
    }
    match (layout.shape(), json) {
        (Shape::Struct { fields: [len, content], .. }, Json::String(text)) if layout.str_capacity().is_some() => {
            put_len(text.len(), content.layout().size(), "bytes", part(len, to))?;
            part(content, to)[..text.len()].copy_from_slice(text.as_bytes());
            Ok(())
        }
        (Shape::Struct { fields: [len, content], .. }, _) if layout.vec_of().is_some() => {
            let Some((element, capacity)) = layout.vec_of() else { return Err(expected()) };
            match (json, empty(element, json)) {
                (_, Some(count)) => put_len(count, capacity, "elements", part(len, to)),
                (Json::Array(items), None) => {
                    put_len(items.len(), capacity, "elements", part(len, to))?;
                    let (used, unused) = part(content, to).split_at_mut(items.len() * element.size());
                    if !unused.is_empty() {
                        unused.chunks_exact_mut(element.size()).for_each(|unused| put_any(element, unused));
                    }
                    each(element, items, used)
                }
                _ => Err(expected()),
            }
        }
        (Shape::Scalar(Scalar::Bool), Json::Bool(bool)) => {
            to[0] = u8::from(*bool);
            Ok(())
        }
        (Shape::Scalar(Scalar::Char), Json::String(text)) => {
            let mut chars = text.chars();
            let (Some(char), None) = (chars.next(), chars.next()) else { return Err(expected()) };
            to.copy_from_slice(&u32::from(char).to_ne_bytes());
            Ok(())
        }
        (Shape::Skipped, _)
        | (Shape::Scalar(Scalar::OptionNonZeroUnsigned | Scalar::OptionNonZeroSigned), Json::Null) => Ok(()),
        (Shape::Scalar(Scalar::Float), _) if matches!(layout.size(), 4 | 8) => put_float(json, to).ok_or_else(expected),
        (Shape::Scalar(kind), Json::Number(_) | Json::String(_)) if !matches!(kind, Scalar::Bool | Scalar::Float) => {
            put_integer(json, kind.is_signed(), to).ok_or_else(expected)
        }
        (Shape::Pointer { .. }, Json::Number(_)) => put_integer(json, false, to).ok_or_else(expected),
        (Shape::Tags { signed, .. }, Json::String(name)) => {
            let variant = variant(layout, name)?;
            put_number(variant.value(), signed, to).then_some(()).ok_or_else(expected)
        }
        (Shape::Enum { .. }, _) => put_variant(layout, json, to),
        (Shape::Array { len, .. }, Json::String(text)) if is_letters(layout) && text.len() <= len => {
            to[..text.len()].copy_from_slice(text.as_bytes());
            Ok(())
        }
        (Shape::Array { element, len, .. }, _) if empty(element, json) == Some(len) => Ok(()),
        (Shape::Array { element, len, .. }, Json::Array(items)) if items.len() == len => each(element, items, to),
        (Shape::Struct { fields, .. }, _) => put_fields(fields, json, to).ok_or_else(expected)?,
        (Shape::Plain | Shape::Scalar(Scalar::Float), Json::String(text)) if text.len() == 2 * to.len() => {
            let digits = text.as_bytes().chunks_exact(2).map(|pair| {
                let [high, low] = [0, 1].map(|at| char::from(pair[at]).to_digit(16));
                u8::try_from(high? << 4 | low?).ok()
            });
            to.iter_mut().zip(digits).try_for_each(|(byte, digits)| {
                *byte = digits.ok_or_else(expected)?;
                Ok(())
            })
        }
        _ => Err(expected()),
    }
}

/// The number of elements of a list whose elements have no bytes.
fn empty(element: &Layout, json: &Json) -> Option<usize> {
    let count = if element.size() == 0 { json.get(EMPTY)?.as_u64() } else { None };
    usize::try_from(count?).ok()
}

/// Numbers that JSON can't express are texts.
#[allow(clippy::cast_possible_truncation)] // to the nearest
fn put_float(json: &Json, to: &mut [u8]) -> Option<()> {
    let number = match json {
        Json::Number(number) => number.as_f64()?,
        Json::String(text) => match text.as_str() {
            "NaN" => f64::NAN,
            "inf" => f64::INFINITY,
            "-inf" => f64::NEG_INFINITY,
            _ => return None,
        },
        _ => return None,
    };
    if to.len() == 8 {
        to.copy_from_slice(&number.to_ne_bytes());
        return Some(());
    }
    let short = number as f32;
    to.copy_from_slice(&short.to_ne_bytes());
    (short.is_finite() || !number.is_finite()).then_some(())
}

/// A number of more than 64 bits is a text.
fn put_integer(json: &Json, is_signed: bool, to: &mut [u8]) -> Option<()> {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let number =
        if is_signed { text.parse().ok()? } else { i128::from_ne_bytes(text.parse::<u128>().ok()?.to_ne_bytes()) };
    put_number(number, is_signed, to).then_some(())
}

fn variant<'a>(layout: &'a Layout, name: &str) -> Result<&'a Variant, Wrong> {
    layout.variants().iter().find(|variant| variant.name() == name).ok_or_else(|| {
        let names: Vec<String> = layout.variants().iter().take(24).map(|it| printable(it.name())).collect();
        format!("it has the variants {}", names.join(", ")).into()
    })
}

fn put_variant(layout: &Layout, json: &Json, to: &mut [u8]) -> Result<(), Wrong> {
    let expected = || Wrong::expected(layout);
    let Shape::Enum { tag, payload, variants, .. } = layout.shape() else { return Err(expected()) };
    let (variant, content) = match (json, variants) {
        (Json::Null, [none, _]) if is_option(layout) => (none, &Json::Null),
        (_, [_, some]) if is_option(layout) => {
            let inner = some.fields().first().filter(|inner| may_be_null(inner.layout()));
            (some, inner.map_or(Some(json), |_| json.get("Some")).ok_or_else(expected)?)
        }
        (Json::String(name), _) => (variant(layout, name)?, &Json::Null),
        (Json::Object(members), _) if members.len() == 1 => {
            let (name, content) = members.iter().next().ok_or_else(expected)?;
            (variant(layout, name)?, content)
        }
        _ => return Err(expected()),
    };
    let is_put = put_number(variant.value(), variant.value() < 0, &mut to[..tag.size()]);
    match variant.fields() {
        _ if !is_put => Err(expected()),
        [] => content.is_null().then_some(()).ok_or_else(expected),
        fields => {
            let put = put_fields(fields, content, &mut to[payload..]);
            put.unwrap_or_else(|| Err(format!("expected {}", of_fields(fields)).into()))
                .map_err(|wrong| if is_option(layout) { wrong } else { wrong.below(variant.name()) })
        }
    }
}

/// The fields of a struct or a variant. `None` if the JSON has other fields.
fn put_fields(fields: &[Field], json: &Json, to: &mut [u8]) -> Option<Result<(), Wrong>> {
    let mut put = |field: &Field, json: &Json| {
        put(field.layout(), json, part(field, to)).map_err(|wrong| wrong.below(field.name()))
    };
    match (fields, json) {
        ([only], _) if are_numbered(fields) => Some(self::put(only.layout(), json, part(only, to))),
        (_, Json::Array(items)) if are_numbered(fields) && items.len() == fields.len() => {
            Some(fields.iter().zip(items).try_for_each(|(field, item)| put(field, item)))
        }
        (_, Json::Object(members)) if !are_numbered(fields) && members.len() == fields.len() => {
            let each: Option<Vec<_>> = fields.iter().map(|field| Some((field, members.get(field.name())?))).collect();
            Some(each?.into_iter().try_for_each(|(field, member)| put(field, member)))
        }
        _ => None,
    }
}

/// Stores the length of a `SeqStr` or a `SeqVec`, if there is enough capacity.
fn put_len(len: usize, capacity: usize, unit: &str, to: &mut [u8]) -> Result<(), Wrong> {
    let fits = len <= capacity && put_number(len as i128, false, to);
    fits.then_some(()).ok_or_else(|| format!("it has space for {capacity} {unit}").into())
}

fn each(element: &Layout, items: &[Json], to: &mut [u8]) -> Result<(), Wrong> {
    let size = element.size();
    items.iter().enumerate().try_for_each(|(i, item)| {
        put(element, item, &mut to[i * size..(i + 1) * size]).map_err(|wrong| wrong.below(&format!("[{i}]")))
    })
}

fn part<'a>(field: &Field, to: &'a mut [u8]) -> &'a mut [u8] {
    &mut to[field.offset()..][..field.layout().size()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::samples::{Id, Mode, Opaque, Pair, Sample, image};
    use crate::command::to_json::AsJson;
    use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec};
    use seqcopy_shm::untyped::Variants;
    use serde_json::json;

    #[derive(SeqCopy)]
    #[repr(u8)]
    #[allow(dead_code)]
    enum Shape {
        Point,
        Circle(f32),
        Box { width: f64, turned: SeqOption<i8> },
        Pair(u8, SeqVec<(), 3>),
    }

    #[test]
    fn what_a_value_looks_like_is_said_of_each_kind() {
        let field = |name| Field::new(name, 0, <u8 as SeqCopy>::LAYOUT);
        let many: Vec<Field> = ["a", "b", "c", "d", "e", "f", "g", "h", "i"].map(field).into();
        let nine = Layout::of_struct("Nine", 1, 1, many.leak());
        let eight = r#"{"a": .., "b": .., "c": .., "d": .., "e": .., "f": .., "g": .., "h": ..}"#;
        for (layout, text) in [
            (u8::LAYOUT, "a whole number that fits"),
            (Id::LAYOUT, "a whole number that fits"),
            (bool::LAYOUT, "`true` or `false`"),
            (char::LAYOUT, "one character"),
            (Mode::LAYOUT, "the name of a variant"),
            (SeqStr::<8>::LAYOUT, "a text"),
            (SeqVec::<u8, 4>::LAYOUT, "a list, as in `[1, 2]`"),
            (<[u8; 3]>::LAYOUT, "a text of at most 3 bytes, or 3 numbers, as in `[1, 2]`"),
            (<[u16; 2]>::LAYOUT, "2 elements, as in `[1, 2]`"),
            (Pair::LAYOUT, "2 fields, as in `[1, 2]`"),
            (&nine, eight),
            (Opaque::LAYOUT, "6 hexadecimal digits"),
            (SeqOption::<u8>::LAYOUT, "`null`, or a whole number that fits"),
            (SeqOption::<SeqOption<bool>>::LAYOUT, "`null`, or {\"Some\": `null`, or `true` or `false`}"),
            (f32::LAYOUT, "a number that fits, \"NaN\", \"inf\" or \"-inf\""),
            (Shape::LAYOUT, "a variant, as in \"Name\" or {\"Name\": ..}"),
        ] {
            assert_eq!(wanted(layout), text, "{}", layout.type_name());
        }
    }

    /// The JSON of the bytes that are made of JSON.
    fn again(layout: &Layout, json: &Json) -> Result<Json, String> {
        let mut bytes = vec![0; layout.size()];
        put(layout, json, &mut bytes).map_err(|wrong| wrong.to_string())?;
        let variants = Variants::from_layout(layout);
        Ok(serde_json::to_value(AsJson(variants.value(layout, &bytes))).unwrap())
    }

    #[test]
    fn what_was_written_is_taken_back() {
        let variants = Variants::from_layout(Sample::LAYOUT);
        let sample = serde_json::to_value(AsJson(variants.value(Sample::LAYOUT, &image()))).unwrap();
        for (layout, json) in [
            (Sample::LAYOUT, sample),
            (Shape::LAYOUT, json!("Point")),
            (Shape::LAYOUT, json!({ "Circle": "-inf" })),
            (Shape::LAYOUT, json!({ "Box": { "width": 0.1, "turned": null } })),
            (Shape::LAYOUT, json!({ "Box": { "width": -0.0, "turned": -128 } })),
            (Shape::LAYOUT, json!({ "Pair": [1, { "elements_without_bytes": 2 }] })),
            (f64::LAYOUT, json!(f64::from_bits(1))),
            (f64::LAYOUT, json!(1.797_693_134_862_315_7e308)),
            (f32::LAYOUT, json!("NaN")),
            (u64::LAYOUT, json!(u64::MAX)),
            (i128::LAYOUT, json!(i128::MIN.to_string())),
            (SeqOption::<SeqOption<u8>>::LAYOUT, json!({ "Some": null })),
            (<[(); 7]>::LAYOUT, json!({ "elements_without_bytes": 7 })),
            (<[u8; 0]>::LAYOUT, json!([])),
            (<()>::LAYOUT, json!({})),
            (Opaque::LAYOUT, json!("00ff1a")),
            (SeqStr::<8>::LAYOUT, json!("a\u{e9}\0")),
            (Mode::LAYOUT, json!("Calm")),
        ] {
            assert_eq!(again(layout, &json).as_ref(), Ok(&json), "{}", layout.type_name());
        }
    }

    #[test]
    fn an_error_names_the_part() {
        let legs = <[Pair; 2]>::LAYOUT;
        for (layout, json, why) in [
            (legs, json!([[1, 2], [3, 65536]]), "`[1].1`: expected a whole number that fits"),
            (legs, json!([[1, 2], [3]]), "`[1]`: expected 2 fields, as in `[1, 2]`"),
            (
                Shape::LAYOUT,
                json!({ "Box": { "width": 1, "turned": true } }),
                "`Box.turned`: expected a whole number that fits",
            ),
            (Shape::LAYOUT, json!({ "Box": { "width": 1 } }), "`Box`: expected {\"width\": .., \"turned\": ..}"),
            (Shape::LAYOUT, json!("Circle"), "`Circle`: expected a number that fits, \"NaN\", \"inf\" or \"-inf\""),
            (Shape::LAYOUT, json!({ "Point": 1 }), "expected a variant, as in \"Name\" or {\"Name\": ..}"),
            (Shape::LAYOUT, json!("Line"), "it has the variants Point, Circle, Box, Pair"),
            (
                Shape::LAYOUT,
                json!({ "Pair": [1, { "elements_without_bytes": 4 }] }),
                "`Pair.1`: it has space for 3 elements",
            ),
            (f32::LAYOUT, json!(1e39), "expected a number that fits, \"NaN\", \"inf\" or \"-inf\""),
            (<[(); 7]>::LAYOUT, json!({ "elements_without_bytes": 6 }), "expected 7 elements, as in `[1, 2]`"),
            (Opaque::LAYOUT, json!("00ff+a"), "expected 6 hexadecimal digits"),
            (SeqOption::<Pair>::LAYOUT, json!([1, null]), "`1`: expected a whole number that fits"),
            (bool::LAYOUT, json!({ "invalid": "0x2", "expected": "a `bool`: 0 or 1" }), "expected `true` or `false`"),
        ] {
            assert_eq!(again(layout, &json), Err(why.to_owned()), "{} {json}", layout.type_name());
        }
    }
}
