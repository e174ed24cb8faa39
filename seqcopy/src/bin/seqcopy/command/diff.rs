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
struct Difference<'a> {
    path: String,
    a: &'a Value,
    b: &'a Value,
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
        writeln!(out, "the schemas differ (A: {}, B: {}):", a.display(), b.display())?;
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
    let mut found = Vec::new();
    compare(String::new(), &value_a, &value_b, &mut found);
    if as_json {
        let fields: Vec<Json> = found
            .iter()
            .map(|difference| {
                json!({ "path": difference.path, "a": to_json::value(difference.a), "b": to_json::value(difference.b) })
            })
            .collect();
        let object = json!({
            "same_schema": true, "version_a": version_a, "version_b": version_b, "differences": fields,
        });
        writeln!(out, "{object:#}")?;
        return Ok(!found.is_empty());
    }
    writeln!(out, "A  {}, value {version_a}", super::plain(&a.display().to_string()))?;
    writeln!(out, "B  {}, value {version_b}", super::plain(&b.display().to_string()))?;
    if found.is_empty() {
        writeln!(out, "no field differs")?;
        return Ok(false);
    }
    let path = found.iter().map(|difference| difference.path.chars().count()).max().unwrap_or(0).min(40);
    for Difference { path: name, a, b } in &found {
        let (a, b) = (fit(&a.to_string(), 60), fit(&b.to_string(), 60));
        writeln!(out, "  {name:path$}  A: {a}  B: {b}")?;
    }
    let (s, verb) = if found.len() == 1 { ("", "differs") } else { ("s", "differ") };
    writeln!(out, "{} field{s} {verb}", found.len())?;
    Ok(true)
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
fn compare<'a>(path: String, a: &'a Value, b: &'a Value, found: &mut Vec<Difference<'a>>) {
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
        _ => found.push(Difference { path, a, b }),
    }
}

fn compare_fields<'a>(path: &str, a: &'a Fields, b: &'a Fields, found: &mut Vec<Difference<'a>>) {
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
        let mut found = Vec::new();
        compare(String::new(), &a, &b, &mut found);
        let lines: Vec<_> = found.iter().map(|found| format!("{} {} {}", found.path, found.a, found.b)).collect();
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
