//! [`Entry`]: a key and its value. What is read of a region is a list of them; where it holds one value, of one without a key.

use std::cmp::Ordering;
use std::iter;

use seqcopy::Version;
use seqcopy_shm::{Entries, FileMap};
use serde::Serialize;

use super::{limits, to_json};
use seqcopy_shm::untyped::Variants;
use seqcopy_shm::untyped::{Node, Value};

/// As JSON: an object of key, value and the generation that changed it.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Entry<'a> {
    /// `None` where there is one value.
    #[serde(serialize_with = "to_json::optional")]
    pub(super) key: Option<Value<'a>>,
    #[serde(serialize_with = "to_json::value")]
    pub(super) value: Value<'a>,
    #[serde(rename = "generation")]
    pub(super) number: u64,
}

impl<'a> Entry<'a> {
    /// The entries of that map in the order of their keys, or why there are too many; `reads` reads are in memory.
    pub(super) fn sorted(
        map: &'a FileMap,
        variants: &'a Variants,
        entries: &'a Entries,
        reads: usize,
    ) -> Result<Vec<Self>, String> {
        let bytes = entries.len().saturating_mul(map.key().size().saturating_add(map.value().size()));
        limits::sort(map.key(), entries.len(), bytes, size_of::<Self>(), reads)?;
        let entry = |(key, value, stamp): (&'a [u8], &'a [u8], Version)| Entry {
            key: Some(variants.value(map.key(), key)),
            value: variants.value(map.value(), value),
            number: stamp.to_bits(),
        };
        let mut entries: Vec<_> = entries.iter().map(entry).collect();
        // Without more memory. Equal keys, which only a broken writer makes, are in any order.
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

/// The entries of two lists, both in the order of their keys, with those of the same key side by side.
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

/// The order of two keys of one type: numbers by their size, texts as strings, the rest part by part.
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
    // Names of variants, bits that are invalid, and what follows a text.
    .then_with(|| a.bytes().cmp(b.bytes()))
}

fn order_parts<'a>(a: impl Iterator<Item = Value<'a>>, b: impl Iterator<Item = Value<'a>>) -> Ordering {
    a.zip(b).map(|(a, b)| order(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use seqcopy::{SeqCopy, SeqStr};

    use super::*;

    #[test]
    fn keys_are_ordered_by_what_they_mean() {
        fn less<T: SeqCopy>(a: &[u8], b: &[u8]) -> bool {
            let variants = Variants::of(T::LAYOUT);
            let value = |bytes| variants.value(T::LAYOUT, bytes);
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
        let numbers = |numbers: [u16; 2]| numbers.map(u16::to_ne_bytes).concat();
        assert!(less::<[u16; 2]>(&numbers([1, 500]), &numbers([2, 3])));
        // Not as bytes, of which the first is less on some machines.
        assert!(less::<[u16; 2]>(&numbers([1, 500]), &numbers([256, 3])));
        assert!(less::<[u16; 2]>(&numbers([7, 1]), &numbers([7, 256])));
        // Invalid.
        assert!(less::<bool>(&[1], &[7]));
    }
}
