//! [`Value`] shows bytes as a value, for programs that do not have its type.
//!
//! No tree is built of a value: it is looked at where it lies, however large it is. Neither the bytes nor the layout
//! are trusted. Invalid bits, and places outside the bytes, are a [`Node::Invalid`] where they lie; nothing panics.

use core::fmt;
use core::fmt::{Display, Formatter};

use crate::schema::Schema;
use seqcopy::Layout;
use seqcopy::layout::{Field, Scalar, Shape, number_of};

mod parts;

pub use parts::{Fields, List, Variants};

/// A value, or a part of one: a place in bytes, with its type. [`look`](Self::look) finds what is there.
///
/// ```
/// use seqcopy::{SeqCopy, SeqOption, Validate};
/// use seqcopy_shm::Schema;
/// use seqcopy_shm::untyped::{Node, Value};
///
/// #[derive(SeqCopy, Validate)]
/// #[repr(C)]
/// struct Sample { id: u16, limit: SeqOption<u16>, on: bool }
///
/// # let id = 7u16.to_ne_bytes();
/// # let limit = 300u16.to_ne_bytes();
/// let bytes = [id[0], id[1], 1, 0, limit[0], limit[1], 2, 0];
/// let schema = Schema::of::<Sample>();
/// let Node::Fields(fields) = Value::new(schema.layout(), &bytes).look() else { panic!("a struct") };
///
/// let mut found = fields.iter().map(|(name, value)| (name, value.look()));
/// assert!(matches!(found.next(), Some(("id", Node::Unsigned(7)))));
/// let Some(("limit", Node::Fields(some))) = found.next() else { panic!("an enum") };
/// assert_eq!((some.variant(), some.len()), (Some("Some"), 1));
/// assert!(matches!(found.next(), Some(("on", Node::Invalid { found: 2, .. }))));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    variants: Option<&'a Variants>,
    layout: &'a Layout,
    /// As many bytes as the layout has, or fewer: those of a slice end with its last element.
    bytes: &'a [u8],
}

/// What lies at a place.
///
/// ```
/// # use seqcopy_shm::{Schema, untyped::{Node, Value}};
/// let schema = Schema::of::<[i16; 2]>();
/// let Node::List(list) = Value::new(schema.layout(), &[0xff; 4]).look() else { panic!("a list") };
/// assert!(list.iter().all(|element| matches!(element.look(), Node::Signed(-1))));
/// ```
#[derive(Debug)]
pub enum Node<'a> {
    /// An unsigned integer, or a pointer.
    Unsigned(u128),
    /// A signed integer.
    Signed(i128),
    /// An `f32`.
    Single(f32),
    /// An `f64`.
    Double(f64),
    /// A `bool`.
    Bool(bool),
    /// A `char`.
    Char(char),
    /// The `None` of an `Option` of a non-zero number.
    Nothing,
    /// Bytes of a plain type, or a float of another width, of which nothing else is known.
    Bytes(&'a [u8]),
    /// The text of a `SeqStr`.
    Text(&'a str),
    /// A skipped field, which is never read.
    Skipped,
    /// The elements of an array, or of a `SeqVec` up to its length.
    List(List<'a>),
    /// This many elements without bytes.
    Empty(usize),
    /// The fields of a struct, or of an enum's variant.
    Fields(Fields<'a>),
    /// Bits that are not valid there.
    Invalid {
        /// The bits, as an unsigned number.
        found: u128,
        /// What they should have been.
        expected: Expected<'a>,
    },
}

impl<'a> Value<'a> {
    /// The value of `layout` whose bytes are the first of `bytes`; of a slice, those past its last element may be left
    /// out. Where enums have many variants, and there are many values, those that [`Variants::value`] makes are found
    /// faster.
    ///
    /// ```
    /// # use seqcopy_shm::{Schema, untyped::{Node, Value}};
    /// let schema = Schema::of::<bool>();
    /// assert!(matches!(Value::new(schema.layout(), &[1, 7]).look(), Node::Bool(true)));
    /// ```
    #[must_use]
    #[inline]
    pub fn new(layout: &'a Layout, bytes: &'a [u8]) -> Self {
        Value::at(None, layout, bytes)
    }

    #[inline]
    fn at(variants: Option<&'a Variants>, layout: &'a Layout, bytes: &'a [u8]) -> Self {
        Value { variants, layout, bytes: bytes.get(..layout.size()).unwrap_or(bytes) }
    }

    /// The type.
    ///
    /// ```
    /// # use seqcopy_shm::{Schema, untyped::Value};
    /// let schema = Schema::of::<u8>();
    /// assert_eq!(Value::new(schema.layout(), &[5]).layout().name(), "u8");
    /// ```
    #[must_use]
    #[inline]
    pub fn layout(self) -> &'a Layout {
        self.layout
    }

    /// The bytes, as many as the type has, unless there are fewer.
    ///
    /// ```
    /// # use seqcopy_shm::{Schema, untyped::Value};
    /// let schema = Schema::of::<u8>();
    /// assert_eq!(Value::new(schema.layout(), &[5, 6]).bytes(), [5]);
    /// ```
    #[must_use]
    #[inline]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// What lies there.
    ///
    /// ```
    /// # use seqcopy_shm::{Schema, untyped::{Node, Value}};
    /// let schema = Schema::of::<char>();
    /// let surrogate = 0xd800u32.to_ne_bytes();
    /// let Node::Invalid { found, expected } = Value::new(schema.layout(), &surrogate).look() else { panic!() };
    /// assert_eq!((found, &*expected.to_string()), (0xd800, "a `char`: a Unicode scalar value"));
    /// ```
    #[must_use]
    #[inline]
    pub fn look(self) -> Node<'a> {
        // Numbers are frequent, and stay in registers.
        match self.layout.shape() {
            Shape::Scalar(kind) if self.bytes.len() == self.layout.size() => scalar(kind, self.bytes),
            _ => self.look_else(),
        }
    }

    fn look_else(self) -> Node<'a> {
        let Value { variants, layout, bytes } = self;
        if bytes.len() < layout.size() && Schema::end_of_slice(layout, bytes).is_none_or(|end| end > bytes.len()) {
            return Node::Invalid { found: 0, expected: Expected(What::Bytes(layout.size(), bytes.len())) };
        }
        match layout.shape() {
            Shape::Pointer { .. } => Node::Unsigned(unsigned(bytes)),
            Shape::Skipped => Node::Skipped,
            Shape::Array { element, len, .. } if element.size() == 0 => Node::Empty(len),
            Shape::Array { element, len, .. } => Node::List(List { variants, element, len, bytes }),
            Shape::Struct { fields: [_, content], .. } if layout.str_capacity().is_some() => {
                match self.elements(content) {
                    Node::List(list) => text(list.bytes),
                    other => other,
                }
            }
            Shape::Struct { fields: [_, content], .. } if layout.vec_of().is_some() => self.elements(content),
            Shape::Struct { fields, .. } => {
                Node::Fields(Fields { variant: None, variants, list: fields, start: 0, bytes })
            }
            Shape::Tags { .. } => self.variant(bytes, 0),
            Shape::Enum { tag, payload, .. } => self.variant(&bytes[..tag.size()], payload),
            // `Plain`, and shapes of later versions.
            _ => Node::Bytes(bytes),
        }
    }

    /// The elements of a `SeqStr` or a `SeqVec` up to its length, which is its first field.
    fn elements(self, content: &'a Field) -> Node<'a> {
        let Value { variants, bytes, .. } = self;
        let Shape::Array { element, len: capacity, .. } = content.layout().shape() else { return Node::Bytes(bytes) };
        let found = unsigned(bytes.get(..4).unwrap_or_default());
        let Some(len) = usize::try_from(found).ok().filter(|len| *len <= capacity) else {
            return invalid(found, "a length that is at most the capacity");
        };
        if element.size() == 0 {
            return Node::Empty(len);
        }
        let from = bytes.get(content.offset()..).unwrap_or_default();
        let Some(bytes) = from.get(..len * element.size()) else { return Node::Bytes(bytes) };
        Node::List(List { variants, element, len, bytes })
    }

    /// The variant with this tag. Its fields begin at `start`.
    fn variant(self, tag: &[u8], start: usize) -> Node<'a> {
        let Value { variants, layout, bytes } = self;
        let found = match variants {
            Some(variants) => layout.tag_of(tag).and_then(|tag| variants.of_tag(layout, tag)),
            None => layout.variant_of(tag),
        };
        match found.map(|found| &layout.variants()[found]) {
            Some(variant) => {
                Node::Fields(Fields { variant: Some(variant.name()), variants, list: variant.fields(), start, bytes })
            }
            None => Node::Invalid { found: unsigned(tag), expected: Expected(What::VariantOf(layout)) },
        }
    }
}

impl Variants {
    /// [`Value::new`], of the same layout or a part of it.
    ///
    /// A value of another layout may be found to be invalid where its enums are large.
    #[must_use]
    pub fn value<'a>(&'a self, layout: &'a Layout, bytes: &'a [u8]) -> Value<'a> {
        Value::at(Some(self), layout, bytes)
    }
}

/// The bits of a number.
#[allow(clippy::cast_sign_loss)] // bits
#[inline]
fn unsigned(bytes: &[u8]) -> u128 {
    number_of(bytes, false) as u128
}

#[inline]
fn scalar(kind: Scalar, bytes: &[u8]) -> Node<'_> {
    let bits = unsigned(bytes);
    match (kind, bytes.len()) {
        (Scalar::Float, 4) => Node::Single(f32::from_bits(u32::try_from(bits).unwrap_or_default())),
        (Scalar::Float, 8) => Node::Double(f64::from_bits(u64::try_from(bits).unwrap_or_default())),
        // A float whose width this version does not know.
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
        // Unsigned, and 0 is allowed or not.
        _ => Node::Unsigned(bits),
    }
}

/// The text of a `SeqStr`.
fn text(bytes: &[u8]) -> Node<'_> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Node::Text(text),
        Err(error) => invalid(u128::from(bytes[error.valid_up_to()]), "UTF-8"),
    }
}

fn invalid(found: u128, rule: &'static str) -> Node<'static> {
    Node::Invalid { found, expected: Expected(What::Rule(rule)) }
}

/// What invalid bits should have been, as a text.
///
/// ```
/// # use seqcopy::SeqOption;
/// # use seqcopy_shm::{Schema, untyped::{Node, Value}};
/// let schema = Schema::of::<SeqOption<u8>>();
/// let Node::Invalid { expected, .. } = Value::new(schema.layout(), &[7, 0]).look() else { panic!() };
/// assert_eq!(expected.to_string(), "a variant of `SeqOption`: None = 0, Some = 1");
/// ```
#[derive(Debug)]
pub struct Expected<'a>(What<'a>);

#[derive(Debug)]
enum What<'a> {
    Rule(&'static str),
    VariantOf(&'a Layout),
    /// The number of bytes that are needed, and how many there are.
    Bytes(usize, usize),
}

impl Display for Expected<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.0 {
            What::Rule(rule) => f.write_str(rule),
            What::Bytes(all, there) => write!(f, "{all} bytes, of which only {there} were found"),
            What::VariantOf(layout) => {
                write!(f, "a variant of `{}`: ", layout.name())?;
                // Enough variants to recognise the enum.
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
    use super::*;
    use crate::schema_builder::SchemaBuilder;

    /// The bytes are in the order of this machine. Miri runs this for the other byte order, too.
    #[test]
    fn each_number_is_that_of_core() {
        macro_rules! each {
            ($($number:ident $node:ident $wide:ident)*) => {$(
                let schema = Schema::of::<$number>();
                for number in [$number::MIN, $number::MAX, 0, 1, 2, 77, $number::MAX / 3] {
                    let bytes = number.to_ne_bytes();
                    let found = Value::new(schema.layout(), &bytes).look();
                    assert!(matches!(found, Node::$node(found) if found == $wide::from(number)), "{number}: {found:?}");
                }
            )*};
        }
        each! { u8 Unsigned u128 u16 Unsigned u128 u32 Unsigned u128 u64 Unsigned u128 u128 Unsigned u128 }
        each! { i8 Signed i128 i16 Signed i128 i32 Signed i128 i64 Signed i128 i128 Signed i128 }
        let [single, double] = [Schema::of::<f32>(), Schema::of::<f64>()];
        for number in [0.1f32, -2.5, f32::MAX, f32::INFINITY] {
            let found = Value::new(single.layout(), &number.to_ne_bytes()).look_bits();
            assert_eq!(found, u64::from(number.to_bits()));
            let found = Value::new(double.layout(), &f64::from(number).to_ne_bytes()).look_bits();
            assert_eq!(found, f64::from(number).to_bits());
        }
        for char in ['a', 'ß', char::MAX] {
            let schema = Schema::of::<char>();
            let bytes = u32::from(char).to_ne_bytes();
            assert!(matches!(Value::new(schema.layout(), &bytes).look(), Node::Char(found) if found == char));
        }
        // The length of a text, and a tag of two bytes.
        let text = SchemaBuilder::string(4).build().unwrap();
        let bytes = [&2u32.to_ne_bytes()[..], b"hi__"].concat();
        assert!(matches!(Value::new(text.layout(), &bytes).look(), Node::Text("hi")));
        let tags = SchemaBuilder::tags("T", &SchemaBuilder::number("i16").unwrap(), &[("A", -2), ("B", 300)]);
        let tags = tags.build().unwrap();
        let bytes = 300i16.to_ne_bytes();
        let found = Value::new(tags.layout(), &bytes).look();
        assert!(matches!(found, Node::Fields(fields) if fields.variant() == Some("B")));
    }

    /// Just as many variants as are named, and one more.
    #[test]
    fn the_first_variants_are_named() {
        let names = ["A", "B", "C", "D", "E"];
        for (count, expected) in
            [(1, "A = 0"), (4, "A = 0, B = 1, C = 2, D = 3"), (5, "A = 0, B = 1, C = 2, D = 3, ...")]
        {
            let schema = SchemaBuilder::names("T", &names[..count]).build().unwrap();
            let Node::Invalid { found: 9, expected: found } = Value::new(schema.layout(), &[9]).look() else {
                panic!()
            };
            assert_eq!(found.to_string(), format!("a variant of `T`: {expected}"));
        }
    }

    impl Value<'_> {
        fn look_bits(self) -> u64 {
            match self.look() {
                Node::Single(number) => number.to_bits().into(),
                Node::Double(number) => number.to_bits(),
                other => panic!("{other:?}"),
            }
        }
    }

    /// One byte fewer than `Schema::used` says, exactly as many, and one more.
    #[test]
    fn a_slice_may_end_with_its_last_element() {
        let schema = SchemaBuilder::from(&Schema::of::<u16>()).slice(5).build().expect("a type");
        let (start, ..) = Schema::slice_of(schema.layout()).expect("a slice");
        let mut bytes = vec![0; schema.layout().size()];
        for count in 0..7u8 {
            bytes[..4].copy_from_slice(&u32::from(count).to_ne_bytes());
            let used = start + 2 * usize::from(count.min(5));
            for len in [0, 3, start - 1, used - 1, used, used + 1, bytes.len()] {
                let found = Value::new(schema.layout(), &bytes[..len]).look();
                match found {
                    Node::List(list) => assert!(len >= used && count <= 5 && list.iter().count() == usize::from(count)),
                    Node::Invalid { .. } => assert!(len < used || count > 5, "{count} elements, {len} bytes"),
                    _ => panic!("{found:?}"),
                }
            }
        }
    }
}
