//! A [`Source`] is the object that a command reads: the value of a region, the value of a key of a map, or all entries
//! of a map.

use seqcopy::ReadError::Empty;
use seqcopy::{Layout, Version};
use seqcopy_shm::{ReadValueError, untyped::Entries};

use super::arguments::Part;
use super::columns::printable;
use super::field::Place;
use super::key::Entry;
use super::region::{Failure, Opened, type_name};
use super::{key, limits};

use seqcopy_shm::untyped::{Value, Variants};

/// The region, and the part of it that is read.
pub(super) struct Source<'p> {
    pub(super) part: &'p Part,
    pub(super) opened: Opened,
    /// The bytes of the key, if there is one.
    key: Option<Vec<u8>>,
    pub(super) words: &'static Words,
    variants: Variants,
    /// How many reads are in memory at the same time.
    reads: usize,
}

/// The result of a read.
pub(super) enum Read {
    /// The value, and its number.
    Value(Vec<u8>, u64),
    Entries(Entries),
}

impl Read {
    /// The number of the value, or of a map's generation. For an entry, the generation that has changed it.
    pub(super) fn number(&self) -> u64 {
        match self {
            Read::Value(_, number) => *number,
            Read::Entries(entries) => entries.generation().to_bits(),
        }
    }
}

/// The words for a kind of source.
pub(super) struct Words {
    /// The name of a read's result, in text and in JSON.
    pub(super) read: &'static str,
    /// The name of a read's number in text.
    pub(super) number: &'static str,
    /// The name of a read's number in JSON.
    pub(super) number_json: &'static str,
    /// The name of the things that are published.
    pub(super) published: &'static str,
    /// The names of the parts in which two reads differ: singular and plural.
    pub(super) part: [&'static str; 2],
}

const VALUE: Words =
    Words { read: "value", number: "value", number_json: "version", published: "writes", part: ["field", "fields"] };
const ENTRY: Words = Words { number: "changed in generation", ..VALUE };
const MAP: Words = Words {
    read: "entries",
    number: "generation",
    number_json: "generation",
    published: "commits",
    part: ["entry", "entries"],
};

impl<'p> Source<'p> {
    /// The source for a key, a field, or both. `reads` reads will be in memory.
    pub(super) fn of(part: &'p Part, opened: Opened, reads: usize) -> Result<Self, Failure> {
        let refused = |line| Failure::at(&part.path, line);
        let (key, words) = match (&opened, &part.key) {
            (Opened::Value(_), None) => Ok((None, &VALUE)),
            (Opened::Value(_), Some(_)) => Err("this region holds one value, not a map: leave `--key` out".to_owned()),
            (Opened::Map(map), Some(text)) => {
                // A search has a slot in memory, in addition to the value that it finds.
                limits::payload(map.region().schema().layout(), reads + 1)
                    .and_then(|()| limits::walk(map.key(), 1))
                    .and_then(|()| key::parse(map.key(), text))
                    .map(|key| (Some(key), &ENTRY))
            }
            (Opened::Map(_), None) if part.field.is_none() => Ok((None, &MAP)),
            (Opened::Map(_), None) => {
                Err("this region holds a map: name an entry by `--key KEY`, and then a field of its value".to_owned())
            }
        }
        .map_err(refused)?;
        let variants = Variants::from_layout(opened.region().schema().layout());
        let source = Source { part, opened, key, words, variants, reads };
        match &source.opened {
            Opened::Map(map) if source.is_map() => {
                let tables = map.region().header().slots().saturating_mul(map.region().header().payload_size() as u64);
                limits::table(&source.opened.name(), tables, reads)
            }
            _ => limits::payload(source.layout(), reads).and_then(|()| source.place().map(drop)),
        }
        .map_err(refused)?;
        Ok(source)
    }

    /// Whether a read returns all entries of a map.
    pub(super) fn is_map(&self) -> bool {
        matches!(self.opened, Opened::Map(_)) && self.key.is_none()
    }

    /// The size of the value.
    #[allow(clippy::cast_precision_loss)] // for rates
    pub(super) fn size(&self) -> f64 {
        self.layout().size() as f64
    }

    /// Whether one read is compared with another.
    pub(super) fn is_compared(&self) -> bool {
        self.reads > 1
    }

    /// The key whose value is read.
    pub(super) fn key(&self) -> Option<Value<'_>> {
        let Opened::Map(map) = &self.opened else { return None };
        Some(self.variants.value(map.key(), self.key.as_deref()?))
    }

    /// The type of the value, or of the map's values.
    pub(super) fn layout(&self) -> &Layout {
        match &self.opened {
            Opened::Value(region) => region.schema().layout(),
            Opened::Map(map) => map.value(),
        }
    }

    fn place(&self) -> Result<Place<'_>, String> {
        Place::find(self.layout(), self.part.field.as_deref())
    }

    /// The source's name for users.
    pub(super) fn title(&self) -> String {
        match &self.part.field {
            _ if self.is_map() => self.opened.name(),
            Some(field) => format!("{}, {}", type_name(self.layout()), printable(field)),
            None => type_name(self.layout()),
        }
    }

    /// `None` if there is no value. The error says why it can't be read, and what to do.
    pub(super) fn read(&self) -> Result<Option<Read>, String> {
        let value = |(bytes, version): (Vec<u8>, Version)| Read::Value(bytes, version.to_bits());
        let read = match (&self.opened, &self.key) {
            (Opened::Map(map), Some(key)) => map.get_versioned(key).map(|found| found.map(value)),
            (Opened::Map(map), None) => map.entries().map(|entries| Some(Read::Entries(entries))),
            (Opened::Value(region), _) => match region.read_bytes() {
                // Every region begins with a header of this size.
                Err(ReadValueError::NoValue(Empty)) => Ok(None),
                read => read.map(|read| Some(value(read))),
            },
        };
        read.map_err(|error| match error {
            ReadValueError::NoValue(_) if self.is_map() => {
                format!("{error}: the map changes too often to be read as a whole; `--key` reads one entry")
            }
            error => error.to_string(),
        })
    }

    /// How many of the last values can be read, at least.
    pub(super) fn kept(&self) -> u64 {
        match &self.opened {
            Opened::Value(region) => u64::from(region.header().buffers()).saturating_sub(1).max(1),
            Opened::Map(_) => 1,
        }
    }

    /// An earlier value, if it can still be read.
    pub(super) fn read_of(&self, number: u64) -> Option<Read> {
        let Opened::Value(region) = &self.opened else { return None };
        let bytes = region.read_bytes_of(Version::from_bits(number)).ok().flatten()?;
        Some(Read::Value(bytes, number))
    }

    /// The type of a field.
    pub(super) fn type_of(&self, path: &str) -> Option<&Layout> {
        Place::find(self.layout(), (!path.is_empty()).then_some(path)).ok().map(|place| place.layout)
    }

    /// A field of a value that was read, if it has that field. The whole value if the path is empty.
    pub(super) fn part<'a>(&'a self, read: &'a Read, path: &str) -> Option<Value<'a>> {
        let Read::Value(bytes, _) = read else { return None };
        let place = Place::find(self.layout(), (!path.is_empty()).then_some(path)).ok()?;
        Some(place.value(&self.variants, bytes))
    }

    /// The message if there is no value.
    pub(super) fn absent(&self) -> String {
        match &self.part.key {
            Some(text) => format!("`--key {}` has no entry in {}", printable(text), self.opened.name()),
            None => ReadValueError::NoValue(Empty).to_string(),
        }
    }

    /// The content sorted by keys: the entries of a map, or a single entry without a key.
    pub(super) fn entries<'a>(&'a self, read: &'a Read) -> Result<Vec<Entry<'a>>, Failure> {
        let refused = |line| Failure::at(&self.part.path, line);
        let (layout, entries) = match (read, &self.opened) {
            (Read::Entries(entries), Opened::Map(map)) => (
                map.region().schema().layout(),
                Entry::sorted([map.key(), map.value()], &self.variants, entries, self.reads).map_err(refused)?,
            ),
            (Read::Value(bytes, number), _) => {
                let place = self.place().map_err(refused)?;
                let value = place.value(&self.variants, bytes);
                (place.layout, vec![Entry { key: None, value, number: *number }])
            }
            (Read::Entries(_), Opened::Value(_)) => unreachable!("read from this source"),
        };
        if self.is_compared() {
            // They are compared part by part.
            limits::walk(layout, entries.len()).map_err(refused)?;
        }
        Ok(entries)
    }

    /// The entries of a map that have changed since a read of it, and those that are gone.
    pub(super) fn changes<'a>(&'a self, before: &'a Read, after: &'a Read) -> Result<[Vec<Entry<'a>>; 2], Failure> {
        let (Read::Entries(before), Read::Entries(after), Opened::Map(map)) = (before, after, &self.opened) else {
            unreachable!("two reads of a map");
        };
        Entry::changes(map, &self.variants, before, after).map_err(|line| Failure::at(&self.part.path, line))
    }
}
