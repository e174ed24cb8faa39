//! Parses a schema and checks everything in it: another process wrote it, so it may be anything.
//!
//! The encoding is a tree in preorder without references, so it can't contain cycles. What remains to be checked is
//! that lengths agree with the bytes that are left and sizes with each other, and that names are those that a program
//! can have.

use super::SchemaError;
use super::names::{self, Of};
use super::owned::{OwnedLayout, Parts};
use crate::schema::VersionError;
use seqcopy::Layout;
use seqcopy::layout::{Field, Mark, SCHEMA_START, Scalar, Shape, Variant};

/// The longest schema that is accepted. A struct of 5,000 fields fits.
pub(crate) const MAX_BYTES: usize = 256 << 10;
/// The deepest nesting that is accepted, because trees are walked by recursion.
pub(crate) const MAX_DEPTH: usize = 64;
/// The longest name, in bytes.
const MAX_NAME: usize = 256;
/// The largest alignment that a Rust type can have.
const MAX_ALIGN: usize = 1 << 29;

/// This program's pointer width and byte order, as schemas encode them.
#[allow(clippy::cast_possible_truncation)] // a pointer is not 256 bytes wide
const HOST: [u8; 2] = [size_of::<usize>() as u8, if cfg!(target_endian = "little") { b'<' } else { b'>' }];

/// Whether a schema may have this length.
pub(crate) fn check_len(len: usize) -> Result<(), SchemaError> {
    if len <= MAX_BYTES {
        return Ok(());
    }
    Err(SchemaError::damaged(0, format!("its description has {len} bytes, at most {MAX_BYTES} are allowed")))
}

/// Parses and checks `bytes`.
pub(super) fn layout(bytes: &[u8]) -> Result<OwnedLayout, SchemaError> {
    let mut parser = Parser { bytes, at: 0, parts: Parts::default() };
    check_len(bytes.len())?;
    parser.start()?;
    let root = parser.layout(0)?;
    if parser.at != bytes.len() {
        return parser.refuse(format!("{} bytes too many", bytes.len() - parser.at));
    }
    // A walk over a value takes time in proportion to its places. The types of real programs have few more places than
    // bytes.
    let (size, places) = (root.size(), root.nodes());
    if places > (size as u64).saturating_mul(64).saturating_add(1 << 16) {
        parser.at = 0;
        return parser.refuse(format!("a type of {size} bytes with {places} places"));
    }
    Ok(OwnedLayout::new(root, parser.parts))
}

/// The version number in the text at the start of a schema.
fn version(start: &str) -> Option<u64> {
    start.strip_prefix("seqcopy schema ")?.parse().ok()
}

/// The layouts that it returns, and their parts, go into the root that is dropped together with the parts.
struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    parts: Parts,
}

impl Parser<'_> {
    fn refuse<T>(&self, why: String) -> Result<T, SchemaError> {
        Err(SchemaError::damaged(self.at, why))
    }

    /// Parses the version and the kind of machine, which decide how the rest is read.
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

    /// Parses a number that is a size, an offset or a count.
    fn number(&mut self) -> Result<usize, SchemaError> {
        let number = self.raw_number()?;
        if let Ok(number) = isize::try_from(number) {
            return Ok(number.unsigned_abs());
        }
        self.at -= 8;
        self.refuse(format!("{number} is not a valid size"))
    }

    /// Parses the number of parts that follow. Each part takes at least `least` bytes, so the remaining bytes limit the
    /// number.
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

    /// Parses a name that a program can have. Names are printed, so they must not contain characters that control a
    /// terminal.
    fn name(&mut self, of: Of) -> Result<&'static str, SchemaError> {
        let at = self.at;
        let name = self.text()?;
        if !names::is_name(of, &name) {
            self.at = at;
            return self.refuse(format!("{name:?} is not a valid name of {of}"));
        }
        // SAFETY: used in a field, a variant or a layout of this parser (I10 handle).
        Ok(unsafe { self.parts.text(&name) })
    }

    /// Parses a type, and checks that all of its numbers agree. Its parts have been checked before.
    fn layout(&mut self, depth: usize) -> Result<Layout, SchemaError> {
        let at = self.at;
        if depth > MAX_DEPTH {
            return self.refuse(format!("types inside types more than {MAX_DEPTH} deep"));
        }
        let code = self.take(1)?[0];
        let (size, align) = (self.number()?, self.number()?);
        let damaged = |why| SchemaError::damaged(at, why);
        check_size(size, align).map_err(damaged)?;
        let scalar = |kind| scalar(kind, size, align).map_err(damaged);
        match code {
            b'u' => scalar(Scalar::Unsigned),
            b'i' => scalar(Scalar::Signed),
            b'f' => scalar(Scalar::Float),
            b'b' => scalar(Scalar::Bool),
            b'c' => scalar(Scalar::Char),
            b'n' => scalar(Scalar::NonZeroUnsigned),
            b'm' => scalar(Scalar::NonZeroSigned),
            b'N' => scalar(Scalar::OptionNonZeroUnsigned),
            b'M' => scalar(Scalar::OptionNonZeroSigned),
            b'#' => Ok(Layout::of_plain(self.name(Of::Type)?, size, align)),
            b'_' => Ok(Layout::of_skipped(size, align)),
            b'[' => {
                let (len, element) = (self.number()?, self.part(depth)?);
                if element.size().checked_mul(len) != Some(size) || element.align() != align {
                    let each = element.size();
                    return Err(damaged(format!("an array of {len} elements of {each} bytes is not {size} bytes")));
                }
                Ok(Layout::of_array(element, len))
            }
            b'{' | b's' | b'v' => {
                let (name, fields) = (self.name(Of::Type)?, self.fields(depth)?);
                check_fields(fields, 0, size).map_err(damaged)?;
                marked(code, Layout::of_struct(name, size, align, fields)).map_err(damaged)
            }
            b'e' | b'd' => {
                let (name, signed) = (self.name(Of::Type)?, code == b'd');
                let variants = self.variants(signed, size, depth)?;
                if variants.is_empty() || variants.iter().any(|variant| !variant.fields().is_empty()) {
                    let why = "an enum without fields needs variants, and none of them may have fields";
                    return Err(damaged(why.into()));
                }
                Ok(Layout::of_tags(name, size, align, signed, variants))
            }
            b'|' | b'o' => {
                let (name, tag, payload) = (self.name(Of::Type)?, self.part(depth)?, self.number()?);
                let signed = matches!(tag.shape(), Shape::Scalar(Scalar::Signed));
                let variants = self.variants(signed, tag.size(), depth)?;
                check_variants(tag, payload, variants, size).map_err(damaged)?;
                marked(code, Layout::of_enum(name, size, align, tag, payload, variants)).map_err(damaged)
            }
            b'p' | b'q' => Err(damaged("a pointer, which means nothing outside its process".into())),
            _ => Err(damaged(format!("kind {code:#04x} is unknown"))),
        }
    }

    /// Parses a type inside of another type.
    fn part(&mut self, depth: usize) -> Result<&'static Layout, SchemaError> {
        let layout = self.layout(depth + 1)?;
        // SAFETY: used in a layout of this parser (I10 handle).
        Ok(unsafe { self.parts.layout(layout) })
    }

    fn fields(&mut self, depth: usize) -> Result<&'static [Field], SchemaError> {
        // A field takes at least a name, an offset and a scalar. An empty name has an error of its own.
        let count = self.count(8 + 8 + 17)?;
        let mut fields = Vec::with_capacity(count);
        for _ in 0..count {
            fields.push(Field::new(self.name(Of::Field)?, self.number()?, self.part(depth)?));
        }
        match names::first_twice(fields.iter().map(Field::name)) {
            Some(name) => self.refuse(format!("two fields are called `{name}`")),
            // SAFETY: used in a variant or a layout of this parser (I10 handle).
            None => Ok(unsafe { self.parts.fields(fields) }),
        }
    }

    #[allow(clippy::cast_possible_wrap)] // two's complement is what is written
    fn variants(&mut self, signed: bool, width: usize, depth: usize) -> Result<&'static [Variant], SchemaError> {
        // A variant takes at least a name, a discriminant and a number of fields.
        let count = self.count(8 + 8 + 8)?;
        let mut variants = Vec::with_capacity(count);
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
            variants.push(Variant::new(name, value, self.fields(depth)?));
        }
        let mut values: Vec<i128> = variants.iter().map(Variant::value).collect();
        values.sort_unstable();
        if values.windows(2).any(|pair| pair[0] == pair[1]) {
            return self.refuse("two variants have the same tag".into());
        }
        if let Some(name) = names::first_twice(variants.iter().map(Variant::name)) {
            return self.refuse(format!("two variants are called `{name}`"));
        }
        // SAFETY: used in a layout of this parser (I10 handle).
        Ok(unsafe { self.parts.variants(variants) })
    }
}

fn check_size(size: usize, align: usize) -> Result<(), String> {
    if !align.is_power_of_two() || align > MAX_ALIGN {
        return Err(format!("{align} is not a valid alignment"));
    }
    if size % align != 0 {
        return Err(format!("the size {size} is not a multiple of the alignment {align}"));
    }
    Ok(())
}

fn scalar(kind: Scalar, size: usize, align: usize) -> Result<Layout, String> {
    let fits = match kind {
        Scalar::Bool => size == 1,
        Scalar::Char => size == 4,
        Scalar::Float => matches!(size, 2 | 4 | 8 | 16),
        _ => matches!(size, 1 | 2 | 4 | 8 | 16),
    };
    if !fits {
        return Err(format!("a scalar of kind {kind:?} is not {size} bytes wide"));
    }
    Ok(Layout::of_scalar(kind.type_name(size), kind, size, align))
}

/// Marks the type if the code is that of one of this library's types. It must then have the fields of that type,
/// whatever their names are.
fn marked(code: u8, layout: Layout) -> Result<Layout, String> {
    let mark = match code {
        b'o' => Mark::Optional,
        b's' => Mark::Text,
        b'v' => Mark::List,
        _ => return Ok(layout),
    };
    let is_number = |it: &Layout, size| matches!(it.shape(), Shape::Scalar(Scalar::Unsigned)) && it.size() == size;
    let fits = match (mark, layout.variants(), layout.fields()) {
        (Mark::Optional, [none, some], _) => none.fields().is_empty() && some.fields().len() == 1,
        (Mark::Text | Mark::List, _, [len, all]) => match all.layout().shape() {
            Shape::Array { element, .. } => {
                len.offset() == 0 && is_number(len.layout(), 4) && (mark == Mark::List || is_number(element, 1))
            }
            _ => false,
        },
        _ => false,
    };
    if fits {
        return Ok(layout.marked(mark));
    }
    Err(format!("the fields of `{}` are not those of a `{mark}`", layout.name()))
}

fn check_variants(tag: &Layout, payload: usize, variants: &[Variant], size: usize) -> Result<(), String> {
    let is_integer = matches!(tag.shape(), Shape::Scalar(Scalar::Unsigned | Scalar::Signed));
    if !is_integer || !matches!(tag.size(), 1 | 2 | 4 | 8) || tag.size() > size {
        return Err("a tag must be an integer of at most 8 bytes".into());
    }
    if variants.is_empty() {
        return Err("an enum without variants has no values".into());
    }
    for variant in variants {
        check_fields(variant.fields(), payload, size)?;
        // The offsets in a `repr(int)` enum count from the start of the enum, but no field overlaps the tag.
        if variant.fields().iter().any(|it| it.layout().size() > 0 && payload + it.offset() < tag.size()) {
            return Err(format!("fields of variant `{}` overlap the tag", variant.name()));
        }
    }
    Ok(())
}

/// Checks that each field lies inside its type and after the one declared before it. Regions hold types of a specified
/// layout, in which the order of declaration is that of memory; so accesses ascend, on which every walk relies. Fields
/// of size 0 may lie anywhere inside, as they do in a `repr(transparent)` struct.
fn check_fields(fields: &[Field], start: usize, size: usize) -> Result<(), String> {
    let mut reached = start;
    for field in fields {
        // Each is at most `isize::MAX`, so a sum of three of them can overflow.
        let from = start.checked_add(field.offset());
        let (from, end) = match from.and_then(|from| Some((from, from.checked_add(field.layout().size())?))) {
            Some(span) if span.1 <= size => span,
            _ => return Err(format!("field `{}` ends after the end of its type, at {size}", field.name())),
        };
        if from == end {
            continue;
        }
        if from < reached {
            return Err(format!(
                "field `{}` begins before the end of the one declared before it: fields overlap",
                field.name()
            ));
        }
        reached = end;
    }
    Ok(())
}
