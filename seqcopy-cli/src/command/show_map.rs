//! `seqcopy show` of a map, or of one of its entries.

use std::io::Write;
use std::path::Path;

use seqcopy_shm::FileMap;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

use super::entries::{Kinds, Lines, Pair, name, read};
use super::failure::Failure;
use super::field::Place;
use super::head::{Head, alone, drawing, header};
use super::printable::printable;
use super::table::Table;
use super::text::{Before, rows};
use super::variants::Variants;
use super::{effort, key, region_json, to_json};

/// What is said to `--key` for a region with one value.
pub(super) const NO_KEYS: &str = "this region holds one value, not a map: leave `--key` out";
/// What is said to a field without `--key` for a map.
pub(super) const NO_FIELDS: &str =
    "this region holds a map: name an entry by `--key KEY`, and then a field of its value";

/// Prints header, slot and entries, at most so many of them, and of the elements of each array.
pub(super) fn show(
    path: &Path,
    map: &FileMap,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let refused = |line| Failure::at(path, line);
    let slot = map.schema().layout();
    if !as_json {
        header(path, &Head::of_map(path, map)?, out)?;
        match drawing(slot) {
            Some(drawing) => writeln!(out, "\n{drawing}")?,
            None => writeln!(out, "\na slot has too many parts to draw (try `seqcopy layout --json`)\n")?,
        }
    }
    let entries = read(path, map, 1)?;
    let kinds = Kinds::of(map);
    let pairs = kinds.sorted(&entries, 1).map_err(refused)?;
    let generation = entries.generation().to_bits();
    if as_json {
        let header = header_json(path, map)?;
        return to_json::write(out, &Shown { header, generation, pairs, map }, true);
    }
    let count = pairs.len();
    writeln!(out, "generation {generation}, {}", counted(count))?;
    let shown = &pairs[..count.min(elements)];
    let lines = Lines::of(shown.iter().copied(), elements)?;
    shown.iter().try_for_each(|pair| writeln!(out, "  {}", lines.line(*pair)))?;
    if shown.len() < count {
        writeln!(out, "  ... {} more", count - shown.len())?;
    }
    Ok(())
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(entries: usize) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") }
}

/// The header of a map, after the path.
fn header_json(path: &Path, map: &FileMap) -> Result<Map<String, Json>, Failure> {
    let state = map.writer_state().map_err(|error| Failure::at(path, error))?;
    let mut object = region_json::header(path, map.header(), map.schema(), state);
    object.insert("slots".to_owned(), json!(map.header().slots()));
    // As text: not every program reads 64 bits from a JSON number.
    object.insert("seed".to_owned(), json!(format!("{:#018x}", map.seed())));
    Ok(object)
}

/// The value of one key, or a field of it, alone; on one line if it fits one.
pub(super) fn entry(
    path: &Path,
    map: &FileMap,
    wanted: &str,
    field: Option<&str>,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let refused = |line| Failure::at(path, line);
    effort::payload(map.schema().layout(), 2).map_err(refused)?;
    effort::walk(map.key(), 1).map_err(refused)?;
    let key = key::parse(map.key(), wanted).map_err(refused)?;
    let place = Place::find(map.value(), field).map_err(refused)?;
    let Some((_, bytes)) = map.find(&key).map_err(|error| Failure::at(path, error))? else {
        return Err(Failure::at(path, absent(map, wanted)));
    };
    let variants = Variants::of(map.value());
    let value = place.value(&variants, &bytes);
    if as_json {
        return to_json::write(out, &value, true);
    }
    let table = Table::of(value, elements)?;
    rows(value, Before::Unknown, elements, &mut |row| alone(row, &table, out))
}

/// What is said of a key that has no entry.
pub(super) fn absent(map: &FileMap, wanted: &str) -> String {
    format!("`--key {}` has no entry in {}", printable(wanted), name(map))
}

/// The output of `show --json`.
struct Shown<'a> {
    header: Map<String, Json>,
    generation: u64,
    pairs: Vec<Pair<'a>>,
    map: &'a FileMap,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.header.iter().try_for_each(|(key, value)| object.serialize_entry(key, value))?;
        object.serialize_entry("generation", &self.generation)?;
        object.serialize_entry("entries", &self.pairs)?;
        object.serialize_entry("schema", &to_json::layout(self.map.schema().layout()))?;
        object.end()
    }
}
