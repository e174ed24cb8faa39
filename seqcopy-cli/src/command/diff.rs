//! `seqcopy diff`: the fields in which two regions differ.

use std::io::Write;
use std::path::Path;

use seqcopy::ReadError::Empty;
use seqcopy::layout::Path as Place;
use seqcopy_shm::{Bytes, FileRegion, ReadValueError};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::columns::{columns, fit};
use super::failure::Failure;
use super::printable::printable_path;
use super::region::open;
use super::value::{Fields, Node, Value};
use super::variants::Variants;
use super::{effort, schemas, to_json};

/// A place where the values differ.
struct Difference<'a> {
    path: String,
    a: Value<'a>,
    b: Value<'a>,
}

/// How many differences are listed; the others are counted. Two images may differ in every pixel.
const LISTED: usize = 1000;

#[derive(Default)]
struct Found<'a> {
    listed: Vec<Difference<'a>>,
    count: usize,
}

/// Prints the differences, and returns whether there are any.
pub(super) fn diff(a: &Path, b: &Path, as_json: bool, out: &mut impl Write) -> Result<bool, Failure> {
    let (one, other) = (open(a)?, open(b)?);
    let layout = one.schema().layout();
    let differences = schemas::compare(layout, other.schema().layout());
    if !differences.is_empty() {
        if as_json {
            to_json::write(out, &json!({ "same_schema": false, "schema": differences }), true)?;
            return Ok(true);
        }
        writeln!(out, "the types differ (A: {}, B: {}):", printable_path(a), printable_path(b))?;
        for line in differences {
            writeln!(out, "  {line}")?;
        }
        return Ok(true);
    }
    effort::payload(layout, 2).map_err(|line| Failure::at(a, line))?;
    if as_json { effort::json(layout) } else { effort::walk(layout) }.map_err(|line| Failure::at(a, line))?;
    let (bytes_a, bytes_b) = match (read(a, &one)?, read(b, &other)?) {
        (Some(bytes_a), Some(bytes_b)) => (bytes_a, bytes_b),
        (bytes_a, bytes_b) => {
            let line = match (&bytes_a, &bytes_b) {
                (None, None) => "no value has been written to either yet",
                (None, _) => "no value has been written to A yet",
                _ => "no value has been written to B yet",
            };
            if as_json {
                to_json::write(out, &json!({ "same_schema": true, "trouble": line }), true)?;
            } else {
                writeln!(out, "{line}")?;
            }
            return Ok(bytes_a.is_some() || bytes_b.is_some());
        }
    };
    let variants = Variants::of(layout);
    let mut found = Found::default();
    let value = |bytes| Value::new(&variants, layout, bytes);
    compare(&Place::Root, value(&bytes_a.bytes), value(&bytes_b.bytes), &mut found);
    let (count, versions) = (found.count, [bytes_a.version, bytes_b.version]);
    if as_json {
        to_json::write(out, &Compared { versions, found }, true)?;
        return Ok(count > 0);
    }
    writeln!(out, "A  {}, value {}", printable_path(a), versions[0])?;
    writeln!(out, "B  {}, value {}", printable_path(b), versions[1])?;
    let width = found.listed.iter().map(|difference| columns(&difference.path)).max().unwrap_or(0).min(40);
    for Difference { path, a, b } in &found.listed {
        let gap = width.saturating_sub(columns(path));
        writeln!(out, "  {path}{:gap$}  A: {}  B: {}", "", fit(a, 60), fit(b, 60))?;
    }
    if count > found.listed.len() {
        writeln!(out, "  ... {} more", count - found.listed.len())?;
    }
    match count {
        0 => writeln!(out, "no field differs")?,
        1 => writeln!(out, "1 field differs")?,
        _ => writeln!(out, "{count} fields differ")?,
    }
    Ok(count > 0)
}

/// The value, or `None` if none has been written yet.
fn read(path: &Path, region: &FileRegion) -> Result<Option<Bytes>, Failure> {
    match region.read_bytes() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(ReadValueError::NotConsistent(Empty)) => Ok(None),
        Err(error) => Err(Failure::at(path, error)),
    }
}

/// The output with `--json`.
struct Compared<'a> {
    versions: [u64; 2],
    found: Found<'a>,
}

impl Serialize for Compared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(5))?;
        object.serialize_entry("same_schema", &true)?;
        object.serialize_entry("version_a", &self.versions[0])?;
        object.serialize_entry("version_b", &self.versions[1])?;
        object.serialize_entry("differences", &self.found.listed)?;
        object.serialize_entry("count", &self.found.count)?;
        object.end()
    }
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
fn compare<'a>(path: &Place<'_>, a: Value<'a>, b: Value<'a>, found: &mut Found<'a>) {
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
    use crate::command::samples::{Sample, image, offset};

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
