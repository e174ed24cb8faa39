//! Parses a schema and checks everything in it: another process wrote it, so it may be anything.
//!
//! The encoding is a tree in preorder without references, so it can't contain cycles. What remains to be checked is that lengths
//! agree with the bytes that are left and sizes with each other, and that names are those that a program can have.

use super::SchemaError;
use super::names::{self, Of};
use crate::VersionError;
use seqcopy::layout::{Mark, SCHEMA_START, Scalar};

/// Longer schemas are refused. A struct of 5,000 fields fits.
pub(crate) const MAX_BYTES: usize = 256 << 10;
/// Deeper nesting is refused, because trees are walked by recursion.
pub(crate) const MAX_DEPTH: usize = 64;
/// The longest name, in bytes.
const MAX_NAME: usize = 256;
/// The largest alignment that a Rust type can have.
const MAX_ALIGN: usize = 1 << 29;

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) size: usize,
    pub(super) align: usize,
    pub(super) kind: Kind,
    /// Which of the library's own types it is.
    pub(super) mark: Option<Mark>,
    /// How many places a walk over a value visits.
    places: u64,
}

#[cfg(test)]
impl Node {
    pub(super) fn places(&self) -> u64 {
        self.places
    }
}

/// What a type is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Scalar(Scalar),
    Plain { name: String },
    Skipped,
    Array { element: Box<Node>, len: usize },
    Struct { name: String, fields: Vec<FieldNode> },
    Tags { name: String, signed: bool, variants: Vec<VariantNode> },
    Enum { name: String, tag: Box<Node>, payload: usize, variants: Vec<VariantNode> },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct FieldNode {
    pub(super) name: String,
    pub(super) offset: usize,
    pub(super) node: Node,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct VariantNode {
    pub(super) name: String,
    pub(super) value: i128,
    pub(super) fields: Vec<FieldNode>,
}

/// This program's pointer width and byte order, as schemas encode them.
#[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
const HOST: [u8; 2] = [size_of::<usize>() as u8, if cfg!(target_endian = "little") { b'<' } else { b'>' }];

/// Whether a schema may have this many bytes.
pub(crate) fn check_len(len: usize) -> Result<(), SchemaError> {
    if len <= MAX_BYTES {
        return Ok(());
    }
    Err(SchemaError::damaged(0, format!("it is {len} bytes long, at most {MAX_BYTES} are allowed")))
}

/// Parses and checks `bytes`.
pub(super) fn tree(bytes: &[u8]) -> Result<Node, SchemaError> {
    let mut parser = Parser { bytes, at: 0 };
    check_len(bytes.len())?;
    parser.start()?;
    let node = parser.node(0)?;
    if parser.at != bytes.len() {
        return parser.refuse(format!("{} bytes too many", bytes.len() - parser.at));
    }
    // The time of a walk over a value grows with its places. The types of programs have few more places than bytes.
    if node.places > (node.size as u64).saturating_mul(64).saturating_add(1 << 16) {
        parser.at = 0;
        return parser.refuse(format!("a type of {} bytes with {} places", node.size, node.places));
    }
    Ok(node)
}

/// The version number in the text at the start of a schema.
fn version(start: &str) -> Option<u64> {
    start.strip_prefix("seqcopy schema ")?.parse().ok()
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn refuse<T>(&self, why: String) -> Result<T, SchemaError> {
        Err(SchemaError::damaged(self.at, why))
    }

    /// The version and the kind of machine, on which the meaning of the rest depends.
    fn start(&mut self) -> Result<(), SchemaError> {
        let start = self.text().unwrap_or_default();
        if start != SCHEMA_START {
            self.at = 0;
            return match (version(SCHEMA_START), version(&start)) {
                (Some(expected), Some(found)) if found != expected => {
                    Err(SchemaError::of_another(0, VersionError::Schema { expected, found }))
                }
                _ => self.refuse(format!("it does not begin with {SCHEMA_START:?}")),
            };
        }
        let at = self.at;
        let [expected, order] = HOST;
        match *self.take(2)? {
            [width, other] if [width, other] == HOST => Ok(()),
            [_, other] if other != order && b"<>".contains(&other) => {
                Err(SchemaError::of_another(at, VersionError::ByteOrder))
            }
            [found, other] if other == order && [2, 4, 8].contains(&found) => {
                Err(SchemaError::of_another(at, VersionError::PointerWidth { expected, found }))
            }
            _ => {
                self.at = at;
                self.refuse("the pointer width and byte order are not those of any machine".into())
            }
        }
    }

    /// The next `len` bytes.
    fn take(&mut self, len: usize) -> Result<&[u8], SchemaError> {
        let left = self.bytes.len() - self.at;
        if len > left {
            return self.refuse(format!("{len} bytes expected, {left} are left"));
        }
        self.at += len;
        Ok(&self.bytes[self.at - len..self.at])
    }

    fn raw_number(&mut self) -> Result<u64, SchemaError> {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(bytes))
    }

    /// A number that is a size, an offset or a count.
    fn number(&mut self) -> Result<usize, SchemaError> {
        let number = self.raw_number()?;
        if let Ok(number) = isize::try_from(number) {
            return Ok(number.unsigned_abs());
        }
        self.at -= 8;
        self.refuse(format!("{number} is not a valid size"))
    }

    /// The number of parts that follow. Each takes at least `least` bytes, so the bytes that are left bound the number.
    fn count(&mut self, least: usize) -> Result<usize, SchemaError> {
        let count = self.number()?;
        let left = self.bytes.len() - self.at;
        if count > left / least {
            self.at -= 8;
            return self.refuse(format!("{count} parts can't be described in {left} bytes"));
        }
        Ok(count)
    }

    fn text(&mut self) -> Result<String, SchemaError> {
        let at = self.at;
        let len = self.number()?;
        if len > MAX_NAME {
            self.at = at;
            return self.refuse(format!("a name of {len} bytes, at most {MAX_NAME} are allowed"));
        }
        if let Ok(text) = core::str::from_utf8(self.take(len)?) {
            return Ok(text.into());
        }
        self.at = at;
        self.refuse("a name that is not valid UTF-8".into())
    }

    /// A name that a program can have. Names are printed, so they must not contain what controls a terminal.
    fn name(&mut self, of: Of) -> Result<String, SchemaError> {
        let at = self.at;
        let name = self.text()?;
        if !names::is_name(of, &name) {
            self.at = at;
            return self.refuse(format!("{name:?} is not a valid name of {of}"));
        }
        Ok(name)
    }

    fn node(&mut self, depth: usize) -> Result<Node, SchemaError> {
        let at = self.at;
        if depth > MAX_DEPTH {
            return self.refuse(format!("types inside types more than {MAX_DEPTH} deep"));
        }
        let code = self.take(1)?[0];
        let (size, align) = (self.number()?, self.number()?);
        let kind = self.kind(code, size, depth)?;
        let mark = match code {
            b'o' => Some(Mark::Optional),
            b's' => Some(Mark::Text),
            b'v' => Some(Mark::List),
            _ => None,
        };
        let mut node = Node { size, align, kind, mark, places: 1 };
        if let Err(why) = node.check() {
            self.at = at;
            return self.refuse(why);
        }
        Ok(node)
    }

    fn kind(&mut self, code: u8, size: usize, depth: usize) -> Result<Kind, SchemaError> {
        Ok(match code {
            b'u' => Kind::Scalar(Scalar::Unsigned),
            b'i' => Kind::Scalar(Scalar::Signed),
            b'f' => Kind::Scalar(Scalar::Float),
            b'b' => Kind::Scalar(Scalar::Bool),
            b'c' => Kind::Scalar(Scalar::Char),
            b'n' => Kind::Scalar(Scalar::NonZeroUnsigned),
            b'm' => Kind::Scalar(Scalar::NonZeroSigned),
            b'N' => Kind::Scalar(Scalar::OptionNonZeroUnsigned),
            b'M' => Kind::Scalar(Scalar::OptionNonZeroSigned),
            b'#' => Kind::Plain { name: self.name(Of::Type)? },
            b'_' => Kind::Skipped,
            b'[' => {
                let len = self.number()?;
                Kind::Array { element: Box::new(self.node(depth + 1)?), len }
            }
            b'{' | b's' | b'v' => Kind::Struct { name: self.name(Of::Type)?, fields: self.fields(depth)? },
            b'e' | b'd' => {
                let signed = code == b'd';
                Kind::Tags { name: self.name(Of::Type)?, signed, variants: self.variants(signed, size, depth)? }
            }
            b'|' | b'o' => {
                let name = self.name(Of::Type)?;
                let tag = Box::new(self.node(depth + 1)?);
                let payload = self.number()?;
                let signed = matches!(tag.kind, Kind::Scalar(Scalar::Signed));
                let variants = self.variants(signed, tag.size, depth)?;
                Kind::Enum { name, tag, payload, variants }
            }
            b'p' | b'q' => {
                self.at -= 17;
                return self.refuse("a pointer, which means nothing outside its process".into());
            }
            _ => {
                self.at -= 17;
                return self.refuse(format!("kind {code:#04x} is unknown"));
            }
        })
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<FieldNode>, SchemaError> {
        // At least a name of one letter, an offset, a scalar.
        let count = self.count(8 + 1 + 8 + 17)?;
        let mut fields: Vec<FieldNode> = Vec::with_capacity(count);
        for _ in 0..count {
            let (name, offset) = (self.name(Of::Field)?, self.number()?);
            fields.push(FieldNode { name, offset, node: self.node(depth + 1)? });
        }
        match names::first_twice(fields.iter().map(|field| &*field.name)) {
            Some(name) => self.refuse(format!("two fields are called `{name}`")),
            None => Ok(fields),
        }
    }

    #[allow(clippy::cast_possible_wrap)] // two's complement is what is written
    fn variants(&mut self, signed: bool, width: usize, depth: usize) -> Result<Vec<VariantNode>, SchemaError> {
        // At least a name of one letter, a discriminant, the number of fields.
        let count = self.count(8 + 1 + 8 + 8)?;
        let mut variants: Vec<VariantNode> = Vec::with_capacity(count);
        for _ in 0..count {
            let at = self.at;
            let name = self.name(Of::Variant)?;
            let bits = self.raw_number()?;
            let value = if signed { i128::from(bits as i64) } else { i128::from(bits) };
            let fits = match (width, signed) {
                (1 | 2 | 4 | 8, false) => value < 1 << (8 * width),
                (1 | 2 | 4 | 8, true) => value >= -(1 << (8 * width - 1)) && value < 1 << (8 * width - 1),
                _ => false,
            };
            if !fits {
                self.at = at;
                return self.refuse(format!("variant `{name}` is {value}, which its tag of {width} bytes can't hold"));
            }
            variants.push(VariantNode { name, value, fields: self.fields(depth)? });
        }
        let mut values: Vec<i128> = variants.iter().map(|variant| variant.value).collect();
        values.sort_unstable();
        if values.windows(2).any(|pair| pair[0] == pair[1]) {
            return self.refuse("two variants have the same tag".into());
        }
        if let Some(name) = names::first_twice(variants.iter().map(|variant| &*variant.name)) {
            return self.refuse(format!("two variants are called `{name}`"));
        }
        Ok(variants)
    }
}

impl Node {
    /// The name of a struct, an enum or plain bytes.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Plain { name } | Kind::Struct { name, .. } | Kind::Tags { name, .. } | Kind::Enum { name, .. } => {
                Some(name)
            }
            _ => None,
        }
    }

    /// Whether it has the fields of the type that the mark stands for. Names are not compared.
    fn has_shape_of(&self, mark: Mark) -> bool {
        match (mark, &self.kind) {
            (Mark::Optional, Kind::Enum { variants, .. }) => {
                matches!(&**variants, [none, some] if none.fields.is_empty() && some.fields.len() == 1)
            }
            (Mark::Text | Mark::List, Kind::Struct { fields, .. }) => {
                let is_number = |node: &Node, size| node.kind == Kind::Scalar(Scalar::Unsigned) && node.size == size;
                let [len, all] = &**fields else { return false };
                let Kind::Array { element, .. } = &all.node.kind else { return false };
                len.offset == 0 && is_number(&len.node, 4) && (mark == Mark::List || is_number(element, 1))
            }
            _ => false,
        }
    }

    /// Checks that the numbers agree with each other. The parts have been checked before.
    fn check(&mut self) -> Result<(), String> {
        let (size, align) = (self.size, self.align);
        if !align.is_power_of_two() || align > MAX_ALIGN {
            return Err(format!("{align} is not a valid alignment"));
        }
        if size % align != 0 {
            return Err(format!("the size {size} is not a multiple of the alignment {align}"));
        }
        if let Some(mark) = self.mark.filter(|mark| !self.has_shape_of(*mark)) {
            return Err(format!("the fields of `{}` are not those of a `{mark}`", self.name().unwrap_or_default()));
        }
        match &self.kind {
            Kind::Scalar(scalar) => {
                let fits = match scalar {
                    Scalar::Bool => size == 1,
                    Scalar::Char => size == 4,
                    Scalar::Float => matches!(size, 2 | 4 | 8 | 16),
                    _ => matches!(size, 1 | 2 | 4 | 8 | 16),
                };
                if !fits {
                    return Err(format!("a scalar of kind {scalar:?} is not {size} bytes wide"));
                }
            }
            Kind::Plain { .. } | Kind::Skipped => {}
            Kind::Array { element, len } => {
                if element.size.checked_mul(*len) != Some(size) || element.align != align {
                    return Err(format!("an array of {len} elements of {} bytes is not {size} bytes", element.size));
                }
                // Elements of size 0 count once, because walks visit only one of them.
                let counted = if element.size == 0 { 1 } else { *len as u64 };
                self.places = counted.saturating_mul(element.places).saturating_add(1);
            }
            Kind::Struct { fields, .. } => {
                check_fields(fields, 0, size)?;
                self.places = places(1, fields);
            }
            Kind::Tags { variants, .. } => {
                if variants.is_empty() || variants.iter().any(|variant| !variant.fields.is_empty()) {
                    return Err("an enum without fields needs variants, and none of them may have fields".into());
                }
            }
            Kind::Enum { tag, payload, variants, .. } => {
                let is_integer = matches!(tag.kind, Kind::Scalar(Scalar::Unsigned | Scalar::Signed));
                if !is_integer || !matches!(tag.size, 1 | 2 | 4 | 8) || tag.size > size {
                    return Err("a tag must be an integer of at most 8 bytes".into());
                }
                if variants.is_empty() {
                    return Err("an enum without variants has no values".into());
                }
                self.places = 2;
                for variant in variants {
                    // The offsets in a `repr(int)` enum count from its start, but no field overlaps the tag.
                    if variant.fields.iter().any(|field| field.node.size > 0 && payload + field.offset < tag.size) {
                        return Err(format!("fields of variant `{}` overlap the tag", variant.name));
                    }
                    check_fields(&variant.fields, *payload, size)?;
                    self.places = places(self.places, &variant.fields);
                }
            }
        }
        Ok(())
    }
}

fn places(start: u64, fields: &[FieldNode]) -> u64 {
    fields.iter().fold(start, |sum, field| sum.saturating_add(field.node.places))
}

/// Checks that each field lies inside its type and after the one declared before it. Regions hold types of a specified layout, in
/// which the order of declaration is that of memory; so accesses ascend, on which every walk relies. Fields of size 0 may lie
/// anywhere inside, as they do in a `repr(transparent)` struct.
fn check_fields(fields: &[FieldNode], start: usize, size: usize) -> Result<(), String> {
    let mut reached = start;
    for field in fields {
        // Each is at most isize::MAX, so three of them can overflow.
        let from = start.checked_add(field.offset);
        let (from, end) = match from.and_then(|from| Some((from, from.checked_add(field.node.size)?))) {
            Some(span) if span.1 <= size => span,
            _ => return Err(format!("field `{}` ends after the end of its type, at {size}", field.name)),
        };
        if from == end {
            continue;
        }
        if from < reached {
            return Err(format!(
                "field `{}` begins before the end of the one declared before it: fields overlap",
                field.name
            ));
        }
        reached = end;
    }
    Ok(())
}
