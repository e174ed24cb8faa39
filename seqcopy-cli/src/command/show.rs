//! `seqcopy show` and `seqcopy layout`.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use seqcopy::Layout;
use seqcopy::ReadError::Empty;
use seqcopy::layout::Picture;
use seqcopy_shm::{FileRegion, ReadValueError};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::failure::Failure;
use super::field::Place;
use super::printable::printable_path;
use super::region::{base, open};
use super::table::Table;
use super::text::{Before, rows};
use super::types::type_name;
use super::value::Value;
use super::variants::Variants;
use super::{effort, region_json, time, to_json};

pub(super) fn show(path: &Path, as_json: bool, elements: usize, out: &mut impl Write) -> Result<(), Failure> {
    let region = open(path)?;
    let layout = region.schema().layout();
    let refused = |line| Failure::at(path, line);
    if !as_json {
        header(path, &region, out)?;
        match drawing(layout) {
            Some(drawing) => writeln!(out, "\n{drawing}")?,
            None => writeln!(out, "\n{}: too many parts to draw (try `seqcopy layout --json`)\n", type_name(layout))?,
        }
    }
    effort::payload(layout, 1).map_err(refused)?;
    if as_json { effort::json(layout) } else { effort::rows(layout, elements) }.map_err(refused)?;
    let read = match region.read_bytes() {
        Ok(bytes) => Some(bytes),
        // Every region begins like this.
        Err(ReadValueError::NotConsistent(Empty)) => None,
        Err(error) => return Err(Failure::at(path, error)),
    };
    let variants = Variants::of(layout);
    let value = read.as_ref().map(|read| (read.version, Value::new(&variants, layout, &read.bytes)));
    if as_json {
        return to_json::write(out, &Shown { header: region_json::header(path, &region)?, value, layout }, true);
    }
    let Some((version, value)) = value else {
        writeln!(out, "no value has been written yet")?;
        return Ok(());
    };
    writeln!(out, "value {version}")?;
    let table = Table::of(value, elements);
    rows(value, Before::Unknown, elements, &mut |row| Ok(writeln!(out, "  {}", table.line(row))?))
}

/// `show` with a field: its value alone, on one line if it fits one.
pub(super) fn field(
    path: &Path,
    field: &str,
    as_json: bool,
    elements: usize,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let region = open(path)?;
    let layout = region.schema().layout();
    let refused = |line| Failure::at(path, line);
    let place = Place::find(layout, Some(field)).map_err(refused)?;
    effort::payload(layout, 1).map_err(refused)?;
    if as_json { effort::json(place.layout) } else { effort::rows(place.layout, elements) }.map_err(refused)?;
    let bytes = region.read_bytes().map_err(|error| Failure::at(path, error))?.bytes;
    let variants = Variants::of(layout);
    let value = place.value(&variants, &bytes);
    if as_json {
        return to_json::write(out, &value, true);
    }
    let table = Table::of(value, elements);
    rows(value, Before::Unknown, elements, &mut |row| {
        if row.path.is_root() {
            writeln!(out, "{}", row.text)?;
        } else {
            writeln!(out, "{}", table.line(row))?;
        }
        Ok(())
    })
}

/// The output of `show --json`.
struct Shown<'a> {
    header: Map<String, Json>,
    value: Option<(u64, Value<'a>)>,
    layout: &'static Layout,
}

impl Serialize for Shown<'_> {
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
    let region = open(path)?;
    let layout = region.schema().layout();
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
    to_json::write(out, &Laid { fingerprint: region.schema().fingerprint(), layout }, true)
}

/// The output of `layout --json`.
struct Laid {
    fingerprint: u64,
    layout: &'static Layout,
}

impl Serialize for Laid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let layout = self.layout;
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("fingerprint", &format!("{:#018x}", self.fingerprint))?;
        object.serialize_entry("base", &base(layout))?;
        object.serialize_entry("accesses", &layout.accesses(base(layout)).count())?;
        object.serialize_entry("holes", &Holes(layout))?;
        object.serialize_entry("layout", &to_json::layout(layout))?;
        object.end()
    }
}

/// The padding: what lies between the accesses, which are in ascending order.
struct Holes(&'static Layout);

impl Serialize for Holes {
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

/// The drawing of a type, unless it would take more than some seconds: each of its lines walks over the accesses, which is nothing
/// for types that people write, but takes hours for a schema that is made to be slow.
pub(super) fn drawing(layout: &'static Layout) -> Option<Picture> {
    effort::drawing(layout).then(|| layout.display(base(layout)))
}

fn header(path: &Path, region: &FileRegion, out: &mut impl Write) -> Result<(), Failure> {
    let (header, schema) = (region.header(), region.schema());
    let buffers = match header.buffers() {
        1 => "1".to_owned(),
        buffers => format!("{buffers} (a latch)"),
    };
    let ago = match SystemTime::now().duration_since(header.created()) {
        Ok(age) => format!("{} ago", time::span(age)),
        Err(_) => "in the future".to_owned(),
    };
    let writer = region.writer_state().map_err(|error| Failure::at(path, error))?;
    let version = region.version().map_err(|error| Failure::at(path, error))?;
    writeln!(out, "region     {}, {} bytes, format {}", printable_path(path), header.size(), header.format())?;
    writeln!(out, "type       {}, fingerprint {:#018x}", type_name(schema.layout()), schema.fingerprint())?;
    writeln!(out, "buffers    {buffers}")?;
    writeln!(out, "writer     {writer}")?;
    writeln!(out, "published  {version}")?;
    writeln!(out, "created    {}, {ago}", time::utc(header.created()))?;
    Ok(())
}
