//! `seqcopy watch`: a value, or the entries of a map, read again and again, with what has changed since the last time marked; and the
//! screen that shows it.
//!
//! On a terminal each frame is drawn over the last one. That changes no mode of the terminal, and the cursor stays visible after
//! the last line, so there is nothing to restore however the program ends.
//!
//! There is a sleep between two reads: rate and age are shown also if there is nothing newer. With `--changes`, which shows what is newer only, it
//! ends when the writer wakes its readers.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::{io, thread};

use super::arguments::Watch;
use super::columns::{fit, now, printable_path};
use super::region::{Failure, open};
use super::show::{Output, View};
use super::source::{Read, Source};
use super::{columns, follow, show, to_json};

use seqcopy::Version;
use serde_json::{Value as Json, json};

pub(super) struct Screen {
    is_terminal: bool,
    columns: usize,
    lines: usize,
    /// How many lines the last frame has.
    drawn: usize,
}

impl Screen {
    pub(super) fn new() -> Self {
        Screen { is_terminal: io::stdout().is_terminal(), columns: 100, lines: usize::MAX, drawn: 0 }
    }

    /// A terminal may change its size at any time.
    pub(super) fn measure(&mut self) {
        if self.is_terminal {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
            // The usual size, for a terminal that does not report its own.
            let (columns, lines) = size.map_or((80, 24), |size| (size.ws_col.into(), size.ws_row.into()));
            (self.columns, self.lines) = if columns == 0 || lines == 0 { (80, 24) } else { (columns, lines) };
        }
    }

    /// Begins a frame, over the last one.
    pub(super) fn begin<'s, W: Write>(&'s mut self, out: &'s mut W) -> Result<Sheet<'s, W>, Failure> {
        let mut text = Vec::new();
        if self.drawn > 0 && self.is_terminal {
            write!(text, "\x1b[{}A\r", self.drawn)?;
        } else if self.drawn > 0 {
            writeln!(out)?;
        }
        Ok(Sheet { screen: self, out, text, lines: 0, last: 0, more: 0 })
    }
}

/// A frame that is being drawn, line by line.
pub(super) struct Sheet<'s, W> {
    screen: &'s mut Screen,
    out: &'s mut W,
    /// What a terminal gets, all at once, so that no half of a frame is seen.
    text: Vec<u8>,
    /// How many lines it has so far.
    lines: usize,
    /// Where the last of them begins: it is replaced if more follow than fit.
    last: usize,
    /// How many don't fit.
    more: usize,
}

impl<W: Write> Sheet<'_, W> {
    /// A line, and whether it is to be emphasised. What does not fit is left out: a line that wraps, or scrolls, can't be drawn over.
    pub(super) fn line(&mut self, line: impl Display, is_emphasised: bool) -> Result<(), Failure> {
        if self.lines == self.screen.lines.saturating_sub(1).max(3) {
            self.more += 1;
            return Ok(());
        }
        self.lines += 1;
        self.last = self.text.len();
        let line = fit(line, self.screen.columns);
        if self.screen.is_terminal {
            let (begin, end) = if is_emphasised { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
            writeln!(self.text, "{begin}{line}{end}\x1b[K")?;
        } else {
            writeln!(self.out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<(), Failure> {
        if self.more > 0 {
            let more = self.more + 1;
            self.text.truncate(self.last);
            self.lines -= 1;
            self.line(
                format_args!("  ... {more} more lines: enlarge the terminal, or show fewer `--elements`"),
                false,
            )?;
        }
        if self.screen.is_terminal {
            // What is left of a longer frame.
            write!(self.text, "\x1b[J")?;
        }
        self.screen.drawn = self.lines;
        self.out.write_all(&self.text)?;
        self.out.flush()?;
        Ok(())
    }
}

/// What one read found.
struct Look {
    at: Instant,
    /// How many values, or generations, were published, if that can be read.
    published: Option<u64>,
    /// The last that could be read.
    read: Option<Rc<Read>>,
    /// Why there is nothing newer.
    trouble: Option<String>,
    /// Whether the region was removed, and why there is no other in its place.
    removed: Option<String>,
    /// When this number was first seen.
    since: Instant,
    /// How many versions were not read since the one before.
    missed: Option<u64>,
    /// Whether nothing was read before: then the value may be of any age.
    is_first: bool,
    per_second: Option<f64>,
}

impl Look {
    fn number(&self) -> Option<u64> {
        self.read.as_ref().map(|read| read.number())
    }

    /// Whether it says something that another did not.
    fn is_newer(&self, shown: &Look) -> bool {
        let said = |look: &Look| (look.number(), look.trouble.clone(), look.removed.clone());
        said(self) != said(shown)
    }

    /// How long this number has been seen.
    fn age(&self) -> Option<Duration> {
        (!self.is_first).then(|| self.at.duration_since(self.since))
    }

    fn at(source: &Source<'_>, last: Option<&Look>, removed: Option<String>) -> Look {
        let (read, at) = (source.read(), Instant::now());
        let published = source.opened.published().ok();
        let read = read.and_then(|read| read.ok_or_else(|| source.absent()));
        let (read, trouble) = match read {
            Ok(read) => (Some(Rc::new(read)), None),
            // The last one stays on the screen, with the reason above it.
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

    /// What is known in addition to what was read, as JSON.
    fn head(&self, source: &Source<'_>) -> Json {
        let (words, writer) = (source.words, source.opened.region().writer_state());
        json!({
            "time": now(),
            // 0 before the first value, and unknown if there is one that can't be read.
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
        // A number is not known if the file was truncated.
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
        // If it was created again under the same name, new readers see another region than the one that is open here.
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
                    // The sheet has the changed rows, which are found by a walk over all.
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
            // What is closed is newer at once, and stays so.
            Some(bell) if !bell.is_closed() => drop(bell.wait(known, time)),
            _ => thread::sleep(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::columns::columns;

    fn draw(screen: &mut Screen, lines: &[(&str, bool)]) -> String {
        let mut out = Vec::new();
        let mut sheet = screen.begin(&mut out).unwrap();
        for (line, is_emphasised) in lines {
            sheet.line(line, *is_emphasised).unwrap();
        }
        sheet.end().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn frames_fit_the_terminal() {
        let mut screen = Screen { is_terminal: true, columns: 10, lines: 5, drawn: 0 };
        let text = draw(&mut screen, &[("line 0 is long", false); 9]);
        assert_eq!(text.matches('\n').count(), 4);
        assert!(text.starts_with("line 0 ...\x1b[K\n") && text.ends_with("\n  ... 6...\x1b[K\n\x1b[J"), "{text:?}");
        // Rows as far as they fit.
        let text = draw(&mut screen, &[("a", false); 4]);
        assert_eq!(text.matches('a').count(), 4);
        // By columns: these characters are two wide.
        let text = draw(&mut screen, &[("漢字漢字漢字漢字漢字", false)]);
        let line = text.split("\x1b[K").next().unwrap().rsplit('\r').next().unwrap();
        assert!(columns(line) <= 10 && line.starts_with("漢字漢"), "{line}");
    }

    #[test]
    fn a_frame_is_drawn_over_the_last() {
        let mut screen = Screen { is_terminal: true, columns: 80, lines: 24, drawn: 0 };
        assert_eq!(draw(&mut screen, &[("a", false), ("b", true)]), "a\x1b[K\n\x1b[1mb\x1b[0m\x1b[K\n\x1b[J");
        assert_eq!(draw(&mut screen, &[("c", false)]), "\x1b[2A\rc\x1b[K\n\x1b[J");
    }
}
