//! Two commands. `seqcopy show` prints the newest value of a region, or the entries of a map, as text or JSON. `seqcopy
//! layout` prints its type and the facts in its header.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::ptr;
use std::time::SystemTime;

use super::arguments::Show;
use super::columns::printable_path;
use super::field::same;
use super::key::{Entry, merge};
use super::limits::TEXT;
use super::output::Table;
use super::region::{Failure, Opened, base, open, type_name};
use super::source::{Read, Source};
use super::text::{Label, Row, Text, rows};
use super::to_json::{AsJson, Digits};
use super::{columns, limits, to_json};

use seqcopy::Layout;
use seqcopy::layout::Path as Place;
use seqcopy_shm::untyped::Value;
use seqcopy_shm::{Schema, WriterState};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::{Value as Json, json};

/// The header as text.
pub(super) fn region_text(path: &Path, opened: &Opened, out: &mut impl Write) -> Result<(), Failure> {
    let header = opened.region().header();
    let writer = opened.region().writer_state().map_err(|error| Failure::at(path, error))?;
    let published = opened.published().map_err(|error| Failure::at(path, error))?;
    let buffers = match header.buffers() {
        1 => "1".to_owned(),
        buffers => format!("{buffers} (a latch)"),
    };
    let ago = match SystemTime::now().duration_since(header.created()) {
        Ok(age) => format!("{} ago", columns::span(age)),
        Err(_) => "in the future".to_owned(),
    };
    writeln!(out, "region     {}, {} bytes, format {}", printable_path(path), header.size(), header.format())?;
    let schema = opened.region().schema();
    let capacity =
        Schema::slice_of(schema.layout()).map_or(String::new(), |(_, _, capacity)| format!(", capacity {capacity}"));
    writeln!(out, "type       {}{capacity}, fingerprint {:#018x}", opened.name(), schema.fingerprint())?;
    writeln!(out, "buffers    {buffers}")?;
    if header.slots() > 0 {
        writeln!(out, "slots      {}, for up to {} entries", header.slots(), header.slots() / 8 * 7)?;
    }
    writeln!(out, "writer     {writer}")?;
    writeln!(out, "published  {published}")?;
    writeln!(out, "created    {}, {ago}", columns::utc(header.created()))?;
    Ok(())
}

/// The drawing of a type, unless it would take more than some seconds: each of its lines walks over the accesses, which
/// is nothing for types that people write, but takes hours for a schema that is made to be slow.
pub(super) fn drawing(layout: &Layout) -> Option<impl Display + Copy> {
    limits::drawing(layout).then(|| layout.display(base(layout)))
}

/// A path as text. If it is not UTF-8, its bytes are added in hexadecimal digits.
pub(super) fn path(path: &Path) -> Json {
    match path.to_str() {
        Some(text) => json!({ "path": text }),
        None => json!({
            "path": printable_path(path),
            "path_bytes": Digits(path.as_os_str().as_encoded_bytes()).to_string(),
        }),
    }
}

/// Whether there is a writer, and its process if that is known.
pub(super) fn writer(state: WriterState) -> Json {
    match state {
        WriterState::Alive { pid, .. } => json!({ "state": "alive", "pid": pid }),
        WriterState::Orphaned { pid, .. } => json!({ "state": "orphaned", "pid": pid }),
        WriterState::Held => json!({ "state": "held" }),
        WriterState::Gone => json!({ "state": "gone" }),
        WriterState::Never => json!({ "state": "never" }),
        // A state that a later version may add.
        other => json!({ "state": other.to_string() }),
    }
}

/// The header as JSON, after the path.
pub(super) fn region_json(path: &Path, opened: &Opened) -> Result<Json, Failure> {
    let state = opened.region().writer_state().map_err(|error| Failure::at(path, error))?;
    let header = opened.region().header();
    let mut object = self::path(path);
    object["format"] = json!(header.format());
    object["size"] = json!(header.size());
    object["payload_size"] = json!(header.payload_size());
    object["payload_align"] = json!(header.payload_align());
    object["buffers"] = json!(header.buffers());
    // Text, because some programs can't read 64 bits from a JSON number.
    object["fingerprint"] = json!(format!("{:#018x}", opened.region().schema().fingerprint()));
    object["pointer_width"] = json!(size_of::<usize>());
    object["endianness"] = json!(if cfg!(target_endian = "little") { "little" } else { "big" });
    object["buffer_offset"] = json!(header.buffer_offset());
    object["buffer_stride"] = json!(header.buffer_stride());
    object["word_offset"] = json!(header.word_offset());
    object["state_offset"] = json!(header.state_offset());
    object["schema_offset"] = json!(header.schema_offset());
    object["schema_len"] = json!(header.schema_len());
    object["created"] = json!(columns::utc(header.created()));
    object["writer"] = writer(state);
    if let Some((_, _, capacity)) = Schema::slice_of(opened.region().schema().layout()) {
        object["capacity"] = json!(capacity);
    }
    if let Opened::Map(map) = opened {
        object["slots"] = json!(header.slots());
        object["seed"] = json!(format!("{:#018x}", map.region().header().seed()));
    }
    Ok(object)
}

pub(super) struct View<'a> {
    source: &'a Source<'a>,
    /// `None` if nothing could be read.
    now: Option<Vec<Entry<'a>>>,
    /// Which of these entries have changed.
    changed: Vec<bool>,
    /// The entries that no longer exist.
    gone: Vec<Entry<'a>>,
    /// The previous value, unless a map was read.
    before: Option<Value<'a>>,
    /// The maximum number of rows for elements of each array, and for entries of a map.
    elements: usize,
}

impl<'a> View<'a> {
    /// `before` is the result of the previous read. For the first read it is the same as `now`, so that nothing has
    /// changed.
    pub(super) fn of(
        source: &'a Source<'a>,
        now: Option<&'a Read>,
        before: Option<&'a Read>,
        elements: usize,
    ) -> Result<Self, Failure> {
        let (mut changed, mut gone, mut one) = (Vec::new(), Vec::new(), None);
        let entries = now.map(|now| source.entries(now)).transpose()?;
        if let (Some(now), Some(entries)) = (now, &entries) {
            // Many entries are not copied.
            let other =
                before.filter(|before| !ptr::eq(*before, now)).map(|before| source.entries(before)).transpose()?;
            let before = if before.is_none() { &[] } else { other.as_deref().unwrap_or(entries) };
            one = before.first().map(|before| before.value);
            for (old, new) in merge(before, entries) {
                match new {
                    Some(new) => changed.push(old.is_none_or(|old| !same(old.value, new.value))),
                    None => gone.extend(old),
                }
            }
        }
        Ok(View { source, now: entries, changed, gone, before: one, elements })
    }

    /// The number of the value, or of the generation with its number of entries.
    pub(super) fn heading(&self, number: u64) -> String {
        let count = self.now.as_ref().map_or(0, Vec::len);
        match count {
            _ if !self.source.is_map() => format!("{} {number}", self.source.words.number),
            1 => format!("generation {number}, 1 entry"),
            _ => format!("generation {number}, {count} entries"),
        }
    }

    /// The value, unless a map was read.
    pub(super) fn value(&self) -> Option<Value<'a>> {
        self.now.iter().flatten().next().map(|entry| entry.value)
    }

    /// Calls `each` with the rows: the fields of a value, or the entries of a map.
    pub(super) fn rows<E>(&self, each: &mut dyn FnMut(&Row<'_, '_>) -> Result<(), E>) -> Result<(), E> {
        let (now, elements) = (self.now.as_deref().unwrap_or_default(), self.elements);
        if let ([entry], false) = (now, self.source.is_map()) {
            return rows(entry.value, self.before, elements, each);
        }
        let mut now: Vec<_> = now.iter().zip(&self.changed).collect();
        if now.len() > elements {
            // If not all rows are shown, the changed ones come first, because they are the reason to watch.
            now.sort_by_key(|(_, changed)| !**changed);
        }
        let mark = |changed: &bool| if *changed { '*' } else { ' ' };
        for (Entry { key, value, .. }, changed) in now.iter().take(elements) {
            let label = key.map_or(Label::None, |key| Label::Key(Text::Line(key, elements)));
            each(&Row { mark: mark(changed), label, text: Text::Line(*value, elements) })?;
        }
        if let Some((_, changed)) = now.get(elements) {
            each(&Row { mark: mark(changed), label: Label::None, text: Text::More(now.len() - elements) })?;
        }
        for key in self.gone.iter().take(elements).filter_map(|gone| gone.key) {
            each(&Row { mark: '-', label: Label::None, text: Text::Line(key, elements) })?;
        }
        match self.gone.len().saturating_sub(elements) {
            0 => Ok(()),
            more => each(&Row { mark: '-', label: Label::None, text: Text::More(more) }),
        }
    }

    /// The table with the rows, or why they are too long.
    pub(super) fn table(&self) -> Result<Table, Failure> {
        Table::of(TEXT, self.elements, |each| self.rows(each))
    }
}

/// The output with `--json`: the facts about a region, and its content.
#[derive(Serialize)]
pub(super) struct Output<'a> {
    #[serde(flatten)]
    pub(super) head: Json,
    #[serde(flatten)]
    pub(super) view: View<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<Json>,
}

/// Members of an object: the changes, if reads are compared, and the content.
impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        if self.source.is_compared() && self.source.is_map() {
            let changed = self.now.iter().flatten().zip(&self.changed).filter(|(_, changed)| **changed);
            object.serialize_entry("changed", &changed.map(|(entry, _)| entry.key.map(AsJson)).collect::<Vec<_>>())?;
            object.serialize_entry("gone", &self.gone.iter().map(|gone| gone.key.map(AsJson)).collect::<Vec<_>>())?;
        } else if self.source.is_compared() {
            object.serialize_entry("changed", &Paths(self))?;
        }
        if self.source.is_map() {
            object.serialize_entry("entries", &self.now)?;
        } else {
            object.serialize_entry("value", &self.value().map(AsJson))?;
        }
        object.end()
    }
}

/// The paths of the changed rows.
struct Paths<'v>(&'v View<'v>);

impl Serialize for Paths<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        self.0.rows(&mut |row| match row.label {
            Label::Field(path, _) if row.mark != ' ' => array.serialize_element(&path.to_string()),
            _ => Ok(()),
        })?;
        array.end()
    }
}

/// Prints the content of a region and the facts about it. For a key or a field, prints only its value, on one line if
/// it fits.
pub(super) fn show(options: &Show, out: &mut impl Write) -> Result<(), Failure> {
    let Show { part, json, elements } = options;
    let (path, opened) = (&part.path, open(&part.path)?);
    let is_alone = part.key.is_some() || part.field.is_some();
    let source = Source::of(part, opened, 1)?;
    let read = match source.read() {
        Ok(read) => read,
        Err(error) => {
            // The facts help to find out why a region can't be read.
            if !is_alone && !json {
                region_text(path, &source.opened, out)?;
            }
            return Err(Failure::at(path, error));
        }
    };
    let view = View::of(&source, read.as_ref(), read.as_ref(), *elements)?;
    let number = read.as_ref().map(Read::number);
    match (number, json) {
        (None, _) if is_alone => Err(Failure::at(path, source.absent())),
        (Some(_), true) if is_alone => to_json::write(out, &view.value().map(to_json::AsJson), true),
        (_, true) => {
            let mut known = region_json(path, &source.opened)?;
            known[source.words.number_json] = json!(number.unwrap_or(0));
            let schema = Some(to_json::layout(source.opened.region().schema().layout()));
            to_json::write(out, &Output { head: known, view, schema }, true)
        }
        (None, false) => {
            writeln!(out, "no value has been written yet\n")?;
            region_text(path, &source.opened, out)
        }
        (Some(number), false) => {
            let table = view.table()?;
            if !is_alone {
                writeln!(out, "{}", view.heading(number))?;
            }
            view.rows::<Failure>(&mut |row| match row.label {
                // A single row has neither a name nor a type.
                Label::Field(Place::Root, _) if is_alone => Ok(writeln!(out, "{}", row.text)?),
                _ => Ok(writeln!(out, "{}{}", if is_alone { "" } else { "  " }, table.line(row))?),
            })?;
            if is_alone {
                return Ok(());
            }
            writeln!(out)?;
            region_text(path, &source.opened, out)
        }
    }
}

pub(super) fn layout(path: &Path, as_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    // For a map, the type of a slot.
    let opened = open(path)?;
    let schema = opened.region().schema();
    let layout = schema.layout();
    let too_many = |what| Failure::at(path, format!("`{}` has too many parts to {what}", type_name(layout)));
    if !as_json {
        let drawing = drawing(layout).ok_or_else(|| too_many("draw: try `--json`"))?;
        write!(out, "{drawing}")?;
        return Ok(());
    }
    if !limits::accesses(layout) {
        return Err(too_many("count its accesses: see its definition in the program that writes it"));
    }
    let laid = Laid {
        fingerprint: format!("{:#018x}", schema.fingerprint()),
        base: base(layout),
        accesses: layout.access_count(base(layout)),
        holes: Holes(layout),
        layout: to_json::layout(layout),
    };
    to_json::write(out, &laid, true)
}

/// The output of `layout --json`.
#[derive(Serialize)]
struct Laid<'a> {
    fingerprint: String,
    base: usize,
    accesses: usize,
    holes: Holes<'a>,
    layout: Json,
}

/// The padding, which is between the accesses. These are in ascending order.
struct Holes<'a>(&'a Layout);

impl Serialize for Holes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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

#[cfg(all(test, unix))] // a path that is not UTF-8
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_path_that_is_not_text_has_its_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let name = Path::new(OsStr::from_bytes(b"/dev/shm/a\xff\xfeb\n"));
        let json = path(name);
        assert_eq!(
            (&json["path"], &json["path_bytes"]),
            (&json!(printable_path(name)), &json!("2f6465762f73686d2f61fffe620a"))
        );
        assert_eq!(path(Path::new("/x")), json!({ "path": "/x" }));
    }
}
