//! [`Tree`]: a type as a schema describes it, to parse, encode and generate. Written independently of the library, by
//! the table at `Layout::fingerprint`, so that the library is not compared with itself.

use seqcopy_tests::oracle::Rng;

/// The start of a schema: a text, the width of a pointer, the byte order. The root node follows.
pub(crate) const START: &[u8] = b"\x10\0\0\0\0\0\0\0seqcopy schema 1\x08<";

/// A type.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    pub(crate) size: usize,
    pub(crate) align: usize,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// By its letter.
    Scalar(u8),
    Plain(String),
    Array(Box<Tree>, usize),
    /// `{`, or one of the library's types, `s` or `v`.
    Struct(u8, String, Vec<Field>),
    /// Unsigned `e` or signed `d`.
    Tags(u8, String, Vec<Variant>),
    /// `|`, or the library's option, `o`.
    Enum(u8, String, Box<Tree>, usize, Vec<Variant>),
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    name: String,
    offset: usize,
    tree: Tree,
}

#[derive(Debug, Clone)]
pub(crate) struct Variant {
    name: String,
    bits: u64,
    fields: Vec<Field>,
}

/// A place in the bytes of a schema that has a meaning.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot {
    Kind(usize),
    Number(usize),
    /// The offset of the length, and the length of the text that follows.
    Name(usize, usize),
}

/// Parses a correct schema.
pub(crate) struct Parser<'a>(pub(crate) &'a [u8]);

impl Parser<'_> {
    pub(crate) fn schema(bytes: &[u8]) -> Tree {
        let rest = bytes.strip_prefix(START).expect("a schema");
        Parser(rest).node()
    }

    fn take(&mut self, len: usize) -> &[u8] {
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }

    fn bits(&mut self) -> u64 {
        u64::from_le_bytes(self.take(8).try_into().expect("8 bytes"))
    }

    fn number(&mut self) -> usize {
        usize::try_from(self.bits()).expect("a size")
    }

    fn name(&mut self) -> String {
        let len = self.number();
        String::from_utf8(self.take(len).to_vec()).expect("a name")
    }

    fn node(&mut self) -> Tree {
        let code = self.take(1)[0];
        let (size, align) = (self.number(), self.number());
        let kind = match code {
            b'[' => {
                let len = self.number();
                Kind::Array(Box::new(self.node()), len)
            }
            b'{' | b's' | b'v' => Kind::Struct(code, self.name(), self.fields()),
            b'#' => Kind::Plain(self.name()),
            b'e' | b'd' => Kind::Tags(code, self.name(), self.variants()),
            b'|' | b'o' => {
                let name = self.name();
                let tag = Box::new(self.node());
                Kind::Enum(code, name, tag, self.number(), self.variants())
            }
            _ => Kind::Scalar(code),
        };
        Tree { size, align, kind }
    }

    fn fields(&mut self) -> Vec<Field> {
        let count = self.number();
        (0..count).map(|_| Field { name: self.name(), offset: self.number(), tree: self.node() }).collect()
    }

    fn variants(&mut self) -> Vec<Variant> {
        let count = self.number();
        (0..count).map(|_| Variant { name: self.name(), bits: self.bits(), fields: self.fields() }).collect()
    }
}

/// Encodes a schema, and records the places of its parts.
#[derive(Default)]
pub(crate) struct Encoder {
    pub(crate) bytes: Vec<u8>,
    pub(crate) spots: Vec<Spot>,
}

impl Encoder {
    pub(crate) fn schema(tree: &Tree) -> Encoder {
        let mut encoder = Encoder { bytes: START.to_vec(), spots: Vec::new() };
        encoder.node(tree);
        encoder
    }

    fn bits(&mut self, bits: u64) {
        self.spots.push(Spot::Number(self.bytes.len()));
        self.bytes.extend(bits.to_le_bytes());
    }

    fn number(&mut self, number: usize) {
        self.bits(number as u64);
    }

    fn name(&mut self, name: &str) {
        self.spots.push(Spot::Name(self.bytes.len(), name.len()));
        self.bytes.extend((name.len() as u64).to_le_bytes());
        self.bytes.extend(name.bytes());
    }

    fn node(&mut self, tree: &Tree) {
        self.spots.push(Spot::Kind(self.bytes.len()));
        self.bytes.push(match &tree.kind {
            Kind::Scalar(code) | Kind::Tags(code, ..) | Kind::Struct(code, ..) | Kind::Enum(code, ..) => *code,
            Kind::Plain(_) => b'#',
            Kind::Array(..) => b'[',
        });
        self.number(tree.size);
        self.number(tree.align);
        match &tree.kind {
            Kind::Scalar(_) => {}
            Kind::Plain(name) => self.name(name),
            Kind::Array(element, len) => {
                self.number(*len);
                self.node(element);
            }
            Kind::Struct(_, name, fields) => {
                self.name(name);
                self.fields(fields);
            }
            Kind::Tags(_, name, variants) => {
                self.name(name);
                self.variants(variants);
            }
            Kind::Enum(_, name, tag, payload, variants) => {
                self.name(name);
                self.node(tag);
                self.number(*payload);
                self.variants(variants);
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        self.number(fields.len());
        for field in fields {
            self.name(&field.name);
            self.number(field.offset);
            self.node(&field.tree);
        }
    }

    fn variants(&mut self, variants: &[Variant]) {
        self.number(variants.len());
        for variant in variants {
            self.name(&variant.name);
            self.bits(variant.bits);
            self.fields(&variant.fields);
        }
    }
}

impl Tree {
    /// A random type, laid out as in C.
    pub(crate) fn random(rng: &mut Rng, depth: usize) -> Tree {
        match rng.below(if depth == 0 { 4 } else { 11 }) {
            0..=3 => Self::scalar(rng),
            4 => Self::tags(rng),
            5 | 6 => {
                let element = Self::random(rng, depth - 1);
                let len = rng.below(6);
                Tree { size: element.size * len, align: element.align, kind: Kind::Array(Box::new(element), len) }
            }
            7 => Self::choice(rng, depth),
            8 => Self::with_length(rng, depth),
            _ => {
                let count = rng.below(6);
                let (fields, size, align) = Self::fields(rng, depth, count);
                Tree { size: size.next_multiple_of(align), align, kind: Kind::Struct(b'{', type_name(rng), fields) }
            }
        }
    }

    /// A length and an array: a string or a vector of the library's, or a struct that has the same fields.
    fn with_length(rng: &mut Rng, depth: usize) -> Tree {
        let number = |size| Tree { size, align: size, kind: Kind::Scalar(b'u') };
        let code = *rng.pick(b"sv{");
        let element = if code == b's' { number(1) } else { Self::random(rng, depth - 1) };
        let len = rng.below(6);
        let (size, align) = (element.size * len, element.align);
        let all = Tree { size, align, kind: Kind::Array(Box::new(element), len) };
        let offset = 4_usize.next_multiple_of(align);
        let fields = [("len", 0, number(4)), ("all", offset, all)];
        let fields = fields.map(|(name, offset, tree)| Field { name: name.to_owned(), offset, tree }).into();
        let align = align.max(4);
        Tree { size: (offset + size).next_multiple_of(align), align, kind: Kind::Struct(code, type_name(rng), fields) }
    }

    fn scalar(rng: &mut Rng) -> Tree {
        let code = *rng.pick(b"uifbcnmNM#_");
        let size = match code {
            b'b' => 1,
            b'c' => 4,
            b'f' => *rng.pick(&[2, 4, 8, 16]),
            b'#' | b'_' => rng.below(20),
            _ => *rng.pick(&[1, 2, 4, 8, 16]),
        };
        let align = if matches!(code, b'#' | b'_') || size == 0 || rng.chance(1, 8) { 1 } else { size };
        let kind = if code == b'#' { Kind::Plain(type_name(rng)) } else { Kind::Scalar(code) };
        Tree { size, align, kind }
    }

    fn tags(rng: &mut Rng) -> Tree {
        let width = *rng.pick(&[1, 2, 4, 8]);
        let count = 1 + rng.below(5);
        let first = rng.bits() & 0x3f;
        let mut names = Names::default();
        let variant = |i| Variant { name: names.fresh(rng, Of::Variant), bits: first + i, fields: Vec::new() };
        let variants = (0..count as u64).map(variant).collect();
        Tree { size: width, align: width, kind: Kind::Tags(*rng.pick(b"ed"), type_name(rng), variants) }
    }

    fn choice(rng: &mut Rng, depth: usize) -> Tree {
        let width = *rng.pick(&[1, 2, 4, 8]);
        let tag = Tree { size: width, align: width, kind: Kind::Scalar(*rng.pick(b"ui")) };
        let count = 1 + rng.below(4);
        let (mut variants, mut end, mut align) = (Vec::new(), 0, width);
        let mut names = Names::default();
        for i in 0..count as u64 {
            let fields = rng.below(4);
            let (fields, size, of_fields) = Self::fields(rng, depth, fields);
            (end, align) = (end.max(size), align.max(of_fields));
            variants.push(Variant { name: names.fresh(rng, Of::Variant), bits: 2 * i, fields });
        }
        let payload = width.next_multiple_of(align);
        let is_option = matches!(&*variants, [none, some] if none.fields.is_empty() && some.fields.len() == 1);
        let code = if is_option { *rng.pick(b"o|") } else { b'|' };
        let kind = Kind::Enum(code, type_name(rng), Box::new(tag), payload, variants);
        Tree { size: (payload + end).next_multiple_of(align), align, kind }
    }

    fn fields(rng: &mut Rng, depth: usize, count: usize) -> (Vec<Field>, usize, usize) {
        let (mut fields, mut end, mut align) = (Vec::new(), 0, 1);
        let mut names = Names::default();
        for _ in 0..count {
            let tree = Self::random(rng, depth - 1);
            let offset = usize::next_multiple_of(end, tree.align);
            (end, align) = (offset + tree.size, align.max(tree.align));
            fields.push(Field { name: names.fresh(rng, Of::Field), offset, tree });
        }
        (fields, end, align)
    }

    /// The same type nested in that many arrays of length 1.
    pub(crate) fn wrapped(self, times: usize) -> Tree {
        (0..times).fold(self, |inner, _| Tree {
            size: inner.size,
            align: inner.align,
            kind: Kind::Array(Box::new(inner), 1),
        })
    }

    /// The fields of a struct, with their offsets.
    pub(crate) fn fields_at(&self) -> Vec<(usize, &Tree)> {
        match &self.kind {
            Kind::Struct(_, _, fields) => fields.iter().map(|field| (field.offset, &field.tree)).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether bytes are a valid value.
    pub(crate) fn is_value(&self, bytes: &[u8]) -> bool {
        let number = |size: usize| bytes[..size].iter().rev().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
        match &self.kind {
            Kind::Scalar(b'b') => bytes[0] < 2,
            Kind::Scalar(b'c') => u32::try_from(number(4)).is_ok_and(|bits| char::from_u32(bits).is_some()),
            Kind::Scalar(b'n' | b'm') => number(self.size) != 0,
            Kind::Scalar(_) | Kind::Plain(_) => true,
            Kind::Array(element, len) => (0..*len).all(|i| element.is_value(&bytes[i * element.size..])),
            Kind::Struct(_, _, fields) => fields.iter().all(|field| field.tree.is_value(&bytes[field.offset..])),
            Kind::Tags(_, _, variants) => active(variants, number(self.size), self.size).is_some(),
            Kind::Enum(_, _, tag, payload, variants) => active(variants, number(tag.size), tag.size)
                .is_some_and(|it| it.fields.iter().all(|field| field.tree.is_value(&bytes[payload + field.offset..]))),
        }
    }

    /// Marks the bytes that are data in some value.
    pub(crate) fn mark(&self, data: &mut [bool]) {
        match &self.kind {
            Kind::Scalar(b'_') => {}
            Kind::Scalar(_) | Kind::Plain(_) | Kind::Tags(..) => data[..self.size].fill(true),
            Kind::Array(element, len) => (0..*len).for_each(|i| element.mark(&mut data[i * element.size..])),
            Kind::Struct(_, _, fields) => fields.iter().for_each(|field| field.tree.mark(&mut data[field.offset..])),
            Kind::Enum(_, _, tag, payload, variants) => {
                data[..tag.size].fill(true);
                for field in variants.iter().flat_map(|variant| &variant.fields) {
                    field.tree.mark(&mut data[payload + field.offset..]);
                }
            }
        }
    }

    /// Changes invalid bytes so that they are a valid value.
    pub(crate) fn repair(&self, bytes: &mut [u8], rng: &mut Rng) {
        match &self.kind {
            Kind::Scalar(b'b') => bytes[0] &= 1,
            Kind::Scalar(b'c') => bytes[..4].copy_from_slice(&(rng.bits() & 0x7fff).to_le_bytes()[..4]),
            Kind::Scalar(b'n' | b'm') => bytes[0] |= 1,
            Kind::Scalar(_) | Kind::Plain(_) => {}
            Kind::Array(element, len) => {
                (0..*len).for_each(|i| element.repair(&mut bytes[i * element.size..], rng));
            }
            Kind::Struct(_, _, fields) => {
                for field in fields {
                    field.tree.repair(&mut bytes[field.offset..], rng);
                }
            }
            Kind::Tags(_, _, variants) => {
                bytes[..self.size].copy_from_slice(&rng.pick(variants).bits.to_le_bytes()[..self.size]);
            }
            Kind::Enum(_, _, tag, payload, variants) => {
                let variant = rng.pick(variants);
                bytes[..tag.size].copy_from_slice(&variant.bits.to_le_bytes()[..tag.size]);
                for field in &variant.fields {
                    field.tree.repair(&mut bytes[payload + field.offset..], rng);
                }
            }
        }
    }
}

/// The variant that a tag names.
fn active(variants: &[Variant], tag: u128, width: usize) -> Option<&Variant> {
    let mask = if width >= 8 { u64::MAX } else { (1 << (8 * width)) - 1 };
    variants.iter().find(|variant| u128::from(variant.bits & mask) == tag)
}

/// The kind of thing that has a name. The fields of tuples have numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Type,
    Field,
    Variant,
}

fn name(rng: &mut Rng, of: Of) -> String {
    const NAMES: [&str; 8] = ["a", "position", "größe", "mode", "_x", "T1", "very_long_name_of_a_field", "0"];
    (*rng.pick(if of == Of::Field { &NAMES } else { &NAMES[..7] })).into()
}

fn type_name(rng: &mut Rng) -> String {
    name(rng, Of::Type)
}

/// Unique names.
#[derive(Default)]
struct Names(Vec<String>);

impl Names {
    fn fresh(&mut self, rng: &mut Rng, of: Of) -> String {
        let mut name = name(rng, of);
        while self.0.contains(&name) {
            // Also for a number: `0` becomes `10`.
            name = format!("{}{}", if name.starts_with('0') { "1" } else { "b" }, name);
        }
        self.0.push(name.clone());
        name
    }
}
