//! `seqcopy diff` prints the fields, or the entries, in which two regions differ.

use std::io;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use seqcopy::layout::Path as Place;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::arguments::Part;
use super::columns::{columns, fit, printable_path};
use super::field::differences;
use super::key::{Entry, merge};
use super::region::{Failure, Opened, open};
use super::source::Source;
use super::text::Text;
use super::{schemas, to_json};

use seqcopy_shm::untyped::Value;

/// The maximum number of differences that are listed. Further ones are only counted, because two images, for example,
/// may differ in every pixel.
const LISTED: usize = 1000;
/// How many elements of an array in a key, or in a value, are printed.
const ELEMENTS: usize = 16;

/// A place where two values differ.
#[derive(Serialize)]
struct Difference<'a> {
    path: String,
    #[serde(serialize_with = "to_json::value")]
    a: Value<'a>,
    #[serde(serialize_with = "to_json::value")]
    b: Value<'a>,
}

/// The differences between two values of a key. The single value of a region has no key.
#[derive(Default, Serialize)]
struct Changed<'a> {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "to_json::optional")]
    key: Option<Value<'a>>,
    differences: Vec<Difference<'a>>,
    count: usize,
}

impl<'a> Changed<'a> {
    fn between(a: &Entry<'a>, b: &Entry<'a>) -> Self {
        let mut changed = Changed { key: a.key, differences: Vec::new(), count: 0 };
        let _ = differences(&Place::Root, a.value, b.value, &mut |path, a, b| {
            changed.count += 1;
            if changed.differences.len() < LISTED {
                changed.differences.push(Difference { path: path.to_string(), a, b });
            }
            ControlFlow::Continue(())
        });
        changed
    }
}

/// The differences between two maps.
#[derive(Default, Serialize)]
struct Changes<'a> {
    only_a: Vec<Entry<'a>>,
    only_b: Vec<Entry<'a>>,
    changed: Vec<Changed<'a>>,
    /// How many entries differ.
    count: usize,
}

impl<'a> Changes<'a> {
    fn between(a: &[Entry<'a>], b: &[Entry<'a>]) -> Self {
        let (mut changes, mut fields) = (Changes::default(), 0);
        for pair in merge(a, b) {
            let is_listed = changes.count < LISTED && fields < LISTED;
            match pair {
                (Some(a), Some(b)) => {
                    let changed = Changed::between(&a, &b);
                    if changed.count == 0 {
                        continue;
                    }
                    if is_listed {
                        fields += changed.differences.len();
                        changes.changed.push(changed);
                    }
                }
                (only_a, only_b) if is_listed => {
                    changes.only_a.extend(only_a);
                    changes.only_b.extend(only_b);
                }
                _ => {}
            }
            changes.count += 1;
        }
        changes
    }
}

/// The output with `--json`: of maps `Changes`, of values `Changed`.
#[derive(Serialize)]
struct Compared<C> {
    #[serde(flatten)]
    head: Json,
    #[serde(flatten)]
    changes: C,
}

/// Prints the differences, and returns whether there are any.
pub(super) fn diff(
    a: &Path,
    b: &Path,
    key: Option<&str>,
    as_json: bool,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let opened = [open(a)?, open(b)?];
    let differences = schemas::compare(opened[0].region().schema().layout(), opened[1].region().schema().layout());
    if !differences.is_empty() {
        let [one, other] = &opened;
        // Explains why a reader of the first region's fields can't read the second region.
        let why = |here: &Opened, there: &Opened| match (here, there) {
            (Opened::Map(here), Opened::Map(there)) => here.difference_by_fields(there).map(|why| why.to_string()),
            (Opened::Value(here), Opened::Value(there)) => {
                here.schema().difference_by_fields(there.schema()).map(|why| why.to_string())
            }
            _ => Some("one has a map, and the other one value".to_owned()),
        };
        let by_fields = [why(one, other), why(other, one)];
        if as_json {
            let [of_a, of_b] = by_fields.each_ref().map(Option::is_none);
            let json = json!({ "same_schema": false, "schema": differences, "a_reads_b": of_a, "b_reads_a": of_b });
            to_json::write(out, &json, true)?;
            return Ok(true);
        }
        writeln!(out, "the types differ (A: {}, B: {}):", printable_path(a), printable_path(b))?;
        differences.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        for (reader, region, why) in [("A", "B", &by_fields[0]), ("B", "A", &by_fields[1])] {
            match why {
                None => writeln!(out, "a reader of {reader} reads {region}, if it was opened by its fields")?,
                Some(why) => writeln!(out, "a reader of {reader} does not read {region}: {why}")?,
            }
        }
        return Ok(true);
    }
    let parts = [a, b].map(|path| Part { path: path.to_owned(), field: None, key: key.map(str::to_owned) });
    let [one, other] = opened;
    let (one, other) = (Source::of(&parts[0], one, 2)?, Source::of(&parts[1], other, 2)?);
    if one.is_map() != other.is_map() {
        return Err(Failure::at(b, "of these regions, one holds a map, and the other one value"));
    }
    let read = |source: &Source<'_>| source.read().map_err(|error| Failure::at(&source.part.path, error));
    let (of_a, of_b) = match (read(&one)?, read(&other)?) {
        (Some(of_a), Some(of_b)) => (of_a, of_b),
        (of_a, of_b) => {
            let line = match (key.is_some(), &of_a, &of_b) {
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
            return Ok(of_a.is_some() || of_b.is_some());
        }
    };
    let mut changes = Changes::between(&one.entries(&of_a)?, &other.entries(&of_b)?);
    let differ = changes.count > 0;
    let (is_map, words, numbers) = (one.is_map(), one.words, [of_a.number(), of_b.number()]);
    if as_json {
        let [number_a, number_b] = ["a", "b"].map(|side| format!("{}_{side}", words.number_json));
        let head = json!({ "same_schema": true, number_a: numbers[0], number_b: numbers[1] });
        if is_map {
            to_json::write(out, &Compared { head, changes }, true)?;
        } else {
            let changes = changes.changed.pop().unwrap_or_default();
            to_json::write(out, &Compared { head, changes }, true)?;
        }
        return Ok(differ);
    }
    for (side, source, number) in [("A", &one, numbers[0]), ("B", &other, numbers[1])] {
        writeln!(out, "{side}  {}, {} {number}", printable_path(&source.part.path), words.number)?;
    }
    print(&changes, out)?;
    let count = if is_map { changes.count } else { changes.changed.first().map_or(0, |changed| changed.count) };
    let [part, parts] = words.part;
    match count {
        0 => writeln!(out, "no {part} differs")?,
        1 => writeln!(out, "1 {part} differs")?,
        _ => writeln!(out, "{count} {parts} differ")?,
    }
    Ok(differ)
}

fn print(changes: &Changes<'_>, out: &mut impl Write) -> io::Result<()> {
    // The single value of a region has no key.
    let key = |key: Option<Value<'_>>| key.map_or(String::new(), |key| fit(Text::Line(key, ELEMENTS), 40) + "  ");
    for (side, entries) in [("A", &changes.only_a), ("B", &changes.only_b)] {
        for entry in entries {
            writeln!(out, "  {}only in {side}: {}", key(entry.key), fit(Text::Line(entry.value, ELEMENTS), 60))?;
        }
    }
    for Changed { key: of, differences, count } in &changes.changed {
        let key = key(*of);
        let width = differences.iter().map(|difference| columns(&difference.path)).max().unwrap_or(0).min(40);
        for Difference { path, a, b } in differences {
            let gap = if path.is_empty() { 0 } else { width.saturating_sub(columns(path)) + 2 };
            writeln!(
                out,
                "  {key}{path}{:gap$}A: {}  B: {}",
                "",
                fit(Text::Line(*a, usize::MAX), 60),
                fit(Text::Line(*b, usize::MAX), 60)
            )?;
        }
        if *count > differences.len() {
            writeln!(out, "  {key}... {} more", count - differences.len())?;
        }
    }
    let listed = changes.only_a.len() + changes.only_b.len() + changes.changed.len();
    if changes.count > listed {
        writeln!(out, "  ... {} more", changes.count - listed)?;
    }
    Ok(())
}
