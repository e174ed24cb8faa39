//! [`Watched`]: what is read again and again, and shown after each read.
//!
//! There is a sleep between two reads, and no wait to be woken (`Reader::wait`): that takes a mapping, by which the file's writer
//! could kill this program; only writers that call `wake` would wake it; and rate and age are shown also if there is nothing newer.

use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::failure::Failure;
use super::printable::printable_path;
use super::region::Opened;
use super::screen::{Screen, Sheet};
use super::{region_json, time, to_json};

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

/// How what is watched is spoken of.
pub(super) struct Words {
    /// What a read gives: `value`.
    pub(super) read: &'static str,
    /// What is published: `writes`.
    pub(super) published: &'static str,
    /// What the number of a read is called in JSON.
    pub(super) number: &'static str,
    /// And the rate.
    pub(super) rate: &'static str,
}

/// A value, or the entries of a map.
pub(super) trait Watched: Sized {
    const WORDS: Words;
    /// What one read gives.
    type Read;
    /// What is shown of it, with what differs from the read before.
    type Shown<'a>
    where
        Self: 'a;

    fn open(path: &Path, options: &Options) -> Result<Self, Failure>;
    fn opened(&self) -> &Opened;
    /// What it is, as users call it.
    fn title(&self) -> String;
    /// The newest and its number, or why there is nothing newer.
    fn read(&self) -> Result<(u64, Self::Read), String>;
    /// `last` is `None` at the first read, and `Some(None)` after one that failed.
    fn shown<'a>(
        &'a self,
        path: &Path,
        now: Option<&'a Self::Read>,
        last: Option<Option<&'a Self::Read>>,
        elements: usize,
    ) -> Result<Self::Shown<'a>, Failure>;
    /// The number, and what else is said beside it.
    fn heading(number: u64, shown: &Self::Shown<'_>) -> String;
    /// Draws what a read gave.
    fn draw<O: Write>(shown: &Self::Shown<'_>, sheet: &mut Sheet<'_, O>) -> Result<(), Failure>;
    /// The same as members of a JSON object.
    fn members<M: SerializeMap>(shown: &Self::Shown<'_>, object: &mut M) -> Result<(), M::Error>;
}

/// What one read found.
struct Look<R> {
    at: Instant,
    /// How many values, or generations, were published, if that can be read.
    published: Option<u64>,
    /// The last that could be read, and its number.
    read: Option<(u64, Rc<R>)>,
    /// Why there is nothing newer.
    trouble: Option<String>,
    /// Whether the region was removed, and why there is no other in its place.
    removed: Option<String>,
    /// When this number was first seen.
    since: Instant,
    per_second: Option<f64>,
}

impl<R> Look<R> {
    fn number(&self) -> Option<u64> {
        self.read.as_ref().map(|read| read.0)
    }

    fn content(&self) -> Option<&R> {
        self.read.as_ref().map(|read| &*read.1)
    }
}

/// Watches until interrupted.
pub(super) fn repeat<W: Watched>(path: &Path, options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let mut watched = W::open(path, options)?;
    let mut screen = Screen::new();
    let mut last: Option<Look<W::Read>> = None;
    let mut looks = 0;
    loop {
        let mut removed = None;
        // If it was created again under the same name, new readers see another region than the one that is open here.
        if watched.opened().is_removed() {
            match W::open(path, options) {
                Ok(new) => (watched, last) = (new, None),
                Err(Failure::Message(line)) => removed = Some(line),
                Err(failure) => return Err(failure),
            }
        }
        let look = look(&watched, last.as_ref(), removed);
        let shown = watched.shown(path, look.content(), last.as_ref().map(Look::content), options.elements)?;
        let frame = Frame { watched: &watched, look: &look, shown: &shown };
        if options.json {
            to_json::write(out, &frame, false)?;
            out.flush()?;
        } else {
            frame.draw(path, &mut screen, out)?;
        }
        drop(shown);
        last = Some(look);
        looks += 1;
        if options.count.is_some_and(|count| looks >= count) {
            return Ok(());
        }
        thread::sleep(options.interval);
    }
}

fn look<W: Watched>(watched: &W, last: Option<&Look<W::Read>>, removed: Option<String>) -> Look<W::Read> {
    let (read, at) = (watched.read(), Instant::now());
    let published = watched.opened().published().ok();
    let (read, trouble) = match read {
        Ok((number, read)) => (Some((number, Rc::new(read))), None),
        // The last one stays on the screen, with the reason above it.
        Err(error) => (last.and_then(|last| last.read.clone()), Some(error)),
    };
    let is_same = |last: &&Look<W::Read>| last.number() == read.as_ref().map(|read| read.0);
    let since = last.filter(is_same).map_or(at, |last| last.since);
    let per_second = last.and_then(|last| {
        #[allow(clippy::cast_precision_loss)] // three digits are shown
        let number = published?.wrapping_sub(last.published?) as f64;
        let seconds = at.duration_since(last.at).as_secs_f64();
        (seconds > 0.0).then(|| number / seconds)
    });
    Look { at, published, read, trouble, removed, since, per_second }
}

/// One read, as it is shown.
struct Frame<'f, 'a, W: Watched + 'a> {
    watched: &'f W,
    look: &'f Look<W::Read>,
    shown: &'f W::Shown<'a>,
}

impl<W: Watched> Frame<'_, '_, W> {
    fn draw(&self, path: &Path, screen: &mut Screen, out: &mut impl Write) -> Result<(), Failure> {
        let Frame { watched, look, shown } = self;
        let Words { read, published, .. } = W::WORDS;
        let buffers = match watched.opened().header().buffers() {
            1 => "1 buffer".to_owned(),
            buffers => format!("a latch of {buffers}"),
        };
        // It is not known if the file was truncated.
        let writer = watched.opened().writer_state().map_or("unknown".to_owned(), |state| state.to_string());
        let mut sheet = screen.begin(out)?;
        let (path, title) = (printable_path(path), watched.title());
        sheet.line(format_args!("{path}: {title}, {buffers}, writer {writer}"), false)?;
        let rate = look.per_second.map_or("-".to_owned(), time::rate);
        if let Some(number) = look.number() {
            let (heading, age) = (W::heading(number, shown), time::span(look.at.duration_since(look.since)));
            sheet.line(format_args!("{heading}, {rate} {published}/s, unchanged for {age}"), false)?;
        } else {
            let count = look.published.map_or("an unknown number".to_owned(), |count| count.to_string());
            sheet.line(format_args!("no {read} read, {count} published, {rate} {published}/s"), false)?;
        }
        if let Some(why) = &look.removed {
            sheet.line(format_args!("! the region was removed: {why}"), true)?;
        }
        match (&look.trouble, &look.read) {
            (Some(trouble), Some(_)) => sheet.line(format_args!("! no newer {read} could be read: {trouble}"), true)?,
            (Some(trouble), None) => sheet.line(format_args!("! {trouble}"), true)?,
            (None, _) => sheet.line("", false)?,
        }
        W::draw(shown, &mut sheet)?;
        sheet.end()
    }
}

/// As JSON.
impl<W: Watched> Serialize for Frame<'_, '_, W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Frame { watched, look, shown } = self;
        let mut object = serializer.serialize_map(None)?;
        // 0 before the first value, and unknown if there is one that can't be read.
        let number = look.number().or(look.published.filter(|published| *published == 0));
        object.serialize_entry(W::WORDS.number, &number)?;
        object.serialize_entry("published", &look.published)?;
        object.serialize_entry(W::WORDS.rate, &look.per_second)?;
        object.serialize_entry("unchanged_seconds", &look.at.duration_since(look.since).as_secs_f64())?;
        let writer = watched.opened().writer_state();
        object.serialize_entry("writer", &writer.map_or(json!({ "state": "unknown" }), region_json::writer))?;
        object.serialize_entry("removed", &look.removed)?;
        object.serialize_entry("trouble", &look.trouble)?;
        W::members(shown, &mut object)?;
        object.end()
    }
}
