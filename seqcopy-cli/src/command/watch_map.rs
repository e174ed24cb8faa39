//! `seqcopy watch` of a map: its entries, read again and again, those that have changed marked, and the keys that are gone.

use std::io::Write;
use std::path::Path;

use serde::ser::SerializeMap;

use super::compared::same;
use super::effort;
use super::entries::{Kinds, Lines, Pair, check, counted, hint, order};
use super::failure::Failure;
use super::region::{ByteMap, Opened, map_name, open};
use super::screen::Sheet;
use super::text::Text;
use super::watched::{Options, Watched, Words};

/// All entries of a map.
pub(super) struct Entries {
    opened: Opened,
    kinds: Kinds,
}

impl Entries {
    fn map(&self) -> &ByteMap {
        match &self.opened {
            Opened::Map(map) => map,
            Opened::Value(_) => unreachable!("looked at when it was opened"),
        }
    }
}

/// The entries, in the order of their keys, and what differs from those before.
pub(super) struct Shown<'a> {
    now: Option<Vec<Pair<'a>>>,
    changed: Vec<bool>,
    gone: Vec<Pair<'a>>,
    elements: usize,
}

impl Watched for Entries {
    const WORDS: Words =
        Words { read: "entries", published: "commits", number: "generation", rate: "commits_per_second" };
    type Read = seqcopy_shm::Entries;
    type Shown<'a> = Shown<'a>;

    fn open(path: &Path, _: &Options) -> Result<Self, Failure> {
        let opened = open(path)?;
        let Opened::Map(map) = &opened else {
            return Err(Failure::at(path, "there is a region with one value now"));
        };
        check(path, map, 2)?;
        Ok(Entries { kinds: Kinds::of(map), opened })
    }

    fn opened(&self) -> &Opened {
        &self.opened
    }

    fn title(&self) -> String {
        map_name(self.map())
    }

    fn read(&self) -> Result<(u64, seqcopy_shm::Entries), String> {
        self.map().entries().map(|entries| (entries.generation().to_bits(), entries)).map_err(hint)
    }

    fn shown<'a>(
        &'a self,
        path: &Path,
        now: Option<&'a seqcopy_shm::Entries>,
        last: Option<Option<&'a seqcopy_shm::Entries>>,
        elements: usize,
    ) -> Result<Shown<'a>, Failure> {
        let refused = |line| Failure::at(path, line);
        let sorted = |entries| self.kinds.sorted(self.map(), entries, 2).map_err(refused);
        let now = now.map(sorted).transpose()?;
        let before = last.flatten().map(sorted).transpose()?;
        let all = now.as_deref().unwrap_or_default();
        effort::walk(self.map().schema().layout(), all.len()).map_err(refused)?;
        let (changed, gone) = changes(all, before.as_deref());
        Ok(Shown { now, changed, gone, elements })
    }

    fn heading(number: u64, shown: &Shown<'_>) -> String {
        format!("generation {number}, {}", counted(shown.changed.len()))
    }

    fn draw<O: Write>(shown: &Shown<'_>, sheet: &mut Sheet<'_, O>) -> Result<(), Failure> {
        let Shown { now, changed, gone, elements } = shown;
        let (now, elements) = (now.as_deref().unwrap_or_default(), *elements);
        let mut rows: Vec<_> = now.iter().zip(changed).collect();
        if rows.len() > elements {
            // Those that have changed come first where not all are shown: they are why one watches.
            rows.sort_by_key(|(_, changed)| !**changed);
        }
        let (shown, more) = rows.split_at(rows.len().min(elements));
        let lines = Lines::of(shown.iter().map(|row| *row.0), elements)?;
        let mark = |changed| if changed { '*' } else { ' ' };
        for (pair, changed) in shown {
            sheet.line(format_args!("{} {}", mark(**changed), lines.line(**pair)), **changed)?;
        }
        if let Some((_, changed)) = more.first() {
            sheet.line(format_args!("{} ... {} more", mark(**changed), more.len()), **changed)?;
        }
        for pair in gone.iter().take(elements) {
            sheet.line(format_args!("- {}", Text::Line(pair.key, elements)), true)?;
        }
        if gone.len() > elements {
            sheet.line(format_args!("- ... {} more", gone.len() - elements), true)?;
        }
        Ok(())
    }

    /// What is there, which keys have changed, and which are gone.
    fn members<M: SerializeMap>(shown: &Shown<'_>, object: &mut M) -> Result<(), M::Error> {
        let now = shown.now.as_deref().unwrap_or_default();
        let changed = now.iter().zip(&shown.changed).filter(|(_, changed)| **changed);
        object.serialize_entry("changed", &changed.map(|(pair, _)| pair.key).collect::<Vec<_>>())?;
        object.serialize_entry("gone", &shown.gone.iter().map(|pair| pair.key).collect::<Vec<_>>())?;
        object.serialize_entry("entries", &shown.now)
    }
}

/// Both in the order of their keys. With nothing before, nothing has changed.
fn changes<'a>(now: &[Pair<'_>], before: Option<&[Pair<'a>]>) -> (Vec<bool>, Vec<Pair<'a>>) {
    let Some(mut before) = before else { return (vec![false; now.len()], Vec::new()) };
    let mut gone = Vec::new();
    let changed = now
        .iter()
        .map(|pair| {
            while let Some((old, rest)) = before.split_first().filter(|(old, _)| order(old.key, pair.key).is_lt()) {
                gone.push(*old);
                before = rest;
            }
            match before.split_first() {
                Some((old, rest)) if order(old.key, pair.key).is_eq() => {
                    before = rest;
                    !same(old.value, pair.value)
                }
                _ => true,
            }
        })
        .collect();
    gone.extend(before);
    (changed, gone)
}
