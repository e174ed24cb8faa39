//! Bytes become a tree of values: [`decode`].
//!
//! Neither the bytes nor the layout are trusted. Bits that are no value of their type, and places outside of the
//! bytes, become [`Value::Invalid`] where they stand; nothing panics.

use std::borrow::Cow;

use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape};

use super::Failure;

/// A value, by the names of its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Unsigned(u128),
    Signed(i128),
    /// The bits of an `f32`: floats are compared by their bits, as they are copied.
    Single(u32),
    /// The bits of an `f64`.
    Double(u64),
    Bool(bool),
    Char(char),
    /// The `None` of an `Option` of a number that is never 0, or of a `SeqOption`.
    Nothing,
    /// The `Some` of a `SeqOption`.
    Something(Box<Value>),
    /// Bytes about which nothing else is known.
    Bytes(Vec<u8>),
    /// Never read.
    Skipped,
    Array(Vec<Value>),
    /// An array of numbers without a rule, which may be large: images, samples.
    Numbers(Numbers),
    /// An array of so many elements that have no bytes.
    Empty(usize),
    Struct(Fields),
    /// A variant and its fields.
    Variant(&'static str, Fields),
    Invalid {
        /// The bits, as an unsigned number.
        found: u128,
        expected: Cow<'static, str>,
    },
}

/// Numbers of one kind as they lie in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numbers {
    kind: Scalar,
    width: usize,
    bytes: Vec<u8>,
}

impl Numbers {
    pub(super) fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// The numbers, one by one.
    pub(super) fn iter(&self) -> impl Iterator<Item = Value> {
        self.bytes.chunks_exact(self.width).map(|bytes| scalar(self.kind, bytes))
    }

    /// The bytes, if they are the numbers.
    pub(super) fn as_bytes(&self) -> Option<&[u8]> {
        (self.kind == Scalar::Unsigned && self.width == 1).then_some(&self.bytes)
    }
}

/// The kind of an array's elements, if they are numbers without a rule.
fn numbers(element: &Layout) -> Option<Scalar> {
    match element.shape() {
        Shape::Scalar(kind @ (Scalar::Unsigned | Scalar::Signed | Scalar::Float)) if element.size() > 0 => Some(kind),
        _ => None,
    }
}

/// Fields by name, in the order of declaration.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// More values than this are not a value to look at; a lying schema may promise any number.
const MOST: u64 = 1 << 22;

/// The value of `layout` whose bytes are the first of `bytes`.
pub(super) fn decode(layout: &'static Layout, bytes: &[u8]) -> Result<Value, Failure> {
    let count = count(layout);
    if count > MOST {
        return Err(Failure::new(format!(
            "`{}` consists of {count} values, more than the {MOST} that can be shown",
            layout.name()
        )));
    }
    Ok(value(layout, bytes))
}

/// How many nodes the tree of a value has at most.
fn count(layout: &Layout) -> u64 {
    let sum = |fields: &[Field]| fields.iter().fold(0, |sum: u64, field| sum.saturating_add(count(field.layout())));
    let below = match layout.shape() {
        Shape::Array { element, .. } if numbers(element).is_some() => 0,
        Shape::Array { element, len } if element.size() > 0 => count(element).saturating_mul(len as u64),
        Shape::Struct { fields } => sum(fields),
        Shape::Choice { variants, .. } => variants.iter().map(|variant| sum(variant.fields())).max().unwrap_or(0),
        _ => 0,
    };
    below.saturating_add(1)
}

fn value(layout: &'static Layout, bytes: &[u8]) -> Value {
    let Some(own) = bytes.get(..layout.size()) else {
        return invalid(0, format!("{} bytes, of which {} are there", layout.size(), bytes.len()));
    };
    match layout.shape() {
        Shape::Scalar(kind) => scalar(kind, own),
        Shape::Pointer { .. } => Value::Unsigned(unsigned(own)),
        Shape::Skipped => Value::Skipped,
        Shape::Array { element, len } if element.size() == 0 => Value::Empty(len),
        Shape::Array { element, .. } => match numbers(element) {
            Some(kind) => Value::Numbers(Numbers { kind, width: element.size(), bytes: own.to_vec() }),
            None => Value::Array(own.chunks_exact(element.size()).map(|bytes| value(element, bytes)).collect()),
        },
        Shape::Struct { fields } => Value::Struct(members(fields, 0, own)),
        Shape::Tags { signed, variants } => {
            let found = number(signed, own);
            match variants.iter().find(|variant| variant.value() == found) {
                Some(variant) => Value::Variant(variant.name(), Vec::new()),
                None => invalid(unsigned(own), expected_variant(layout)),
            }
        }
        Shape::Choice { tag, payload, variants } => {
            let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
            let bits = own.get(..tag.size()).unwrap_or_default();
            let found = number(signed, bits);
            let Some(variant) = variants.iter().find(|variant| variant.value() == found) else {
                return invalid(unsigned(bits), expected_variant(layout));
            };
            let mut fields = members(variant.fields(), payload, own);
            match (is_option(layout), fields.pop()) {
                (true, None) => Value::Nothing,
                (true, Some((_, value))) => Value::Something(Box::new(value)),
                (false, last) => {
                    fields.extend(last);
                    Value::Variant(variant.name(), fields)
                }
            }
        }
        // `Plain`, and shapes of later versions.
        _ => Value::Bytes(own.to_vec()),
    }
}

/// Whether it is a `SeqOption`: its values are shown as those of `Option`.
pub(super) fn is_option(layout: &Layout) -> bool {
    layout.name() == "SeqOption"
        && match layout.variants() {
            [none, some] => {
                (none.name(), some.name()) == ("None", "Some") && none.fields().is_empty() && some.fields().len() == 1
            }
            _ => false,
        }
}

fn members(fields: &'static [Field], start: usize, bytes: &[u8]) -> Fields {
    let at = |field: &Field| bytes.get(start.saturating_add(field.offset())..).unwrap_or_default();
    fields.iter().map(|field| (field.name(), value(field.layout(), at(field)))).collect()
}

fn scalar(kind: Scalar, bytes: &[u8]) -> Value {
    let bits = unsigned(bytes);
    match (kind, bytes.len()) {
        (Scalar::Float, 4) => Value::Single(u32::try_from(bits).unwrap_or_default()),
        (Scalar::Float, 8) => Value::Double(u64::try_from(bits).unwrap_or_default()),
        // Of a width that this version doesn't know.
        (Scalar::Float, _) => Value::Bytes(bytes.to_vec()),
        (Scalar::Bool, _) => match bits {
            0 => Value::Bool(false),
            1 => Value::Bool(true),
            _ => invalid(bits, "a `bool`: 0 or 1"),
        },
        (Scalar::Char, _) => match u32::try_from(bits).ok().and_then(char::from_u32) {
            Some(char) => Value::Char(char),
            None => invalid(bits, "a `char`: a Unicode scalar value"),
        },
        (Scalar::NonZeroUnsigned | Scalar::NonZeroSigned, _) if bits == 0 => invalid(0, "a number that is not 0"),
        (Scalar::OptionNonZeroUnsigned | Scalar::OptionNonZeroSigned, _) if bits == 0 => Value::Nothing,
        (Scalar::Signed | Scalar::NonZeroSigned | Scalar::OptionNonZeroSigned, _) => Value::Signed(signed(bytes)),
        // Unsigned in one way or the other.
        _ => Value::Unsigned(bits),
    }
}

fn invalid(found: u128, expected: impl Into<Cow<'static, str>>) -> Value {
    Value::Invalid { found, expected: expected.into() }
}

fn expected_variant(layout: &Layout) -> String {
    // Enough to see which enum it is.
    let mut names: Vec<String> =
        layout.variants().iter().take(6).map(|variant| format!("{} = {}", variant.name(), variant.value())).collect();
    if layout.variants().len() > names.len() {
        names.push("...".to_owned());
    }
    format!("a variant of `{}`: {}", layout.name(), names.join(", "))
}

fn number(is_signed: bool, bytes: &[u8]) -> i128 {
    // Tags have at most 64 bits.
    if is_signed { signed(bytes) } else { i128::try_from(unsigned(bytes)).unwrap_or(-1) }
}

/// The bits in this machine's byte order; of more than 16 bytes, the first.
fn unsigned(bytes: &[u8]) -> u128 {
    let len = bytes.len().min(16);
    let mut wide = [0; 16];
    if cfg!(target_endian = "little") {
        wide[..len].copy_from_slice(&bytes[..len]);
    } else {
        wide[16 - len..].copy_from_slice(&bytes[..len]);
    }
    u128::from_ne_bytes(wide)
}

#[allow(clippy::cast_possible_wrap)] // two's complement is what is wanted
fn signed(bytes: &[u8]) -> i128 {
    let unused = 128 - 8 * bytes.len().clamp(1, 16);
    (unsigned(bytes) << unused) as i128 >> unused
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption};

    use super::*;
    use crate::command::samples::{Mode, Sample, image};

    fn sample(bytes: &[u8]) -> Fields {
        match decode(Sample::LAYOUT, bytes).unwrap() {
            Value::Struct(fields) => fields,
            other => panic!("{other:?}"),
        }
    }

    fn field(fields: &Fields, name: &str) -> Value {
        fields.iter().find(|field| field.0 == name).unwrap().1.clone()
    }

    #[test]
    fn every_kind_of_field() {
        let fields = sample(&image());
        assert_eq!(field(&fields, "open"), Value::Bool(true));
        assert_eq!(field(&fields, "mode"), Value::Variant("Fast", Vec::new()));
        assert_eq!(field(&fields, "level"), Value::Signed(-2));
        assert_eq!(field(&fields, "ratio"), Value::Single(0.1f32.to_bits()));
        assert_eq!(field(&fields, "letter"), Value::Char('ß'));
        assert_eq!(field(&fields, "id"), Value::Unsigned(7));
        assert_eq!(field(&fields, "parent"), Value::Nothing);
        assert_eq!(field(&fields, "limit"), Value::Something(Box::new(Value::Double(2.5f64.to_bits()))));
        assert_eq!(
            field(&fields, "area"),
            Value::Variant("Circle", vec![("radius", Value::Unsigned(3)), ("filled", Value::Bool(true))])
        );
        assert_eq!(field(&fields, "wide"), Value::Unsigned(1 << 100));
    }

    #[test]
    fn invalid_bits_are_shown_where_they_are() {
        let mut bytes = image();
        bytes[0] = 2;
        bytes[1] = 9;
        let fields = sample(&bytes);
        assert_eq!(field(&fields, "open"), invalid(2, "a `bool`: 0 or 1"));
        assert_eq!(field(&fields, "mode"), invalid(9, "a variant of `Mode`: Calm = 0, Fast = 3"));
        let surrogate = 0xd800u32.to_ne_bytes();
        assert_eq!(value(char::LAYOUT, &surrogate), invalid(0xd800, "a `char`: a Unicode scalar value"));
        assert_eq!(value(SeqOption::<u8>::LAYOUT, &[2, 0]), invalid(2, "a variant of `SeqOption`: None = 0, Some = 1"));
        assert_eq!(value(core::num::NonZeroU16::LAYOUT, &[0, 0]), invalid(0, "a number that is not 0"));
    }

    #[test]
    fn any_bytes_decode_to_something() {
        let bytes: Vec<u8> = (0..=255).cycle().take(4 * Sample::LAYOUT.size()).collect();
        for start in 0..256 {
            let _ = sample(&bytes[start..]);
        }
        for len in 0..Sample::LAYOUT.size() {
            assert!(matches!(decode(Sample::LAYOUT, &bytes[..len]), Ok(Value::Invalid { .. })));
        }
    }

    #[test]
    fn numbers_of_all_widths() {
        assert_eq!(value(i8::LAYOUT, &(-1i8).to_ne_bytes()), Value::Signed(-1));
        assert_eq!(value(i128::LAYOUT, &i128::MIN.to_ne_bytes()), Value::Signed(i128::MIN));
        assert_eq!(value(u128::LAYOUT, &u128::MAX.to_ne_bytes()), Value::Unsigned(u128::MAX));
        assert_eq!(value(Mode::LAYOUT, &[3]), Value::Variant("Fast", Vec::new()));
        assert_eq!(value(<[(); 1 << 40]>::LAYOUT, &[]), Value::Empty(1 << 40));
    }

    #[test]
    fn too_many_values_are_refused() {
        #[derive(SeqCopy)]
        #[repr(C)]
        struct Amplified {
            byte: u8,
            nothing: [(); 3],
            more: [[(); 4]; 5],
        }
        assert!(decode(<[Amplified; 1 << 20]>::LAYOUT, &[]).is_err());
        // Numbers are cheap.
        assert!(decode(<[u8; 1 << 24]>::LAYOUT, &vec![0; 1 << 24]).is_ok());
    }
}
