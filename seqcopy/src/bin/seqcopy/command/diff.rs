//! `seqcopy diff`: which fields of two regions differ.

use std::io::Write;
use std::path::Path;

use seqcopy::ReadError::Empty;
use seqcopy::shm::{ReadError, Region};
use serde_json::{Value as Json, json};

use super::text::{fit, step};
use super::value::{Fields, Value, decode};
use super::{Failure, open, schemas, to_json};

/// A place whose values differ.
#[derive(Debug)]
struct Difference {
    path: String,
    a: Value,
    b: Value,
}

/// Two images may differ in each pixel: so many differences are listed, the others counted.
const LISTED: usize = 1000;

#[derive(Debug, Default)]
struct Found {
    listed: Vec<Difference>,
    count: usize,
}

impl Found {
    fn add(&mut self, path: impl FnOnce() -> String, a: &Value, b: &Value) {
        self.count += 1;
        if self.listed.len() < LISTED {
            self.listed.push(Difference { path: path(), a: a.clone(), b: b.clone() });
        }
    }
}

/// Whether there are differences.
pub(super) fn diff(a: &Path, b: &Path, as_json: bool, out: &mut impl Write) -> Result<bool, Failure> {
    let (one, other) = (open(a)?, open(b)?);
    let differences = schemas::compare(one.schema().layout(), other.schema().layout());
    if !differences.is_empty() {
        if as_json {
            writeln!(out, "{:#}", json!({ "same_schema": false, "schema": differences }))?;
            return Ok(true);
        }
        writeln!(out, "the schemas differ (A: {}, B: {}):", path(a), path(b))?;
        for line in differences {
            writeln!(out, "  {line}")?;
        }
        return Ok(true);
    }
    let (Some((version_a, value_a)), Some((version_b, value_b))) = (read(a, &one)?, read(b, &other)?) else {
        let (empty_a, empty_b) = (one.version() == 0, other.version() == 0);
        let line = match (empty_a, empty_b) {
            (true, true) => "no value has been written to either yet",
            (true, false) => "no value has been written to A yet",
            _ => "no value has been written to B yet",
        };
        if as_json {
            writeln!(out, "{:#}", json!({ "same_schema": true, "trouble": line }))?;
        } else {
            writeln!(out, "{line}")?;
        }
        return Ok(empty_a != empty_b);
    };
    let mut found = Found::default();
    compare(String::new(), &value_a, &value_b, &mut found);
    let count = found.count;
    if as_json {
        let fields: Vec<Json> = found
            .listed
            .iter()
            .map(|Difference { path, a, b }| json!({ "path": path, "a": to_json::value(a), "b": to_json::value(b) }))
            .collect();
        let object = json!({
            "same_schema": true, "version_a": version_a, "version_b": version_b, "differences": fields, "count": count,
        });
        writeln!(out, "{object:#}")?;
        return Ok(count > 0);
    }
    writeln!(out, "A  {}, value {version_a}", path(a))?;
    writeln!(out, "B  {}, value {version_b}", path(b))?;
    let width = found.listed.iter().map(|difference| difference.path.chars().count()).max().unwrap_or(0).min(40);
    for Difference { path, a, b } in &found.listed {
        let (a, b) = (fit(&a.to_string(), 60), fit(&b.to_string(), 60));
        writeln!(out, "  {path:width$}  A: {a}  B: {b}")?;
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

/// As a terminal can bear it.
fn path(path: &Path) -> String {
    super::plain(&path.display().to_string())
}

/// `None` if nothing was written yet.
fn read(path: &Path, region: &Region) -> Result<Option<(u64, Value)>, Failure> {
    match region.read_bytes() {
        Ok(bytes) => {
            let value = decode(region.schema().layout(), &bytes.bytes).map_err(|error| error.of(path))?;
            Ok(Some((bytes.version, value)))
        }
        Err(ReadError::NotConsistent(Empty)) => Ok(None),
        Err(error) => Err(Failure::at(path, error)),
    }
}

/// Two values of one type: goes down as far as there is something in common.
fn compare(path: String, a: &Value, b: &Value, found: &mut Found) {
    if a == b {
        return;
    }
    match (a, b) {
        (Value::Struct(a), Value::Struct(b)) => compare_fields(&path, a, b, found),
        (Value::Variant(name, a), Value::Variant(other, b)) if name == other => {
            compare_fields(&step(&path, name), a, b, found);
        }
        (Value::Something(a), Value::Something(b)) => compare(step(&path, "Some.0"), a, b, found),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b).enumerate() {
                compare(format!("{path}[{i}]"), a, b, found);
            }
        }
        (Value::Numbers(a), Value::Numbers(b)) if a.len() == b.len() => {
            for (i, (a, b)) in a.iter().zip(b.iter()).enumerate() {
                if a != b {
                    found.add(|| format!("{path}[{i}]"), &a, &b);
                }
            }
        }
        _ => found.add(|| path, a, b),
    }
}

fn compare_fields(path: &str, a: &Fields, b: &Fields, found: &mut Found) {
    for ((name, a), (_, b)) in a.iter().zip(b) {
        compare(step(path, name), a, b, found);
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::{Sample, image, offset};

    #[test]
    fn differences_have_paths() {
        let a = decode(Sample::LAYOUT, &image()).unwrap();
        let mut bytes = image();
        bytes[offset("open")] = 0;
        bytes[offset("limit")] = 0;
        bytes[offset("area") + 8] = 0;
        bytes[offset("history") + 6] = 1;
        bytes[offset("legs") + 4] = 1;
        let b = decode(Sample::LAYOUT, &bytes).unwrap();
        let mut found = Found::default();
        compare(String::new(), &a, &b, &mut found);
        let lines: Vec<_> =
            found.listed.iter().map(|found| format!("{} {} {}", found.path, found.a, found.b)).collect();
        assert_eq!(found.count, lines.len());
        let [history, length] = [u16::from_ne_bytes([1, 0]).to_string(), u32::from_ne_bytes([1, 0, 0, 0]).to_string()];
        assert_eq!(
            lines,
            [
                "open true false",
                "limit Some(2.5) None",
                "area.Circle.filled true false",
                &format!("history[3] 0 {history}"),
                &format!("legs[0].length 0 {length}"),
            ]
        );
    }
}
