//! `seqcopy watch`: a value, or the entries of a map, read again and again, with what has changed since the last time
//! marked.
//!
//! There is a sleep between two reads: rate and age are shown also if there is nothing newer. With `--changes`, which
//! shows what is newer only, it ends when the writer wakes its readers.

use std::io::Write;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use super::arguments::Watch;
use super::columns::{now, printable_path};
use super::output::Screen;
use super::region::{Failure, open};
use super::show::{Output, View};
use super::source::{Read, Source};
use super::{columns, follow, show, to_json};

use seqcopy::Version;
use serde_json::{Value as Json, json};

/// The result of a read.
struct Look {
    at: Instant,
    /// The number of published values or generations, if it could be read.
    published: Option<u64>,
    /// The last value that could be read.
    read: Option<Rc<Read>>,
    /// Why there is no newer value.
    trouble: Option<String>,
    /// Whether the region was removed, and why no other region took its place.
    removed: Option<String>,
    /// When this number was first seen.
    since: Instant,
    /// How many versions were not read since the last one.
    missed: Option<u64>,
    /// Whether this is the first read. The age of its value is unknown.
    is_first: bool,
    per_second: Option<f64>,
}

impl Look {
    fn number(&self) -> Option<u64> {
        self.read.as_ref().map(|read| read.number())
    }

    /// Whether it contains more than was shown.
    fn is_newer(&self, shown: &Look) -> bool {
        let said = |look: &Look| (look.number(), look.trouble.clone(), look.removed.clone());
        said(self) != said(shown)
    }

    /// How long ago this number was first seen.
    fn age(&self) -> Option<Duration> {
        (!self.is_first).then(|| self.at.duration_since(self.since))
    }

    fn at(source: &Source<'_>, last: Option<&Look>, removed: Option<String>) -> Look {
        let (read, at) = (source.read(), Instant::now());
        let published = source.opened.published().ok();
        let read = read.and_then(|read| read.ok_or_else(|| source.absent()));
        let (read, trouble) = match read {
            Ok(read) => (Some(Rc::new(read)), None),
            // The last value stays on the screen, with the reason above it.
            Err(error) => (last.and_then(|last| last.read.clone()), Some(error)),
        };
        let is_same = |last: &&Look| last.number() == read.as_ref().map(|read| read.number());
        let since = last.filter(is_same).map_or(at, |last| last.since);
        let number = |read: &Option<Rc<Read>>| read.as_ref().map(|read| read.number());
        let missed = last.and_then(|last| number(&read)?.checked_sub(last.number()?).map(|new| new.saturating_sub(1)));
        let per_second = last.and_then(|last| {
            #[allow(clippy::cast_precision_loss)] // three digits are shown
            let number = published?.wrapping_sub(last.published?) as f64;
            let seconds = at.duration_since(last.at).as_secs_f64();
            (seconds > 0.0).then(|| number / seconds)
        });
        Look { at, published, read, trouble, removed, since, missed, is_first: last.is_none(), per_second }
    }

    /// The facts about the read, as JSON.
    fn head(&self, source: &Source<'_>) -> Json {
        let (words, writer) = (source.words, source.opened.region().writer_state());
        json!({
            "time": now(),
            // 0 before the first value, and unknown if there is a value that can't be read.
            (words.number_json): self.number().or(self.published.filter(|published| *published == 0)),
            "published": self.published,
            "missed": self.missed,
            (format!("{}_per_second", words.published)): self.per_second,
            "unchanged_seconds": self.age().map(|age| age.as_secs_f64()),
            "writer": writer.map_or(json!({ "state": "unknown" }), show::writer),
            "removed": self.removed,
            "trouble": self.trouble,
        })
    }

    fn draw(
        &self,
        source: &Source<'_>,
        view: &View<'_>,
        screen: &mut Screen,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let table = view.table()?;
        let (words, opened) = (source.words, &source.opened);
        let buffers = match opened.region().header().buffers() {
            1 => "1 buffer".to_owned(),
            buffers => format!("a latch of {buffers}"),
        };
        // The number is not known if the file was truncated.
        let writer = opened.region().writer_state().map_or("unknown".to_owned(), |state| state.to_string());
        screen.measure();
        let mut sheet = screen.begin(out)?;
        let (path, title) = (printable_path(&source.part.path), source.title());
        sheet.line(format_args!("{path}: {title}, {buffers}, writer {writer}"), false)?;
        let mut heading = if let Some(number) = self.number() {
            view.heading(number)
        } else {
            let count = self.published.map_or("an unknown number".to_owned(), |count| count.to_string());
            format!("no {} read, {count} published", words.read)
        };
        // Neither is known at the first read.
        if let Some(rate) = self.per_second {
            heading.extend([", ", &columns::rate(rate), " ", words.published, "/s"]);
        }
        if let (Some(_), Some(age)) = (self.number(), self.age()) {
            heading.extend([", unchanged for ", &columns::span(age)]);
        }
        sheet.line(&heading, false)?;
        if let Some(why) = &self.removed {
            sheet.line(format_args!("! the region was removed: {why}"), true)?;
        }
        match (&self.trouble, &self.read) {
            (Some(trouble), Some(_)) => {
                sheet.line(format_args!("! no newer {} could be read: {trouble}", words.read), true)?;
            }
            (Some(trouble), None) => sheet.line(format_args!("! {trouble}"), true)?,
            (None, _) => sheet.line("", false)?,
        }
        view.rows(&mut |row| sheet.line(format_args!("{} {}", row.mark, table.line(row)), row.mark != ' '))?;
        sheet.end()
    }
}

/// Watches until interrupted, until the given number of reads, or until the time is over.
pub(super) fn watch(options: &Watch, out: &mut impl Write) -> Result<(), Failure> {
    let mut source = Source::of(&options.part, open(&options.part.path)?, 2)?;
    let mut screen = Screen::new();
    let mut last: Option<Look> = None;
    let mut looks = 0;
    let began = Instant::now();
    let mut woken = if options.changes { follow::bell(&options.part.path) } else { None };
    loop {
        let mut removed = None;
        // If the region was created again under the same name, new readers see another region than the one that is open
        // here.
        if source.opened.region().is_removed() {
            match open(&options.part.path).and_then(|opened| Source::of(&options.part, opened, 2)) {
                Ok(new) => {
                    (source, last) = (new, None);
                    woken = woken.and_then(|_| follow::bell(&options.part.path));
                }
                Err(Failure::Message(line)) => removed = Some(line),
                Err(failure) => return Err(failure),
            }
        }
        let look = Look::at(&source, last.as_ref(), removed);
        if !options.changes || last.as_ref().is_none_or(|shown| look.is_newer(shown)) {
            let before = last.as_ref().unwrap_or(&look).read.as_deref();
            let view = View::of(&source, look.read.as_deref(), before, options.elements)?;
            if options.json {
                if !source.is_map() {
                    // The sheet contains the changed rows, which a walk over all rows finds.
                    view.table()?;
                }
                to_json::write(out, &Output { head: look.head(&source), view, schema: None }, false)?;
                out.flush()?;
            } else {
                look.draw(&source, &view, &mut screen, out)?;
            }
            last = Some(look);
            looks += 1;
        }
        let left = options.seconds.map(|most| most.saturating_sub(began.elapsed()));
        if options.count.is_some_and(|count| looks >= count) || left.is_some_and(|left| left.is_zero()) {
            return Ok(());
        }
        let time = Duration::from_millis(options.interval).min(left.unwrap_or(Duration::MAX));
        let known = last.as_ref().and_then(|look| look.published).map_or(Version::NEVER, Version::from_bits);
        match &woken {
            // A closed region counts as newer, and stays so.
            Some(bell) if !bell.is_closed() => drop(bell.wait(known, time)),
            _ => thread::sleep(time),
        }
    }
}
