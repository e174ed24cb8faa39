//! The entries of a map, in the order of their keys.

use std::cmp::Ordering;
use std::fmt::{self, Display, Formatter, Write};
use std::path::Path;

use seqcopy::Version;
use seqcopy_shm::{Entries, ReadValueError};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::bounded::{Bounded, TEXT};
use super::columns::columns;
use super::effort;
use super::failure::Failure;
use super::region::{ByteMap, map_name};
use super::table::too_long;
use super::text::Text;
use super::value::{Node, Value};
use super::variants::Variants;

/// The types of a map.
pub(super) struct Kinds {
    key: Variants,
    value: Variants,
}

/// An entry as key and value.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) stamp: u64,
    pub(super) key: Value<'a>,
    pub(super) value: Value<'a>,
}

impl Kinds {
    pub(super) fn of(map: &ByteMap) -> Kinds {
        Kinds { key: Variants::of(map.key()), value: Variants::of(map.value()) }
    }

    /// The entries of that map in the order of their keys, or why there are too many; so many maps are in memory.
    pub(super) fn sorted<'a>(
        &'a self,
        map: &'a ByteMap,
        entries: &'a Entries,
        maps: usize,
    ) -> Result<Vec<Pair<'a>>, String> {
        let bytes = entries.len().saturating_mul(map.key().size().saturating_add(map.value().size()));
        effort::sort(map.key(), entries.len(), bytes, size_of::<Pair<'_>>(), maps)?;
        let pair = |(key, value, stamp): (&'a [u8], &'a [u8], Version)| Pair {
            stamp: stamp.to_bits(),
            key: Value::new(&self.key, map.key(), key),
            value: Value::new(&self.value, map.value(), value),
        };
        let mut pairs: Vec<_> = entries.iter().map(pair).collect();
        // Without more memory. Equal keys, which only a broken writer makes, are in any order.
        pairs.sort_unstable_by(|a, b| order(a.key, b.key));
        Ok(pairs)
    }
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(entries: usize) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") }
}

/// The entries of one generation, or why that fails at once. `maps` of them are in memory.
pub(super) fn read(path: &Path, map: &ByteMap, maps: usize) -> Result<Entries, Failure> {
    check(path, map, maps)?;
    map.entries().map_err(|error| Failure::at(path, hint(error)))
}

/// Whether the tables of so many such maps may be in memory.
pub(super) fn check(path: &Path, map: &ByteMap, maps: usize) -> Result<(), Failure> {
    let table = map.header().slots().saturating_mul(map.header().payload_size() as u64);
    effort::table(&map_name(map), table, maps).map_err(|line| Failure::at(path, line))
}

/// An error of reading a whole map, with what to do.
pub(super) fn hint(error: ReadValueError) -> String {
    match error {
        ReadValueError::NoValue(_) => {
            format!("{error}: the map changes too often to be read as a whole; `--key` reads one entry")
        }
        error => error.to_string(),
    }
}

/// The order of two keys of one type: numbers by their size, texts as strings, the rest part by part.
pub(super) fn order<'a>(a: Value<'a>, b: Value<'a>) -> Ordering {
    match (a.look(), b.look()) {
        (Node::Unsigned(a), Node::Unsigned(b)) => a.cmp(&b),
        (Node::Signed(a), Node::Signed(b)) => a.cmp(&b),
        (Node::Bool(a), Node::Bool(b)) => a.cmp(&b),
        (Node::Char(a), Node::Char(b)) => a.cmp(&b),
        (Node::Text(a), Node::Text(b)) => a.cmp(b),
        (Node::Fields(a), Node::Fields(b)) if a.variant.is_none() => {
            order_parts(a.iter().map(|a| a.1), b.iter().map(|b| b.1))
        }
        (Node::List(a), Node::List(b)) => order_parts(a.iter(), b.iter()).then_with(|| a.len().cmp(&b.len())),
        _ => Ordering::Equal,
    }
    // Names of variants, bits that are invalid, and what lies behind a text.
    .then_with(|| a.bytes().cmp(b.bytes()))
}

fn order_parts<'a>(a: impl Iterator<Item = Value<'a>>, b: impl Iterator<Item = Value<'a>>) -> Ordering {
    a.zip(b).map(|(a, b)| order(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// A line for each entry: key, value.
pub(super) struct Lines {
    width: usize,
    elements: usize,
}

impl Lines {
    const WIDEST: usize = 40;

    /// For these entries, with so many elements of each array.
    pub(super) fn of<'a>(pairs: impl Iterator<Item = Pair<'a>>, elements: usize) -> Result<Lines, Failure> {
        let (mut lines, mut bounded) = (Lines { width: 0, elements }, Bounded::new(TEXT));
        for pair in pairs {
            writeln!(bounded, "{}", lines.line(pair)).map_err(|_| too_long(TEXT, elements))?;
            lines.width = columns(Text::Line(pair.key, elements)).clamp(lines.width, Self::WIDEST);
        }
        Ok(lines)
    }

    pub(super) fn line<'l>(&self, pair: Pair<'l>) -> impl Display + 'l {
        Line { width: self.width, elements: self.elements, pair }
    }
}

struct Line<'a> {
    width: usize,
    elements: usize,
    pair: Pair<'a>,
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let key = Text::Line(self.pair.key, self.elements);
        let gap = self.width.saturating_sub(columns(&key));
        write!(f, "{key}{:gap$}  {}", "", Text::Line(self.pair.value, self.elements))
    }
}

/// As JSON: an object of key, value and the generation that changed it.
impl Serialize for Pair<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(3))?;
        object.serialize_entry("key", &self.key)?;
        object.serialize_entry("value", &self.value)?;
        object.serialize_entry("generation", &self.stamp)?;
        object.end()
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqStr};

    use super::*;

    #[test]
    fn keys_are_ordered_by_what_they_mean() {
        fn less<T: SeqCopy>(a: &[u8], b: &[u8]) -> bool {
            let variants = Variants::of(T::LAYOUT);
            let value = |bytes| Value::new(&variants, T::LAYOUT, bytes);
            assert_eq!(order(value(a), value(b)), order(value(b), value(a)).reverse());
            order(value(a), value(b)).is_lt()
        }
        assert!(less::<u32>(&2u32.to_ne_bytes(), &256u32.to_ne_bytes()));
        assert!(less::<i32>(&(-2i32).to_ne_bytes(), &1i32.to_ne_bytes()));
        let text = |text: &[u8; 4], len: u32| [&len.to_ne_bytes()[..], text].concat();
        assert!(less::<SeqStr<4>>(&text(b"ab\0\0", 2), &text(b"b\0\0\0", 1)));
        assert!(less::<SeqStr<4>>(&text(b"ab\0\0", 2), &text(b"abc\0", 3)));
        // The same text as another process may have written it is another key.
        assert!(less::<SeqStr<4>>(&text(b"ab\0\0", 2), &text(b"ab\0x", 2)));
        assert!(less::<[u16; 2]>(
            &[1u16, 500].map(u16::to_ne_bytes).concat(),
            &[2u16, 3].map(u16::to_ne_bytes).concat()
        ));
        // Invalid.
        assert!(less::<bool>(&[1], &[7]));
    }
}
