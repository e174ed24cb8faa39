//! `seqcopy watch` of a map: its entries, read again and again, those that have changed marked, and the keys that are gone.

use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Instant;

use seqcopy_shm::{Entries, FileMap};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::entries::{Kinds, Lines, Pair, hint, order};
use super::failure::Failure;
use super::printable::printable_path;
use super::region::{Opened, map_name, open};
use super::screen::Screen;
use super::show_map::counted;
use super::text::Text;
use super::{effort, region_json, time, to_json};

/// How often, and what of it.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) json: bool,
    pub(super) interval: std::time::Duration,
    /// How many reads; no limit if `None`.
    pub(super) count: Option<u64>,
    pub(super) elements: usize,
}

/// What one read found.
struct Look {
    at: Instant,
    /// Of the newest generation, if it can be read.
    published: Option<u64>,
    /// The entries that were read last.
    entries: Option<Entries>,
    /// Why there are no newer ones.
    trouble: Option<String>,
    removed: Option<String>,
    /// When this generation was first seen.
    since: Instant,
    commits_per_second: Option<f64>,
}

/// What differs from the entries before.
struct Changes<'a> {
    changed: Vec<bool>,
    gone: Vec<Pair<'a>>,
}

/// Watches a map until interrupted.
pub(super) fn watch(path: &Path, mut map: FileMap, pace: Pace, out: &mut impl Write) -> Result<(), Failure> {
    effort_of(path, &map)?;
    let mut screen = Screen::new();
    let mut last: Option<Look> = None;
    let mut looks = 0;
    loop {
        let mut removed = None;
        if map.is_removed() {
            match open(path) {
                Ok(Opened::Map(new)) => {
                    effort_of(path, &new)?;
                    (map, last) = (new, None);
                }
                Ok(Opened::Value(_)) => removed = Some("there is a region with one value now".to_owned()),
                Err(Failure::Message(line)) => removed = Some(line),
                Err(failure) => return Err(failure),
            }
        }
        let kinds = Kinds::of(&map);
        let look = look(&map, last.as_ref(), removed);
        let sorted = |entries| kinds.sorted(entries, 2).map_err(|line| Failure::at(path, line));
        let now = look.entries.as_ref().map(sorted).transpose()?.unwrap_or_default();
        let before = last.as_ref().and_then(|last| last.entries.as_ref()).map(sorted).transpose()?;
        let slot = map.schema().layout();
        effort::walk(slot, now.len()).map_err(|line| Failure::at(path, line))?;
        let changes = changes(&now, before.as_deref());
        if pace.json {
            to_json::write(out, &Frame { map: &map, look: &look, now: &now, changes: &changes }, false)?;
            out.flush()?;
        } else {
            frame(path, &map, &look, &now, &changes, pace.elements, &mut screen, out)?;
        }
        drop((now, changes, before));
        last = Some(look);
        looks += 1;
        if pace.count.is_some_and(|count| looks >= count) {
            return Ok(());
        }
        thread::sleep(pace.interval);
    }
}

fn effort_of(path: &Path, map: &FileMap) -> Result<(), Failure> {
    let table = map.header().slots().saturating_mul(map.header().payload_size() as u64);
    effort::table(&map_name(map), table, 2).map_err(|line| Failure::at(path, line))
}

fn look(map: &FileMap, last: Option<&Look>, removed: Option<String>) -> Look {
    let (read, at) = (map.entries(), Instant::now());
    let published = map.generation().ok().map(seqcopy::Version::to_bits);
    let (entries, trouble) = match read {
        Ok(entries) => (Some(entries), None),
        // The last entries stay on the screen, with the reason above them.
        Err(error) => (last.and_then(|last| last.entries.clone()), Some(hint(error))),
    };
    let number = |entries: &Option<Entries>| entries.as_ref().map(Entries::generation);
    let is_same = last.is_some_and(|last| number(&last.entries) == number(&entries));
    let since = last.filter(|_| is_same).map_or(at, |last| last.since);
    let commits_per_second = last.and_then(|last| {
        #[allow(clippy::cast_precision_loss)] // three digits are shown
        let commits = published?.wrapping_sub(last.published?) as f64;
        let seconds = at.duration_since(last.at).as_secs_f64();
        (seconds > 0.0).then(|| commits / seconds)
    });
    Look { at, published, entries, trouble, removed, since, commits_per_second }
}

/// Both in the order of their keys. With nothing before, nothing has changed.
fn changes<'a>(now: &[Pair<'_>], before: Option<&[Pair<'a>]>) -> Changes<'a> {
    let Some(mut before) = before else { return Changes { changed: vec![false; now.len()], gone: Vec::new() } };
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
                    !old.value.same(pair.value)
                }
                _ => true,
            }
        })
        .collect();
    gone.extend(before);
    Changes { changed, gone }
}

#[allow(clippy::too_many_arguments)] // all of one frame
fn frame(
    path: &Path,
    map: &FileMap,
    look: &Look,
    now: &[Pair<'_>],
    changes: &Changes<'_>,
    elements: usize,
    screen: &mut Screen,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let writer = map.writer_state().map_or("unknown".to_owned(), |state| state.to_string());
    let mut sheet = screen.begin(out)?;
    let (path, buffers) = (printable_path(path), map.header().buffers());
    sheet.line(format_args!("{path}: {}, a latch of {buffers}, writer {writer}", map_name(map)), false)?;
    let rate = look.commits_per_second.map_or("-".to_owned(), time::rate);
    match &look.entries {
        Some(entries) => {
            let (generation, count) = (entries.generation().to_bits(), counted(now.len()));
            let age = time::span(look.at.duration_since(look.since));
            sheet
                .line(format_args!("generation {generation}, {count}, {rate} commits/s, unchanged for {age}"), false)?;
        }
        None => sheet.line(format_args!("no entries read, {rate} commits/s"), false)?,
    }
    if let Some(why) = &look.removed {
        sheet.line(format_args!("! the map was removed: {why}"), true)?;
    }
    match &look.trouble {
        Some(trouble) => sheet.line(format_args!("! {trouble}"), true)?,
        None => sheet.line("", false)?,
    }
    let mut rows: Vec<_> = now.iter().zip(&changes.changed).collect();
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
    for pair in changes.gone.iter().take(elements) {
        sheet.line(format_args!("- {}", Text::Line(pair.key, elements)), true)?;
    }
    if changes.gone.len() > elements {
        sheet.line(format_args!("- ... {} more", changes.gone.len() - elements), true)?;
    }
    sheet.end()
}

/// One read as JSON: what is there, which keys have changed, and which are gone.
struct Frame<'a> {
    map: &'a FileMap,
    look: &'a Look,
    now: &'a [Pair<'a>],
    changes: &'a Changes<'a>,
}

impl Serialize for Frame<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Frame { map, look, now, changes } = *self;
        let changed = now.iter().zip(&changes.changed).filter(|(_, changed)| **changed);
        let changed: Vec<_> = changed.map(|(pair, _)| pair.key).collect();
        let gone: Vec<_> = changes.gone.iter().map(|pair| pair.key).collect();
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("generation", &look.entries.as_ref().map(|entries| entries.generation().to_bits()))?;
        object.serialize_entry("published", &look.published)?;
        object.serialize_entry("commits_per_second", &look.commits_per_second)?;
        object.serialize_entry("unchanged_seconds", &look.at.duration_since(look.since).as_secs_f64())?;
        let writer = map.writer_state().map_or(json!({ "state": "unknown" }), region_json::writer);
        object.serialize_entry("writer", &writer)?;
        object.serialize_entry("removed", &look.removed)?;
        object.serialize_entry("trouble", &look.trouble)?;
        object.serialize_entry("changed", &changed)?;
        object.serialize_entry("gone", &gone)?;
        object.serialize_entry("entries", &look.entries.as_ref().map(|_| now))?;
        object.end()
    }
}
