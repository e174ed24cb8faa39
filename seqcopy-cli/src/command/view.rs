//! [`View`]: what was read, with what differs from the read before: as rows of text, and as JSON.

use std::ptr;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value as Json;

use super::to_json::AsJson;

use super::bounded::TEXT;
use super::compared::same;
use super::entry::{Entry, merge};
use super::failure::Failure;
use super::source::{Read, Source};
use super::table::Table;
use super::text::{Label, Row, Text, rows};
use seqcopy_shm::untyped::Value;

pub(super) struct View<'a> {
    source: &'a Source<'a>,
    /// `None` if nothing could be read.
    now: Option<Vec<Entry<'a>>>,
    /// Which of these have changed.
    changed: Vec<bool>,
    /// The entries that are not there any more.
    gone: Vec<Entry<'a>>,
    /// The one value before, where it is not a map that was read.
    before: Option<Value<'a>>,
    /// How many elements of each array, and entries of a map, have rows.
    elements: usize,
}

impl<'a> View<'a> {
    /// `before` is what the read before gave; at the first read it is `now`, so that nothing has changed.
    pub(super) fn of(
        source: &'a Source<'a>,
        now: Option<&'a Read>,
        before: Option<&'a Read>,
        elements: usize,
    ) -> Result<Self, Failure> {
        let (mut changed, mut gone, mut one) = (Vec::new(), Vec::new(), None);
        let entries = now.map(|now| source.entries(now)).transpose()?;
        if let (Some(now), Some(entries)) = (now, &entries) {
            // Many entries are not copied to memory.
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

    /// Which value it is, or which generation with how many entries.
    pub(super) fn heading(&self, number: u64) -> String {
        let count = self.now.as_ref().map_or(0, Vec::len);
        match count {
            _ if !self.source.is_map() => format!("{} {number}", self.source.words.number),
            1 => format!("generation {number}, 1 entry"),
            _ => format!("generation {number}, {count} entries"),
        }
    }

    /// The one value, where it is not a map that was read.
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
            // Those that have changed come first where not all are shown: they are why one watches.
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

    /// The columns of the rows, or why these are too long.
    pub(super) fn table(&self) -> Result<Table, Failure> {
        Table::of(TEXT, self.elements, |each| self.rows(each))
    }
}

/// The output with `--json`: what is known of a region, and what it holds.
#[derive(Serialize)]
pub(super) struct Output<'a> {
    #[serde(flatten)]
    pub(super) head: Json,
    #[serde(flatten)]
    pub(super) view: View<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<Json>,
}

/// As members of an object: what has changed, where reads are compared, and what is there.
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

/// The paths of the rows that have changed.
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
