//! `seqcopy watch`: a value, read again and again, with what has changed since the last time marked. A map is in `watch_map`.

use std::io::Write;
use std::path::Path;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::failure::Failure;
use super::field::Place;
use super::printable::printable;
use super::region::{Opened, open};
use super::screen::Sheet;
use super::source::Source;
use super::table::Table;
use super::text::rows;
use super::value::Value;
use super::variants::Variants;
use super::watch_map::Entries;
use super::watched::{Options, Watched, Words, repeat};
use super::{effort, to_json};

pub(super) fn watch(path: &Path, options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    match (&options.key, &options.field, open(path)?) {
        (None, None, Opened::Map(_)) => repeat::<Entries>(path, options, out),
        _ => repeat::<One>(path, options, out),
    }
}

/// The value of a region, or of a key; or a field of it.
struct One {
    source: Source,
    variants: Variants,
    field: Option<String>,
}

impl One {
    fn value<'a>(&'a self, bytes: &'a Vec<u8>) -> Value<'a> {
        let place = Place::find(self.source.layout(), self.field.as_deref());
        place.expect("found when it was opened").value(&self.variants, bytes)
    }
}

struct Shown<'a> {
    value: Option<(Value<'a>, Table)>,
    before: Option<Value<'a>>,
    elements: usize,
}

impl Watched for One {
    const WORDS: Words = Words { read: "value", published: "writes", number: "version", rate: "writes_per_second" };
    type Read = Vec<u8>;
    type Shown<'a> = Shown<'a>;

    fn open(path: &Path, options: &Options) -> Result<Self, Failure> {
        let refused = |line| Failure::at(path, line);
        let source = Source::of(path, open(path)?, options.key.as_deref(), 2)?;
        let layout = source.layout();
        let place = Place::find(layout, options.field.as_deref()).map_err(refused)?;
        // Changes are found by a walk over the whole value.
        effort::walk(place.layout, 1).map_err(refused)?;
        Ok(One { variants: Variants::of(layout), source, field: options.field.clone() })
    }

    fn opened(&self) -> &Opened {
        &self.source.opened
    }

    fn title(&self) -> String {
        let name = self.source.layout().name();
        match &self.field {
            Some(field) => format!("{name}, {}", printable(field)),
            None => name.to_owned(),
        }
    }

    fn read(&self) -> Result<(u64, Vec<u8>), String> {
        let read = self.source.read().map_err(|error| error.to_string())?;
        read.map(|(bytes, version)| (version.to_bits(), bytes)).ok_or_else(|| self.source.absent())
    }

    fn shown<'a>(
        &'a self,
        _: &Path,
        now: Option<&'a Vec<u8>>,
        last: Option<Option<&'a Vec<u8>>>,
        elements: usize,
    ) -> Result<Shown<'a>, Failure> {
        let value = now.map(|bytes| self.value(bytes));
        // At the first read nothing has changed.
        let before = last.map_or(value, |bytes| bytes.map(|bytes| self.value(bytes)));
        // As JSON it has the changed rows, which are found by a walk over all.
        let table = value.map(|value| Table::of(value, elements)).transpose()?;
        Ok(Shown { value: value.zip(table), before, elements })
    }

    fn heading(number: u64, _: &Shown<'_>) -> String {
        format!("value {number}")
    }

    fn draw<O: Write>(shown: &Shown<'_>, sheet: &mut Sheet<'_, O>) -> Result<(), Failure> {
        let Some((value, table)) = &shown.value else { return Ok(()) };
        rows(*value, shown.before, shown.elements, &mut |row| {
            let mark = if row.has_changed { '*' } else { ' ' };
            sheet.line(format_args!("{mark} {}", table.line(row)), row.has_changed)
        })
    }

    fn members<M: SerializeMap>(shown: &Shown<'_>, object: &mut M) -> Result<(), M::Error> {
        object.serialize_entry("changed", &Changed(shown))?;
        object.serialize_entry("value", &shown.value.as_ref().map(|value| value.0))
    }
}

/// The paths of the rows that have changed.
struct Changed<'f, 'a>(&'f Shown<'a>);

impl Serialize for Changed<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Shown { value, before, elements } = self.0;
        let mut array = serializer.serialize_seq(None)?;
        if let Some((value, _)) = value {
            rows(*value, *before, *elements, &mut |row| {
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
    use crate::command::tests::samples::{Sample, image, offset};

    fn changed(before: Option<&[u8]>, now: &[u8]) -> Vec<String> {
        let variants = Variants::of(Sample::LAYOUT);
        let value = |bytes| Value::new(&variants, Sample::LAYOUT, bytes);
        let mut paths = Vec::new();
        let before = value(before.unwrap_or(now));
        let result: Result<(), ()> = rows(value(now), Some(before), 2, &mut |row| {
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
