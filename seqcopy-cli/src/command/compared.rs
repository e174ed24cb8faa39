//! The fields in which two values of one type differ.

use seqcopy::layout::Path as Place;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::value::{Fields, Node, Value};

/// A place where the values differ.
pub(super) struct Difference<'a> {
    pub(super) path: String,
    pub(super) a: Value<'a>,
    pub(super) b: Value<'a>,
}

/// How many differences are listed; the others are counted. Two images may differ in every pixel.
const LISTED: usize = 1000;

#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) listed: Vec<Difference<'a>>,
    pub(super) count: usize,
}

impl Serialize for Difference<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(3))?;
        object.serialize_entry("path", &self.path)?;
        object.serialize_entry("a", &self.a)?;
        object.serialize_entry("b", &self.b)?;
        object.end()
    }
}

/// Compares two values of one type, part by part as long as both have the same parts.
pub(super) fn compare<'a>(path: &Place<'_>, a: Value<'a>, b: Value<'a>, found: &mut Found<'a>) {
    if a.has_same_bytes(b) {
        return;
    }
    match (a.look(), b.look()) {
        (Node::Struct(a), Node::Struct(b)) => compare_fields(path, a, b, found),
        (Node::Variant(name, a), Node::Variant(other, b)) if name == other => {
            compare_fields(&Place::Field(path, name), a, b, found);
        }
        (Node::Something(a), Node::Something(b)) => {
            compare(&Place::Field(&Place::Field(path, "Some"), "0"), a, b, found);
        }
        (Node::List(a), Node::List(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                compare(&Place::Element(path, i), a, b, found);
            }
        }
        (one, other) if one.is_same_leaf(&other) => {}
        _ => {
            found.count += 1;
            if found.listed.len() < LISTED {
                found.listed.push(Difference { path: path.to_string(), a, b });
            }
        }
    }
}

fn compare_fields<'a>(path: &Place<'_>, a: Fields<'a>, b: Fields<'a>, found: &mut Found<'a>) {
    for ((name, a), (_, b)) in a.iter().zip(b.iter()) {
        compare(&Place::Field(path, name), a, b, found);
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::tests::samples::{Sample, image, offset};
    use crate::command::variants::Variants;

    #[test]
    fn differences_have_paths() {
        let (before, mut bytes) = (image(), image());
        bytes[offset("open")] = 0;
        bytes[offset("limit")] = 0;
        bytes[offset("outline") + 8] = 0;
        bytes[offset("history") + 6] = 1;
        bytes[offset("legs") + 4] = 1;
        // Padding, in an enum and in a struct, makes no difference.
        bytes[offset("outline") + 11] = 1;
        bytes[offset("legs") + 1] = 1;
        let variants = Variants::of(Sample::LAYOUT);
        let value = |bytes| Value::new(&variants, Sample::LAYOUT, bytes);
        let mut found = Found::default();
        compare(&Place::Root, value(&before), value(&bytes), &mut found);
        let lines: Vec<_> =
            found.listed.iter().map(|found| format!("{} {} {}", found.path, found.a, found.b)).collect();
        assert_eq!(found.count, lines.len());
        let [history, length] = [u16::from_ne_bytes([1, 0]).to_string(), u32::from_ne_bytes([1, 0, 0, 0]).to_string()];
        assert_eq!(
            lines,
            [
                "open true false",
                "limit Some(2.5) None",
                "outline.Circle.filled true false",
                &format!("history[3] 0 {history}"),
                &format!("legs[0].length 0 {length}"),
            ]
        );
    }
}
