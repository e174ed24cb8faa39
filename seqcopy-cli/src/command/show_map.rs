//! `seqcopy show` of a map, or of one of its entries.

use std::io::Write;
use std::path::Path;

use seqcopy_shm::FileMap;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

use super::entries::{Kinds, Lines, Pair, counted, read};
use super::failure::Failure;
use super::head::{Head, drawing, header};
use super::region::Opened;
use super::{region_json, to_json};

/// Prints header, slot and entries, at most so many of them, and of the elements of each array.
pub(super) fn show(
    path: &Path,
    opened: &Opened,
    map: &FileMap,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let refused = |line| Failure::at(path, line);
    let slot = map.schema().layout();
    if !as_json {
        header(path, &Head::of(path, opened)?, out)?;
        match drawing(slot) {
            Some(drawing) => writeln!(out, "\n{drawing}")?,
            None => writeln!(out, "\na slot has too many parts to draw (try `seqcopy layout --json`)\n")?,
        }
    }
    let entries = read(path, map, 1)?;
    let kinds = Kinds::of(map);
    let pairs = kinds.sorted(map, &entries, 1).map_err(refused)?;
    let generation = entries.generation().to_bits();
    if as_json {
        let mut header = region_json::header(path, opened)?;
        header.insert("slots".to_owned(), json!(map.header().slots()));
        // As text: not every program reads 64 bits from a JSON number.
        header.insert("seed".to_owned(), json!(format!("{:#018x}", map.seed())));
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
