//! `seqcopy show` of a map: its entries, after header and type.

use std::io::Write;
use std::path::Path;

use super::entries::{Kinds, Lines, counted, read};
use super::failure::Failure;
use super::region::{ByteMap, Opened};
use super::whole::Whole;

/// Prints at most so many entries, and elements of each array.
pub(super) fn show(
    path: &Path,
    opened: &Opened,
    map: &ByteMap,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let entries = read(path, map, 1)?;
    let kinds = Kinds::of(map);
    let pairs = kinds.sorted(map, &entries, 1).map_err(|line| Failure::at(path, line))?;
    let (generation, count) = (entries.generation().to_bits(), pairs.len());
    if as_json {
        return Whole::new(path, opened, ("generation", generation), ("entries", pairs))?.write(out);
    }
    let shown = &pairs[..count.min(elements)];
    let lines = Lines::of(shown.iter().copied(), elements)?;
    writeln!(out, "generation {generation}, {}", counted(count))?;
    shown.iter().try_for_each(|pair| writeln!(out, "  {}", lines.line(*pair)))?;
    if shown.len() < count {
        writeln!(out, "  ... {} more", count - shown.len())?;
    }
    Ok(())
}
