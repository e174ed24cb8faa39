//! `seqcopy watch`: reads the value again and again, and marks what has changed since the last time.
//!
//! It sleeps between two reads, and does not wait to be woken (`Reader::wait`): that takes a mapping, by which the file's writer
//! could kill this program; only writers that call `wake` would wake it; and the rate and the age of the value are shown also if there
//! is no newer one.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Value as Json, json};

use super::failure::Failure;
use super::field::Place;
use super::printable::{printable, printable_path};
use super::region::{Opened, open};
use super::screen::Screen;
use super::source::Source;
use super::table::Table;
use super::text::{Before, rows};
use super::value::Value;
use super::variants::Variants;
use super::{effort, region_json, time, to_json, watch_map};

pub(super) struct Options {
    /// What is shown; the whole value if `None`.
    pub(super) field: Option<String>,
    /// Of a map, which entry; the whole map if `None`.
    pub(super) key: Option<String>,
    pub(super) json: bool,
    pub(super) interval: Duration,
    /// How many reads; no limit if `None`.
    pub(super) count: Option<u64>,
    pub(super) elements: usize,
}

/// The region that is watched.
struct Watched {
    source: Source,
    variants: Variants,
    /// What is shown.
    field: Option<String>,
}

impl Watched {
    fn open(path: &Path, options: &Options) -> Result<Watched, Failure> {
        let refused = |line| Failure::at(path, line);
        let source = Source::of(path, open(path)?, options.key.as_deref(), 2)?;
        let layout = source.layout();
        let place = Place::find(layout, options.field.as_deref()).map_err(refused)?;
        // Changes are found by a walk over the whole value.
        effort::walk(place.layout, 1).map_err(refused)?;
        Ok(Watched { variants: Variants::of(layout), source, field: options.field.clone() })
    }

    fn value<'a>(&'a self, bytes: &'a [u8]) -> Value<'a> {
        let place = Place::find(self.source.layout(), self.field.as_deref());
        place.expect("found when it was opened").value(&self.variants, bytes)
    }

    /// The writer's state, as text and as JSON.
    fn writer(&self) -> (String, Json) {
        match self.source.opened.writer_state() {
            Ok(state) => (state.to_string(), region_json::writer(state)),
            // The file was truncated.
            Err(_) => ("unknown".to_owned(), json!({ "state": "unknown" })),
        }
    }
}

/// What one read found.
struct Look {
    at: Instant,
    /// How many values were published, if that can be read.
    published: Option<u64>,
    /// The version and the bytes of the last value that could be read.
    value: Option<(u64, Rc<Vec<u8>>)>,
    /// Why there is no newer value.
    trouble: Option<String>,
    /// Whether the region was removed, and why there is no other in its place.
    removed: Option<String>,
    /// When this version was first seen.
    since: Instant,
    writes_per_second: Option<f64>,
}

pub(super) fn watch(path: &Path, options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    if let (None, None, Opened::Map(map)) = (&options.key, &options.field, open(path)?) {
        let Options { json, interval, count, elements, .. } = *options;
        return watch_map::watch(path, map, watch_map::Pace { json, interval, count, elements }, out);
    }
    let mut watched = Watched::open(path, options)?;
    let mut screen = Screen::new();
    let mut last: Option<Look> = None;
    let mut looks = 0;
    loop {
        let mut removed = None;
        // If it was created again under the same name, new readers see another region than the one that is open here.
        if watched.source.opened.is_removed() {
            match Watched::open(path, options) {
                Ok(new) => (watched, last) = (new, None),
                Err(Failure::Message(line)) => removed = Some(line),
                Err(failure) => return Err(failure),
            }
        }
        let look = look(&watched, last.as_ref(), removed);
        if options.json {
            to_json::write(out, &Frame { watched: &watched, look: &look, last: last.as_ref(), options }, false)?;
            out.flush()?;
        } else {
            frame(path, &watched, &look, last.as_ref(), options, &mut screen, out)?;
        }
        last = Some(look);
        looks += 1;
        if options.count.is_some_and(|count| looks >= count) {
            return Ok(());
        }
        thread::sleep(options.interval);
    }
}

fn look(watched: &Watched, last: Option<&Look>, removed: Option<String>) -> Look {
    let (read, at) = (watched.source.read(), Instant::now());
    let published = watched.source.opened.published().ok();
    let read = read.map_err(|error| error.to_string()).and_then(|read| read.ok_or_else(|| watched.source.absent()));
    let (value, trouble) = match read {
        Ok(bytes) => (Some((bytes.version, Rc::new(bytes.bytes))), None),
        // The last value stays on the screen, with the reason above it.
        Err(error) => (last.and_then(|last| last.value.clone()), Some(error)),
    };
    let mut since = at;
    let mut writes_per_second = None;
    let number = |look: &Look| look.value.as_ref().map(|value| value.0);
    if let Some(last) = last {
        if number(last) == value.as_ref().map(|value| value.0) {
            since = last.since;
        }
        #[allow(clippy::cast_precision_loss)] // three digits are shown
        let writes = published.zip(last.published).map(|(now, before)| now.wrapping_sub(before) as f64);
        let seconds = at.duration_since(last.at).as_secs_f64();
        writes_per_second = writes.filter(|_| seconds > 0.0).map(|writes| writes / seconds);
    }
    Look { at, published, value, trouble, removed, since, writes_per_second }
}

/// The value of the last read.
fn before<'a>(watched: &'a Watched, last: Option<&'a Look>) -> Before<'a> {
    match last {
        None => Before::Unknown,
        Some(Look { value: Some((_, bytes)), .. }) => Before::Was(watched.value(bytes)),
        Some(_) => Before::Nothing,
    }
}

#[allow(clippy::too_many_arguments)] // all of one frame
fn frame(
    path: &Path,
    watched: &Watched,
    look: &Look,
    last: Option<&Look>,
    options: &Options,
    screen: &mut Screen,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let layout = watched.source.layout();
    let buffers = match watched.source.opened.header().buffers() {
        1 => "1 buffer".to_owned(),
        buffers => format!("a latch of {buffers}"),
    };
    let (path, writer) = (printable_path(path), watched.writer().0);
    let rate = look.writes_per_second.map_or("-".to_owned(), time::rate);
    let age = time::span(look.at.duration_since(look.since));
    let mut sheet = screen.begin(out)?;
    let name = match &options.field {
        Some(field) => format!("{}, {}", layout.name(), printable(field)),
        None => layout.name().to_owned(),
    };
    sheet.line(format_args!("{path}: {name}, {buffers}, writer {writer}"), false)?;
    let published = look.published.map_or("an unknown number".to_owned(), |published| published.to_string());
    match &look.value {
        Some((number, _)) => {
            sheet.line(format_args!("value {number}, {rate} writes/s, unchanged for {age}"), false)?;
        }
        None => sheet.line(format_args!("no value read, {published} published, {rate} writes/s"), false)?,
    }
    if let Some(why) = &look.removed {
        sheet.line(format_args!("! the region was removed: {why}"), true)?;
    }
    match (&look.trouble, &look.value) {
        (Some(trouble), Some(_)) => sheet.line(format_args!("! no newer value could be read: {trouble}"), true)?,
        (Some(trouble), None) => sheet.line(format_args!("! {trouble}"), true)?,
        (None, _) => sheet.line("", false)?,
    }
    if let Some((_, bytes)) = &look.value {
        let value = watched.value(bytes);
        let table = Table::of(value, options.elements)?;
        rows(value, before(watched, last), options.elements, &mut |row| {
            let mark = if row.has_changed { '*' } else { ' ' };
            sheet.line(format_args!("{mark} {}", table.line(row)), row.has_changed)
        })?;
    }
    sheet.end()
}

/// One read as JSON.
struct Frame<'a> {
    watched: &'a Watched,
    look: &'a Look,
    last: Option<&'a Look>,
    options: &'a Options,
}

impl Serialize for Frame<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Frame { watched, look, .. } = *self;
        let value = look.value.as_ref();
        let mut object = serializer.serialize_map(None)?;
        // 0 before the first value, and unknown if there is one that can't be read.
        let number = value.map(|value| value.0).or(look.published.filter(|published| *published == 0));
        object.serialize_entry("version", &number)?;
        object.serialize_entry("published", &look.published)?;
        object.serialize_entry("writes_per_second", &look.writes_per_second)?;
        object.serialize_entry("unchanged_seconds", &look.at.duration_since(look.since).as_secs_f64())?;
        object.serialize_entry("writer", &watched.writer().1)?;
        object.serialize_entry("removed", &look.removed)?;
        object.serialize_entry("trouble", &look.trouble)?;
        object.serialize_entry("changed", &Changed(self))?;
        object.serialize_entry("value", &value.map(|value| watched.value(&value.1)))?;
        object.end()
    }
}

/// The paths of the rows that have changed.
struct Changed<'a>(&'a Frame<'a>);

impl Serialize for Changed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Frame { watched, look, last, options } = *self.0;
        let mut array = serializer.serialize_seq(None)?;
        if let Some((_, bytes)) = &look.value {
            rows(watched.value(bytes), before(watched, last), options.elements, &mut |row| {
                if row.has_changed { array.serialize_element(&to_json::Text(row.path)) } else { Ok(()) }
            })?;
        }
        array.end()
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::{Sample, image, offset};

    fn changed(before: Option<&[u8]>, now: &[u8]) -> Vec<String> {
        let variants = Variants::of(Sample::LAYOUT);
        let value = |bytes| Value::new(&variants, Sample::LAYOUT, bytes);
        let mut paths = Vec::new();
        let before = before.map_or(Before::Unknown, |before| Before::Was(value(before)));
        let result: Result<(), ()> = rows(value(now), before, 2, &mut |row| {
            paths.extend(row.has_changed.then(|| row.path.to_string()));
            Ok(())
        });
        assert_eq!(result, Ok(()));
        paths
    }

    #[test]
    fn changes_are_found_also_where_they_are_not_shown() {
        let mut bytes = image();
        bytes[offset("level")] ^= 1;
        // The last of 40 elements, of which two are shown.
        bytes[offset("history") + 79] ^= 1;
        // The first of three: the row of those that are not shown stays as it is.
        bytes[offset("legs")] ^= 1;
        assert_eq!(changed(Some(&image()), &bytes), ["level", "history", "legs[0]"]);
        assert!(changed(None, &bytes).is_empty());
        // Among those that are not shown: the third of three legs.
        let mut bytes = image();
        bytes[offset("legs") + 2 * leg()] ^= 1;
        assert_eq!(changed(Some(&image()), &bytes), ["legs[2..]"]);
    }

    fn leg() -> usize {
        let legs = Sample::LAYOUT.fields().iter().find(|field| field.name() == "legs").expect("a field");
        legs.layout().size() / 3
    }
}
