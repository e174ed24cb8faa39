//! `seqcopy show` and `seqcopy layout`.

use std::io::Write;
use std::path::Path;

use seqcopy::Layout;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::failure::Failure;
use super::field::Place;
use super::head::{Head, alone, drawing, header};
use super::region::{Opened, base, open};
use super::source::Source;
use super::table::Table;
use super::text::rows;
use super::types::type_name;
use super::variants::Variants;
use super::whole::Whole;
use super::{effort, show_map, to_json};

/// What part of a region is shown: of a map an entry; of a value, or of an entry's value, a field.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) field: Option<&'a str>,
}

pub(super) fn show(
    path: &Path,
    part: Part<'_>,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let opened = open(path)?;
    if let Part { key: None, field: None } = part {
        if !as_json {
            header(path, &Head::of(path, &opened)?, out)?;
            match drawing(opened.schema().layout()) {
                Some(drawing) => writeln!(out, "\n{drawing}")?,
                None => writeln!(out, "\nthe type has too many parts to draw (try `seqcopy layout --json`)\n")?,
            }
        }
        if let Opened::Map(map) = &opened {
            return show_map::show(path, &opened, map, as_json, elements, out);
        }
    }
    value(path, &Source::of(path, opened, part.key, 1)?, part, as_json, elements, out)
}

/// The value of a region with what is known of it; or a value of a map or a field alone, on one line if it fits one.
fn value(
    path: &Path,
    source: &Source,
    part: Part<'_>,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let is_alone = part.key.is_some() || part.field.is_some();
    let layout = source.layout();
    let place = Place::find(layout, part.field).map_err(|line| Failure::at(path, line))?;
    let read = source.read().map_err(|error| Failure::at(path, error))?;
    if is_alone && read.is_none() {
        return Err(Failure::at(path, source.absent()));
    }
    let variants = Variants::of(layout);
    let value = read.as_ref().map(|(bytes, version)| (version.to_bits(), place.value(&variants, bytes)));
    match (value, as_json) {
        (Some((_, value)), true) if is_alone => to_json::write(out, &value, true),
        (value, true) => {
            let number = ("version", value.map_or(0, |value| value.0));
            Whole::new(path, &source.opened, number, ("value", value.map(|value| value.1)))?.write(out)
        }
        (None, false) => Ok(writeln!(out, "no value has been written yet")?),
        (Some((version, value)), false) => {
            let table = Table::of(value, elements)?;
            if !is_alone {
                writeln!(out, "value {version}")?;
            }
            rows(value, None, elements, &mut |row| {
                if is_alone { alone(row, &table, out) } else { Ok(writeln!(out, "  {}", table.line(row))?) }
            })
        }
    }
}

pub(super) fn layout(path: &Path, as_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    // Of a map, that of a slot.
    let opened = open(path)?;
    let schema = opened.schema();
    let layout = schema.layout();
    if !as_json {
        let Some(drawing) = drawing(layout) else {
            let line = format!("`{}` has too many parts to draw: try `--json`", type_name(layout));
            return Err(Failure::at(path, line));
        };
        write!(out, "{drawing}")?;
        return Ok(());
    }
    if !effort::accesses(layout) {
        let line = format!(
            "`{}` has too many parts to count its accesses: see its definition in the program that writes it",
            type_name(layout)
        );
        return Err(Failure::at(path, line));
    }
    to_json::write(out, &Laid { fingerprint: schema.fingerprint(), layout }, true)
}

/// The output of `layout --json`.
struct Laid<'a> {
    fingerprint: u64,
    layout: &'a Layout,
}

impl Serialize for Laid<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let layout = self.layout;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("fingerprint", &format!("{:#018x}", self.fingerprint))?;
        object.serialize_entry("base", &base(layout))?;
        object.serialize_entry("accesses", &layout.access_count(base(layout)))?;
        object.serialize_entry("holes", &Holes(layout))?;
        object.serialize_entry("layout", &to_json::layout(layout))?;
        object.end()
    }
}

/// The padding: what lies between the accesses, which are in ascending order.
struct Holes<'a>(&'a Layout);

impl Serialize for Holes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeSeq;
        let layout = self.0;
        let mut array = serializer.serialize_seq(None)?;
        let mut reached = 0;
        let mut result = Ok(());
        let mut hole = |from: usize, to: usize| {
            if from < to && result.is_ok() {
                result = array.serialize_element(&[from, to]);
            }
        };
        layout.each_access(base(layout), |access| {
            hole(reached, access.offset);
            reached = access.offset + access.width;
        });
        hole(reached, layout.size());
        result?;
        array.end()
    }
}
