//! Bytes as values: a [`Value`] is a place in them with its type, and [`look`](Value::look) finds what is there.
//!
//! No tree is built of a value: it is looked at where it lies, however large it is. Neither the bytes nor the layout are trusted.
//! Invalid bits, and places outside the bytes, are a [`Node::Invalid`] where they lie; nothing panics.

use std::fmt::{self, Display, Formatter};

use seqcopy::Layout;
use seqcopy::layout::{Field, Path, Scalar, Shape, number_of};

use super::types::are_numbered;
use super::variants::Variants;

/// A value, or a part of one.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    variants: &'a Variants,
    pub(super) layout: &'a Layout,
    /// As many as the layout has, unless there are fewer.
    pub(super) bytes: &'a [u8],
}

/// What lies at a place.
pub(super) enum Node<'a> {
    Unsigned(u128),
    Signed(i128),
    Single(f32),
    Double(f64),
    Bool(bool),
    Char(char),
    /// The `None` of an `Option` of a non-zero number.
    Nothing,
    /// Bytes of a plain type, of which nothing else is known.
    Bytes(&'a [u8]),
    /// The text of a `SeqStr`.
    Text(&'a str),
    /// A skipped field, which is never read.
    Skipped,
    List(List<'a>),
    /// An array of this many elements without bytes.
    Empty(usize),
    /// The fields of a struct, or of an enum's variant.
    Fields(Fields<'a>),
    Invalid {
        /// The bits, as an unsigned number.
        found: u128,
        expected: Expected<'a>,
    },
}

impl<'a> Value<'a> {
    /// The value of `layout` whose bytes are the first of `bytes`.
    pub(super) fn new(variants: &'a Variants, layout: &'a Layout, bytes: &'a [u8]) -> Self {
        Value { variants, layout, bytes: bytes.get(..layout.size()).unwrap_or(bytes) }
    }

    pub(super) fn look(self) -> Node<'a> {
        let Value { variants, layout, bytes } = self;
        if bytes.len() < layout.size() {
            return Node::Invalid { found: 0, expected: Expected::Bytes(layout.size(), bytes.len()) };
        }
        match layout.shape() {
            Shape::Scalar(kind) => scalar(kind, bytes),
            Shape::Pointer { .. } => Node::Unsigned(unsigned(bytes)),
            Shape::Skipped => Node::Skipped,
            Shape::Array { element, len, .. } if element.size() == 0 => Node::Empty(len),
            Shape::Array { element, len, .. } => Node::List(List { variants, element, len, bytes }),
            Shape::Struct { fields: [_, content], .. } if layout.str_capacity().is_some() => {
                match self.elements(content) {
                    Node::List(list) => text(list.bytes),
                    invalid => invalid,
                }
            }
            Shape::Struct { fields: [_, content], .. }
                if layout.vec_of().is_some_and(|(element, _)| element.size() != 0) =>
            {
                self.elements(content)
            }
            Shape::Struct { fields, .. } => {
                Node::Fields(Fields { variant: None, variants, list: fields, start: 0, bytes })
            }
            Shape::Tags { .. } => self.variant(bytes, 0),
            Shape::Enum { tag, payload, .. } => self.variant(&bytes[..tag.size()], payload),
            // `Plain`, and shapes of later versions.
            _ => Node::Bytes(bytes),
        }
    }

    /// The elements of a `SeqStr` or `SeqVec` up to its length, which is its first field.
    fn elements(self, content: &'a Field) -> Node<'a> {
        let Value { variants, bytes, .. } = self;
        let Shape::Array { element, len: capacity, .. } = content.layout().shape() else { return Node::Bytes(bytes) };
        let found = unsigned(bytes.get(..4).unwrap_or_default());
        let Some(len) = usize::try_from(found).ok().filter(|len| *len <= capacity) else {
            return invalid(found, "a length that is at most the capacity");
        };
        let from = bytes.get(content.offset()..).unwrap_or_default();
        let Some(bytes) = from.get(..len * element.size()) else { return Node::Bytes(bytes) };
        Node::List(List { variants, element, len, bytes })
    }

    /// The variant that a tag names, whose fields begin at `start`.
    fn variant(self, tag: &[u8], start: usize) -> Node<'a> {
        let Value { variants, layout, bytes } = self;
        match layout.tag_of(tag).and_then(|tag| variants.of_tag(layout, tag)) {
            Some(variant) => {
                Node::Fields(Fields { variant: Some(variant.name()), variants, list: variant.fields(), start, bytes })
            }
            None => Node::Invalid { found: unsigned(tag), expected: Expected::VariantOf(layout) },
        }
    }
}

/// The elements of an array.
#[derive(Clone, Copy)]
pub(super) struct List<'a> {
    variants: &'a Variants,
    /// The type of each.
    pub(super) element: &'a Layout,
    pub(super) len: usize,
    /// Those of all elements.
    pub(super) bytes: &'a [u8],
}

impl<'a> List<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = Value<'a>> {
        let List { variants, element, .. } = self;
        self.bytes.chunks_exact(element.size()).map(move |bytes| Value { variants, layout: element, bytes })
    }

    /// Without the first elements.
    pub(super) fn skip(self, first: usize) -> List<'a> {
        let first = first.min(self.len);
        List { len: self.len - first, bytes: &self.bytes[first * self.element.size()..], ..self }
    }
}

/// Fields, in the order of declaration.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    /// The name of the variant that they are the fields of; `None` for those of a struct.
    pub(super) variant: Option<&'a str>,
    variants: &'a Variants,
    list: &'a [Field],
    start: usize,
    bytes: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn len(self) -> usize {
        self.list.len()
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.list.iter().map(move |field| {
            let bytes = self.bytes.get(self.start.saturating_add(field.offset())..).unwrap_or_default();
            (field.name(), Value::new(self.variants, field.layout(), bytes))
        })
    }

    /// The path that their names follow: a variant's name is a part of it.
    pub(super) fn path<'p>(self, parent: &'p Path<'p>) -> Path<'p>
    where
        'a: 'p,
    {
        self.variant.map_or(*parent, |name| Path::Field(parent, name))
    }

    /// Whether they are the fields of a tuple.
    pub(super) fn are_numbered(self) -> bool {
        are_numbered(self.list)
    }
}

/// The bits of a number.
#[allow(clippy::cast_sign_loss)] // bits
fn unsigned(bytes: &[u8]) -> u128 {
    number_of(bytes, false) as u128
}

fn scalar(kind: Scalar, bytes: &[u8]) -> Node<'_> {
    let bits = unsigned(bytes);
    match (kind, bytes.len()) {
        (Scalar::Float, 4) => Node::Single(f32::from_bits(u32::try_from(bits).unwrap_or_default())),
        (Scalar::Float, 8) => Node::Double(f64::from_bits(u64::try_from(bits).unwrap_or_default())),
        // A float of a width that this version does not know.
        (Scalar::Float, _) => Node::Bytes(bytes),
        (Scalar::Bool, _) => match bits {
            0 => Node::Bool(false),
            1 => Node::Bool(true),
            _ => invalid(bits, "a `bool`: 0 or 1"),
        },
        (Scalar::Char, _) => match u32::try_from(bits).ok().and_then(char::from_u32) {
            Some(char) => Node::Char(char),
            None => invalid(bits, "a `char`: a Unicode scalar value"),
        },
        (Scalar::NonZeroUnsigned | Scalar::NonZeroSigned, _) if bits == 0 => invalid(0, "a number that is not 0"),
        (Scalar::OptionNonZeroUnsigned | Scalar::OptionNonZeroSigned, _) if bits == 0 => Node::Nothing,
        _ if kind.is_signed() => Node::Signed(number_of(bytes, true)),
        // Unsigned, with or without zero.
        _ => Node::Unsigned(bits),
    }
}

/// The text of a `SeqStr`.
fn text(bytes: &[u8]) -> Node<'_> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Node::Text(text),
        Err(error) => invalid(u128::from(bytes[error.valid_up_to()]), "UTF-8"),
    }
}

fn invalid(found: u128, rule: &'static str) -> Node<'static> {
    Node::Invalid { found, expected: Expected::Rule(rule) }
}

/// What invalid bits should have been.
pub(super) enum Expected<'a> {
    Rule(&'static str),
    VariantOf(&'a Layout),
    /// The number of bytes, and how many of them are there.
    Bytes(usize, usize),
}

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Rule(rule) => f.write_str(rule),
            Expected::Bytes(all, there) => write!(f, "{all} bytes, of which only {there} were found"),
            Expected::VariantOf(layout) => {
                write!(f, "a variant of `{}`: ", layout.name())?;
                // Enough to recognise the enum.
                for (i, variant) in layout.variants().iter().take(NAMED).enumerate() {
                    let separator = if i == 0 { "" } else { ", " };
                    write!(f, "{separator}{} = {}", variant.name(), variant.value())?;
                }
                if layout.variants().len() > NAMED { f.write_str(", ...") } else { Ok(()) }
            }
        }
    }
}

/// How many of an enum's variants are named.
const NAMED: usize = 4;

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqOption, SeqStr, SeqVec};

    use super::*;
    use crate::command::tests::samples::{Mode, Sample, image};

    fn shown(layout: &Layout, bytes: &[u8]) -> String {
        Value::new(&Variants::of(layout), layout, bytes).to_string()
    }

    fn field(bytes: &[u8], name: &str) -> String {
        let variants = Variants::of(Sample::LAYOUT);
        let Node::Fields(fields) = Value::new(&variants, Sample::LAYOUT, bytes).look() else { panic!("no struct") };
        let value = fields.iter().find(|field| field.0 == name).unwrap().1;
        value.to_string()
    }

    #[test]
    fn every_kind_of_field() {
        for (name, expected) in [
            ("open", "true"),
            ("mode", "Fast"),
            ("level", "-2"),
            ("ratio", "0.1"),
            ("letter", "'ß'"),
            ("id", "7"),
            ("parent", "None"),
            ("limit", "Some(2.5)"),
            ("outline", "Circle { radius: 3, filled: true }"),
            ("wide", "1267650600228229401496703205376"),
        ] {
            assert_eq!(field(&image(), name), expected, "{name}");
        }
    }

    #[test]
    fn every_kind_of_number_with_its_highest_bit() {
        use core::num::NonZero;
        for (layout, text) in [
            (u8::LAYOUT, "255"),
            (i8::LAYOUT, "-1"),
            (<NonZero<u8>>::LAYOUT, "255"),
            (<NonZero<i8>>::LAYOUT, "-1"),
            (<Option<NonZero<u8>>>::LAYOUT, "255"),
            (<Option<NonZero<i8>>>::LAYOUT, "-1"),
        ] {
            let shown = shown(layout, &[0xff]);
            assert!(shown == text || shown == format!("Some({text})"), "{}: {shown}", layout.name());
        }
    }

    #[test]
    fn invalid_bits_are_shown_where_they_are() {
        let mut bytes = image();
        bytes[0] = 2;
        bytes[1] = 9;
        assert_eq!(field(&bytes, "open"), "INVALID 0x2, expected a `bool`: 0 or 1");
        assert_eq!(field(&bytes, "mode"), "INVALID 0x9, expected a variant of `Mode`: Calm = 0, Fast = 3");
        let surrogate = shown(char::LAYOUT, &0xd800u32.to_ne_bytes());
        assert_eq!(surrogate, "INVALID 0xd800, expected a `char`: a Unicode scalar value");
        let option = shown(SeqOption::<u8>::LAYOUT, &[2, 0]);
        assert_eq!(option, "INVALID 0x2, expected a variant of `SeqOption`: None = 0, Some = 1");
        let zero = shown(core::num::NonZeroU16::LAYOUT, &[0, 0]);
        assert_eq!(zero, "INVALID 0x0, expected a number that is not 0");
    }

    /// The library checks the bits of a type by the same rules, with the same messages.
    #[test]
    fn the_rules_are_those_of_the_library() {
        use core::num::{NonZeroI8, NonZeroU32, NonZeroU128};
        let mut invalid = 0;
        for layout in [
            <bool>::LAYOUT,
            <char>::LAYOUT,
            <u8>::LAYOUT,
            <f32>::LAYOUT,
            <NonZeroI8>::LAYOUT,
            <NonZeroU32>::LAYOUT,
            <NonZeroU128>::LAYOUT,
            <Option<NonZeroU32>>::LAYOUT,
            <Mode>::LAYOUT,
        ] {
            for number in (0..300u128).chain([0xd7ff, 0xd800, 0xdfff, 0xe000, 0x10_ffff, 0x11_0000, u128::MAX]) {
                let wide = number.to_ne_bytes();
                let from = if cfg!(target_endian = "little") { 0 } else { wide.len() - layout.size() };
                let bytes = &wide[from..from + layout.size()];
                let (name, shown) = (layout.name(), shown(layout, bytes));
                match (layout.validate(bytes), shown.strip_prefix("INVALID ")) {
                    (Ok(()), None) => {}
                    (Err(error), Some(reason)) => {
                        assert_eq!(error.to_string(), format!("invalid `{name}`: found {reason}"));
                        invalid += 1;
                    }
                    (result, _) => panic!("`{name}` of {number:#x}: {shown}, and {result:?}"),
                }
            }
        }
        assert!(invalid > 500, "{invalid}");
    }

    #[test]
    fn any_bytes_are_something() {
        let bytes: Vec<u8> = (0..=255).cycle().take(4 * Sample::LAYOUT.size()).collect();
        for start in 0..256 {
            assert!(shown(Sample::LAYOUT, &bytes[start..]).starts_with("{ open: "));
        }
        for len in 0..Sample::LAYOUT.size() {
            let expected =
                format!("INVALID 0x0, expected {} bytes, of which only {len} were found", Sample::LAYOUT.size());
            assert_eq!(shown(Sample::LAYOUT, &bytes[..len]), expected);
        }
    }

    #[test]
    fn numbers_of_all_widths() {
        assert_eq!(shown(i8::LAYOUT, &(-1i8).to_ne_bytes()), "-1");
        assert_eq!(shown(i128::LAYOUT, &i128::MIN.to_ne_bytes()), i128::MIN.to_string());
        assert_eq!(shown(u128::LAYOUT, &u128::MAX.to_ne_bytes()), u128::MAX.to_string());
        assert_eq!(shown(Mode::LAYOUT, &[3]), "Fast");
        assert_eq!(shown(<[(); 1 << 40]>::LAYOUT, &[]), "1099511627776 without bytes");
    }

    #[test]
    fn strings_and_vectors() {
        let name = SeqStr::<8>::LAYOUT;
        let text = |len: u32, text: &[u8]| shown(name, &[&len.to_ne_bytes(), text].concat());
        assert_eq!(text(4, b"left\0\0\0\0"), "\"left\"");
        assert_eq!(text(0, b"left\0\0\0\0"), "\"\"");
        assert_eq!(text(2, "ß\x1b.....".as_bytes()), "\"ß\"");
        assert_eq!(text(8, "ß\x1b.....".as_bytes()), "\"ß\\u{1b}.....\"");
        assert_eq!(text(9, b"leftmost"), "INVALID 0x9, expected a length that is at most the capacity");
        assert_eq!(text(1, "ß......".as_bytes()), "INVALID 0xc3, expected UTF-8");

        // Bytes are shown as a text if all are letters, up to zeros at the end.
        assert_eq!(shown(<[u8; 4]>::LAYOUT, b"ab\0\0"), "\"ab\"");
        assert_eq!(shown(<[u8; 4]>::LAYOUT, b"ab\x1bd"), "[97, 98, 27, 100]");
        assert_eq!(shown(<[u8; 4]>::LAYOUT, b"a\0bc"), "[97, 0, 98, 99]");

        let pairs = SeqVec::<[bool; 2], 2>::LAYOUT;
        let vec = |len: u32, bytes: [u8; 4]| shown(pairs, &[&len.to_ne_bytes(), bytes.as_slice()].concat());
        assert_eq!(vec(0, [1, 1, 0, 1]), "[]");
        assert_eq!(vec(1, [1, 0, 0, 1]), "[[true, false]]");
        assert_eq!(vec(2, [1, 0, 2, 1]), "[[true, false], [INVALID 0x2, expected a `bool`: 0 or 1, true]]");
        assert_eq!(vec(3, [0; 4]), "INVALID 0x3, expected a length that is at most the capacity");
        assert_eq!(shown(SeqVec::<(), 9>::LAYOUT, &3u32.to_ne_bytes()), "{ len: 3, elements: 9 without bytes }");
    }
}
