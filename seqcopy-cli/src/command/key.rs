//! Keys from the command line, and the entries of a map.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::iter;

use super::columns::printable;
use super::from_json::{is_letters, put, wanted};
use super::region::{newtype, type_name};
use super::{limits, to_json};

use seqcopy::layout::{Scalar, Shape};
use seqcopy::{Layout, Version};
use seqcopy_shm::untyped::{Entries, FileMap};
use seqcopy_shm::untyped::{Node, Value, Variants};
use serde::Serialize;
use serde_json::Value as Json;

/// The bytes of the key that the text names.
pub(super) fn parse(layout: &Layout, text: &str) -> Result<Vec<u8>, String> {
    let failed = |why: String| format!("`--key {}` is not a valid `{}`: {why}", printable(text), type_name(layout));
    let json = match serde_json::from_str(text) {
        Ok(json @ Json::String(_)) => json,
        Ok(json @ Json::Array(_)) if is_letters(layout) => json,
        Ok(_) | Err(_) if is_text(layout) => Json::String(text.to_owned()),
        Ok(json) => json,
        Err(_) => return Err(failed(format!("expected {}", wanted(layout)))),
    };
    let mut bytes = vec![0; layout.size()];
    put(layout, &json, &mut bytes).map_err(|wrong| failed(wrong.to_string()))?;
    layout.validate(&bytes).map_err(|error| failed(error.to_string()))?;
    Ok(bytes)
}

/// Whether the user means a text, even if it looks like a number.
fn is_text(layout: &Layout) -> bool {
    layout.str_capacity().is_some()
        || is_letters(layout)
        || matches!(layout.shape(), Shape::Tags { .. } | Shape::Scalar(Scalar::Char) | Shape::Plain)
        || newtype(layout).is_some_and(|only| is_text(only.layout()))
}

/// JSON: an object of key, value and the generation that changed it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Entry<'a> {
    /// `None` for the single value of a region.
    #[serde(serialize_with = "to_json::optional")]
    pub(super) key: Option<Value<'a>>,
    #[serde(serialize_with = "to_json::value")]
    pub(super) value: Value<'a>,
    #[serde(rename = "generation")]
    pub(super) number: u64,
}

impl<'a> Entry<'a> {
    /// The entries of a map, sorted by their keys, or why there are too many. `types` are those of its keys and values,
    /// and `reads` is the number of reads in memory.
    pub(super) fn sorted(
        types: [&'a Layout; 2],
        variants: &'a Variants,
        entries: &'a Entries,
        reads: usize,
    ) -> Result<Vec<Self>, String> {
        Self::sort(types, variants, entries.iter(), entries.len(), reads)
    }

    /// Compares two reads of a map. Returns the entries that were changed after the first read, and the entries of the
    /// first read whose keys the second one does not have. Both lists are sorted.
    pub(super) fn changes(
        map: &'a FileMap,
        variants: &'a Variants,
        before: &'a Entries,
        after: &'a Entries,
    ) -> Result<[Vec<Self>; 2], String> {
        let keys: HashSet<&[u8]> = after.iter().map(|(key, ..)| key).collect();
        let changed = after.iter().filter(|(_, _, stamp)| *stamp > before.generation());
        let gone = before.iter().filter(|(key, ..)| !keys.contains(key));
        let (types, most) = ([map.key(), map.value()], after.len().max(before.len()));
        Ok([Self::sort(types, variants, changed, most, 2)?, Self::sort(types, variants, gone, most, 2)?])
    }

    /// Sorts entries, of which there are at most `most`.
    fn sort(
        [key, value]: [&'a Layout; 2],
        variants: &'a Variants,
        entries: impl Iterator<Item = (&'a [u8], &'a [u8], Version)>,
        most: usize,
        reads: usize,
    ) -> Result<Vec<Self>, String> {
        let bytes = most.saturating_mul(key.size().saturating_add(value.size()));
        limits::sort(key, most, bytes, size_of::<Self>(), reads)?;
        let entry = |(of_key, of_value, stamp): (&'a [u8], &'a [u8], Version)| Entry {
            key: Some(variants.value(key, of_key)),
            value: variants.value(value, of_value),
            number: stamp.to_bits(),
        };
        let mut entries: Vec<_> = entries.map(entry).collect();
        // Sorts without more memory. Only a broken writer makes equal keys, and their order does not matter.
        entries.sort_unstable_by(Self::order);
        Ok(entries)
    }

    fn order(&self, other: &Self) -> Ordering {
        match (self.key, other.key) {
            (Some(key), Some(other)) => order(key, other),
            _ => Ordering::Equal,
        }
    }
}

/// Merges two sorted lists of entries. Entries with the same key are side by side.
pub(super) fn merge<'a>(
    mut a: &[Entry<'a>],
    mut b: &[Entry<'a>],
) -> impl Iterator<Item = (Option<Entry<'a>>, Option<Entry<'a>>)> {
    iter::from_fn(move || {
        let order = match (a.first(), b.first()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a), Some(b)) => a.order(b),
        };
        let of_a = if order.is_le() { take_first(&mut a) } else { None };
        let of_b = if order.is_ge() { take_first(&mut b) } else { None };
        Some((of_a, of_b))
    })
}

fn take_first<'a>(entries: &mut &[Entry<'a>]) -> Option<Entry<'a>> {
    let (first, rest) = entries.split_first()?;
    *entries = rest;
    Some(*first)
}

/// The order of two keys of the same type. Numbers are ordered by value, texts as strings, and other types part by
/// part.
fn order<'a>(a: Value<'a>, b: Value<'a>) -> Ordering {
    match (a.look(), b.look()) {
        (Node::Unsigned(a), Node::Unsigned(b)) => a.cmp(&b),
        (Node::Signed(a), Node::Signed(b)) => a.cmp(&b),
        (Node::Bool(a), Node::Bool(b)) => a.cmp(&b),
        (Node::Char(a), Node::Char(b)) => a.cmp(&b),
        (Node::Text(a), Node::Text(b)) => a.cmp(b),
        (Node::Fields(a), Node::Fields(b)) if a.variant().is_none() => {
            order_parts(a.iter().map(|a| a.1), b.iter().map(|b| b.1))
        }
        (Node::List(a), Node::List(b)) => order_parts(a.iter(), b.iter()).then_with(|| a.len().cmp(&b.len())),
        _ => Ordering::Equal,
    }
    // Names of variants, invalid bits, and the bytes after a text.
    .then_with(|| a.bytes().cmp(b.bytes()))
}

fn order_parts<'a>(a: impl Iterator<Item = Value<'a>>, b: impl Iterator<Item = Value<'a>>) -> Ordering {
    a.zip(b).map(|(a, b)| order(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::tests::samples::{Id, Mode, Opaque, Pair};
    use core::num::NonZeroU16;
    use seqcopy::{SeqCopy, SeqStr, SeqVec};

    #[derive(SeqCopy)]
    #[repr(C)]
    #[allow(dead_code)]
    struct Route {
        network: [u8; 4],
        bits: u8,
        mode: Mode,
        port: u16,
    }
    fn bytes(layout: &Layout, text: &str) -> Vec<u8> {
        parse(layout, text).unwrap()
    }

    /// A message contains at most two dozen names.
    #[test]
    fn the_first_variants_are_named() {
        for count in [1, 24, 25] {
            let names: Vec<_> = (0..count).map(|number| format!("V{number}")).collect();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let schema = seqcopy_shm::SchemaBuilder::names("Mode", &names).build().unwrap();
            let said = parse(schema.layout(), "Other").unwrap_err();
            let named = names[..count.min(24)].join(", ");
            assert_eq!(said, format!("`--key Other` is not a valid `Mode`: it has the variants {named}"));
        }
    }

    #[test]
    fn keys_of_all_kinds() {
        assert_eq!(bytes(u16::LAYOUT, "513"), 513u16.to_ne_bytes());
        assert_eq!(bytes(i64::LAYOUT, "-2"), (-2i64).to_ne_bytes());
        assert_eq!(bytes(u128::LAYOUT, &format!("\"{}\"", u128::MAX)), u128::MAX.to_ne_bytes());
        assert_eq!(bytes(i128::LAYOUT, &format!("\"{}\"", i128::MIN)), i128::MIN.to_ne_bytes());
        assert_eq!(bytes(Id::LAYOUT, "-7"), (-7i32).to_ne_bytes());
        assert_eq!((bytes(bool::LAYOUT, "true"), bytes(Mode::LAYOUT, "Fast")), (vec![1], vec![3]));
        assert_eq!(bytes(char::LAYOUT, "7"), u32::from('7').to_ne_bytes());
        let text = [&4u32.to_ne_bytes()[..], b"AAPL\0\0\0\0"].concat();
        assert_eq!(bytes(SeqStr::<8>::LAYOUT, "AAPL"), text);
        assert_eq!(bytes(SeqStr::<8>::LAYOUT, "\"AAPL\""), text);
        assert_eq!(bytes(SeqStr::<4>::LAYOUT, "4242"), [&4u32.to_ne_bytes()[..], b"4242"].concat());
        assert_eq!(bytes(SeqVec::<u8, 4>::LAYOUT, "[1, 2]"), [&2u32.to_ne_bytes()[..], &[1, 2, 0, 0]].concat());
        assert_eq!(
            (bytes(<[u8; 3]>::LAYOUT, "ab"), bytes(<[u16; 2]>::LAYOUT, "[0, 0]")),
            (b"ab\0".to_vec(), vec![0; 4])
        );
        assert_eq!(bytes(Opaque::LAYOUT, "\"00ff1a\""), [0, 0xff, 0x1a]);
        let route = bytes(Route::LAYOUT, r#"{"bits": 8, "network": [10, 0, 0, 0], "mode": "Calm", "port": 0}"#);
        assert_eq!(route, [10, 0, 0, 0, 8, 0, 0, 0]);
        assert_eq!(bytes(Pair::LAYOUT, "[1, 2]"), [1u16, 2].map(u16::to_ne_bytes).concat());
        // Ordered by their parts as numbers. The order of the bytes is different on most machines.
        let pairs = ["[1, 300]", "[255, 300]", "[256, 2]", "[256, 255]", "[256, 256]", "[511, 0]"];
        let keys = pairs.map(|text| bytes(Pair::LAYOUT, text));
        let value = |key| Value::new(Pair::LAYOUT, key);
        assert!(keys.is_sorted_by(|a, b| order(value(a), value(b)).is_lt()));
    }

    #[test]
    fn what_is_no_key_is_refused_with_what_would_be() {
        for (layout, text, why) in [
            (u8::LAYOUT, "256", "`--key 256` is not a valid `u8`: expected a whole number that fits"),
            (u8::LAYOUT, "-1", "a whole number"),
            (i8::LAYOUT, "128", "a whole number"),
            (u8::LAYOUT, "x\n", "`--key x\\n` is not a valid `u8`: expected a whole number that fits"),
            (NonZeroU16::LAYOUT, "0", "found 0x0"),
            (bool::LAYOUT, "1", "`--key 1` is not a valid `bool`: expected `true` or `false`"),
            (Mode::LAYOUT, "Slow", "it has the variants Calm, Fast"),
            (SeqStr::<4>::LAYOUT, "12345", "it has space for 4 bytes"),
            (<[u16; 2]>::LAYOUT, "[1]", "2 elements"),
            (char::LAYOUT, "ab", "one character"),
            (SeqVec::<u8, 4>::LAYOUT, "[1, 2, 3, 4, 5]", "it has space for 4 elements"),
            (Pair::LAYOUT, "[1]", "2 fields, as in `[1, 2]`"),
            (
                Route::LAYOUT,
                r#"{"bits": 8, "network": [10, 0, 0, 0], "mode": "Calm", "port": 0, "x": 1}"#,
                "expected {",
            ),
            (Route::LAYOUT, r#"{"bits": 8, "network": [10, 0, 0, 0], "mode": "Calm"}"#, "expected {"),
            (Route::LAYOUT, "7", "expected {\"network\": .., \"bits\": .., \"mode\": .., \"port\": ..}"),
        ] {
            let error = parse(layout, text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn keys_are_ordered_by_what_they_mean() {
        fn less<T: SeqCopy>(a: &[u8], b: &[u8]) -> bool {
            let variants = Variants::from_layout(T::LAYOUT);
            let value = |bytes| variants.value(T::LAYOUT, bytes);
            assert_eq!(order(value(a), value(b)), order(value(b), value(a)).reverse());
            order(value(a), value(b)).is_lt()
        }
        assert!(less::<u32>(&2u32.to_ne_bytes(), &256u32.to_ne_bytes()));
        assert!(less::<i32>(&(-2i32).to_ne_bytes(), &1i32.to_ne_bytes()));
        let text = |text: &[u8; 4], len: u32| [&len.to_ne_bytes()[..], text].concat();
        assert!(less::<SeqStr<4>>(&text(b"ab\0\0", 2), &text(b"b\0\0\0", 1)));
        assert!(less::<SeqStr<4>>(&text(b"ab\0\0", 2), &text(b"abc\0", 3)));
        // A text with other bytes after its end, as another process may have written it, is another key.
        assert!(less::<SeqStr<4>>(&text(b"ab\0\0", 2), &text(b"ab\0x", 2)));
        let numbers = |numbers: [u16; 2]| numbers.map(u16::to_ne_bytes).concat();
        assert!(less::<[u16; 2]>(&numbers([1, 500]), &numbers([2, 3])));
        // Not ordered by their bytes, which would differ on some machines.
        assert!(less::<[u16; 2]>(&numbers([1, 500]), &numbers([256, 3])));
        assert!(less::<[u16; 2]>(&numbers([7, 1]), &numbers([7, 256])));
        // Invalid.
        assert!(less::<bool>(&[1], &[7]));
    }
}
