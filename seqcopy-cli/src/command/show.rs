//! `seqcopy show` and `seqcopy layout`.

use std::io::Write;
use std::path::Path;

use seqcopy::Layout;
use seqcopy::ReadError::Empty;
use seqcopy_shm::{FileRegion, ReadValueError};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::failure::Failure;
use super::field::Place;
use super::head::{Head, alone, drawing, header};
use super::region::{Opened, base, open};
use super::source::Source;
use super::table::Table;
use super::text::{Before, rows};
use super::types::type_name;
use super::value::Value;
use super::variants::Variants;
use super::{effort, region_json, show_map, to_json};

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
    match (&opened, part) {
        (Opened::Value(region), Part { key: None, field: None }) => {
            whole(path, &opened, region, as_json, elements, out)
        }
        (Opened::Map(map), Part { key: None, field: None }) => {
            show_map::show(path, &opened, map, as_json, elements, out)
        }
        _ => field(path, &Source::of(path, opened, part.key, 1)?, part.field, as_json, elements, out),
    }
}

fn whole(
    path: &Path,
    opened: &Opened,
    region: &FileRegion,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let layout = opened.schema().layout();
    if !as_json {
        header(path, &Head::of(path, opened)?, out)?;
        match drawing(layout) {
            Some(drawing) => writeln!(out, "\n{drawing}")?,
            None => writeln!(out, "\n{}: too many parts to draw (try `seqcopy layout --json`)\n", type_name(layout))?,
        }
    }
    effort::payload(layout, 1).map_err(|line| Failure::at(path, line))?;
    let read = match region.read_bytes() {
        Ok(bytes) => Some(bytes),
        // Every region begins like this.
        Err(ReadValueError::NotConsistent(Empty)) => None,
        Err(error) => return Err(Failure::at(path, error)),
    };
    let variants = Variants::of(layout);
    let value = read.as_ref().map(|read| (read.version, Value::new(&variants, layout, &read.bytes)));
    if as_json {
        let header = region_json::header(path, opened)?;
        return to_json::write(out, &Whole { header, value, layout }, true);
    }
    let Some((version, value)) = value else {
        writeln!(out, "no value has been written yet")?;
        return Ok(());
    };
    writeln!(out, "value {version}")?;
    let table = Table::of(value, elements)?;
    rows(value, Before::Unknown, elements, &mut |row| Ok(writeln!(out, "  {}", table.line(row))?))
}

/// One value alone, or a field of it; on one line if it fits one.
fn field(
    path: &Path,
    source: &Source,
    field: Option<&str>,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let layout = source.layout();
    let place = Place::find(layout, field).map_err(|line| Failure::at(path, line))?;
    let read = source.read().map_err(|error| Failure::at(path, error))?;
    let bytes = read.ok_or_else(|| Failure::at(path, source.absent()))?.bytes;
    let variants = Variants::of(layout);
    let value = place.value(&variants, &bytes);
    if as_json {
        return to_json::write(out, &value, true);
    }
    let table = Table::of(value, elements)?;
    rows(value, Before::Unknown, elements, &mut |row| alone(row, &table, out))
}

/// The output of `show --json`.
struct Whole<'a> {
    header: Map<String, Json>,
    value: Option<(u64, Value<'a>)>,
    layout: &'a Layout,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        self.header.iter().try_for_each(|(key, value)| object.serialize_entry(key, value))?;
        object.serialize_entry("version", &self.value.as_ref().map_or(0, |value| value.0))?;
        object.serialize_entry("value", &self.value.as_ref().map(|value| value.1))?;
        object.serialize_entry("schema", &to_json::layout(self.layout))?;
        object.end()
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
