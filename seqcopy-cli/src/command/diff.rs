//! `seqcopy diff`: the fields in which two regions differ.

use std::io::Write;
use std::path::Path;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::columns::{columns, fit};
use super::diff_map::{Difference, Found};
use super::failure::Failure;
use super::printable::printable_path;
use super::region::{Opened, open};
use super::source::Source;
use super::value::Value;
use super::variants::Variants;
use super::{diff_map, effort, schemas, to_json};

/// Prints the differences, and returns whether there are any.
pub(super) fn diff(
    a: &Path,
    b: &Path,
    key: Option<&str>,
    as_json: bool,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let (one, other) = (open(a)?, open(b)?);
    let differences = schemas::compare(one.schema().layout(), other.schema().layout());
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
    let [one, other] = match (one, other, key) {
        (Opened::Map(one), Opened::Map(other), None) => return diff_map::diff((a, &one), (b, &other), as_json, out),
        (Opened::Map(_), Opened::Value(_), _) => return Err(Failure::at(b, "A holds a map, and this one value")),
        (Opened::Value(_), Opened::Map(_), None) => return Err(Failure::at(b, "A holds one value, and this a map")),
        (one, other, _) => [Source::of(a, one, key, 2)?, Source::of(b, other, key, 2)?],
    };
    let layout = one.layout();
    effort::walk(layout, 1).map_err(|line| Failure::at(a, line))?;
    let read = |path, source: &Source| source.read().map_err(|error| Failure::at(path, error));
    let ((bytes_a, version_a), (bytes_b, version_b)) = match (read(a, &one)?, read(b, &other)?) {
        (Some(bytes_a), Some(bytes_b)) => (bytes_a, bytes_b),
        (bytes_a, bytes_b) => {
            let line = match (one.is_entry(), &bytes_a, &bytes_b) {
                (true, None, None) => "neither map has an entry of this key",
                (true, None, _) => "A has no entry of this key",
                (true, ..) => "B has no entry of this key",
                (false, None, None) => "no value has been written to either yet",
                (false, None, _) => "no value has been written to A yet",
                (false, ..) => "no value has been written to B yet",
            };
            if as_json {
                to_json::write(out, &json!({ "same_schema": true, "trouble": line }), true)?;
            } else {
                writeln!(out, "{line}")?;
            }
            return Ok(bytes_a.is_some() || bytes_b.is_some());
        }
    };
    let number = if one.is_entry() { "changed in generation" } else { "value" };
    let variants = Variants::of(layout);
    let value = |bytes| Value::new(&variants, layout, bytes);
    let found = Found::between(value(&bytes_a), value(&bytes_b));
    let (count, versions) = (found.count, [version_a.to_bits(), version_b.to_bits()]);
    if as_json {
        to_json::write(out, &Compared { versions, found }, true)?;
        return Ok(count > 0);
    }
    writeln!(out, "A  {}, {number} {}", printable_path(a), versions[0])?;
    writeln!(out, "B  {}, {number} {}", printable_path(b), versions[1])?;
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
