//! `seqcopy diff` of two maps: keys that only one has, and fields of values that differ.

use std::cmp::Ordering;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use seqcopy::layout::Path as Place;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::columns::fit;
use super::compared::differences;
use super::entries::{Kinds, Pair, order, read};
use super::failure::Failure;
use super::printable::printable_path;
use super::region::ByteMap;
use super::text::Text;
use super::value::Value;
use super::{effort, to_json};

/// So many differences are listed, of two values or of two maps; the others are counted. Two images may differ in every pixel.
const LISTED: usize = 1000;
/// How many elements of an array in a key, or in a value, are printed.
const ELEMENTS: usize = 16;

/// A place where two values differ.
#[derive(Serialize)]
pub(super) struct Difference<'a> {
    pub(super) path: String,
    pub(super) a: Value<'a>,
    pub(super) b: Value<'a>,
}

#[derive(Default)]
pub(super) struct Found<'a> {
    pub(super) listed: Vec<Difference<'a>>,
    pub(super) count: usize,
}

impl<'a> Found<'a> {
    pub(super) fn between(a: Value<'a>, b: Value<'a>) -> Self {
        let mut found = Found::default();
        let _ = differences(&Place::Root, a, b, &mut |path, a, b| {
            found.count += 1;
            if found.listed.len() < LISTED {
                found.listed.push(Difference { path: path.to_string(), a, b });
            }
            ControlFlow::Continue(())
        });
        found
    }
}

/// What differs between two maps.
#[derive(Default)]
struct Changes<'a> {
    only_a: Vec<Pair<'a>>,
    only_b: Vec<Pair<'a>>,
    changed: Vec<(Pair<'a>, Found<'a>)>,
    count: usize,
}

/// Prints the differences between maps of one type, and returns whether there are any.
pub(super) fn diff(
    (path_a, a): (&Path, &ByteMap),
    (path_b, b): (&Path, &ByteMap),
    as_json: bool,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let (entries_a, entries_b) = (read(path_a, a, 2)?, read(path_b, b, 2)?);
    let (slot, most) = (a.schema().layout(), entries_a.len().max(entries_b.len()));
    let refused = |line| Failure::at(path_a, line);
    effort::walk(slot, most).map_err(refused)?;
    let (kinds_a, kinds_b) = (Kinds::of(a), Kinds::of(b));
    let sorted_b = kinds_b.sorted(b, &entries_b, 2).map_err(|line| Failure::at(path_b, line))?;
    let changes = changes(&kinds_a.sorted(a, &entries_a, 2).map_err(refused)?, &sorted_b);
    let generations = [entries_a.generation().to_bits(), entries_b.generation().to_bits()];
    if as_json {
        let count = changes.count;
        to_json::write(out, &Compared { changes, generations }, true)?;
        return Ok(count > 0);
    }
    writeln!(out, "A  {}, generation {}", printable_path(path_a), generations[0])?;
    writeln!(out, "B  {}, generation {}", printable_path(path_b), generations[1])?;
    let key = |pair: &Pair<'_>| fit(Text::Line(pair.key, ELEMENTS), 40);
    let mut listed = 0;
    for (only, pairs) in [("A", &changes.only_a), ("B", &changes.only_b)] {
        for pair in pairs {
            writeln!(out, "  {}  only in {only}: {}", key(pair), fit(Text::Line(pair.value, ELEMENTS), 60))?;
            listed += 1;
        }
    }
    for (pair, found) in &changes.changed {
        listed += 1;
        for Difference { path, a, b } in &found.listed {
            let (path, gap) = (path.as_str(), if path.is_empty() { "" } else { "  " });
            writeln!(out, "  {}  {path}{gap}A: {}  B: {}", key(pair), fit(a, 60), fit(b, 60))?;
        }
        if found.count > found.listed.len() {
            writeln!(out, "  {}  ... {} more", key(pair), found.count - found.listed.len())?;
        }
    }
    if changes.count > listed {
        writeln!(out, "  ... {} more", changes.count - listed)?;
    }
    match changes.count {
        0 => writeln!(out, "no entry differs")?,
        1 => writeln!(out, "1 entry differs")?,
        count => writeln!(out, "{count} entries differ")?,
    }
    Ok(changes.count > 0)
}

/// Walks over both in the order of their keys.
fn changes<'a>(mut a: &[Pair<'a>], mut b: &[Pair<'a>]) -> Changes<'a> {
    let mut changes = Changes::default();
    let mut fields = 0;
    loop {
        let next = match (a.first(), b.first()) {
            (None, None) => return changes,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => order(one.key, other.key),
        };
        let is_listed = changes.count < LISTED && fields < LISTED;
        match next {
            Ordering::Less => {
                changes.only_a.extend(a.first().filter(|_| is_listed));
                (a, changes.count) = (&a[1..], changes.count + 1);
            }
            Ordering::Greater => {
                changes.only_b.extend(b.first().filter(|_| is_listed));
                (b, changes.count) = (&b[1..], changes.count + 1);
            }
            Ordering::Equal => {
                let found = Found::between(a[0].value, b[0].value);
                if found.count > 0 {
                    changes.count += 1;
                    if is_listed {
                        fields += found.listed.len();
                        changes.changed.push((a[0], found));
                    }
                }
                (a, b) = (&a[1..], &b[1..]);
            }
        }
    }
}

/// The output with `--json`.
struct Compared<'a> {
    changes: Changes<'a>,
    generations: [u64; 2],
}

impl Serialize for Compared<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Compared { changes, generations: [a, b] } = self;
        let changed: Vec<_> = changes.changed.iter().map(Changed).collect();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("same_schema", &true)?;
        object.serialize_entry("generation_a", a)?;
        object.serialize_entry("generation_b", b)?;
        object.serialize_entry("only_a", &changes.only_a)?;
        object.serialize_entry("only_b", &changes.only_b)?;
        object.serialize_entry("changed", &changed)?;
        object.serialize_entry("count", &changes.count)?;
        object.end()
    }
}

/// A key whose values differ.
struct Changed<'c, 'a>(&'c (Pair<'a>, Found<'a>));

impl Serialize for Changed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (pair, found) = self.0;
        let mut object = serializer.serialize_map(Some(3))?;
        object.serialize_entry("key", &pair.key)?;
        object.serialize_entry("differences", &found.listed)?;
        object.serialize_entry("count", &found.count)?;
        object.end()
    }
}
