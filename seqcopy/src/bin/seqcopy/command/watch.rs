//! `seqcopy watch`: the value, again and again, with what has changed since the last look marked.
//!
//! On a terminal each look is drawn over the last one. No mode of the terminal is changed for that and the cursor stays
//! visible behind the last line, so there is nothing to restore, however the program ends.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use seqcopy::shm::Region;
use serde_json::{Value as Json, json};

use super::text::{Table, fit, rows};
use super::value::{Value, decode};
use super::{Failure, open, plain, time, to_json, writer_json};

pub(super) struct Options {
    pub(super) json: bool,
    pub(super) interval: Duration,
    /// How many looks, if not for ever.
    pub(super) count: Option<u64>,
    pub(super) elements: usize,
}

/// What a look found.
struct Look {
    at: Instant,
    version: u64,
    value: Option<Value>,
    /// Why there is no newer value.
    trouble: Option<String>,
    /// When the version was first seen.
    since: Instant,
    writes_per_second: Option<f64>,
}

pub(super) fn watch(path: &Path, options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let mut region = open(path)?;
    let mut screen = Screen::new();
    let mut last: Option<Look> = None;
    let mut looks = 0;
    loop {
        // Deleted and made again under the same name: what is mapped here is not what others see any more.
        if region.is_removed() {
            if let Ok(new) = open(path) {
                (region, last) = (new, None);
            }
        }
        let look = look(path, &region, last.as_ref())?;
        if options.json {
            writeln!(out, "{}", frame_json(&region, &look, last.as_ref(), options))?;
            out.flush()?;
        } else {
            screen.draw(&frame(path, &region, &look, last.as_ref(), options, &screen), out)?;
        }
        last = Some(look);
        looks += 1;
        if options.count.is_some_and(|count| looks >= count) {
            return Ok(());
        }
        thread::sleep(options.interval);
    }
}

fn look(path: &Path, region: &Region, last: Option<&Look>) -> Result<Look, Failure> {
    let (read, at) = (region.read_bytes(), Instant::now());
    let (version, value, trouble) = match read {
        Ok(bytes) => {
            let value = decode(region.schema().layout(), &bytes.bytes).map_err(|error| error.of(path))?;
            (bytes.version, Some(value), None)
        }
        // The last value stays on the screen; what is the matter is said above it.
        Err(error) => {
            let value = last.and_then(|last| last.value.clone());
            (last.map_or(0, |last| last.version), value, Some(error.to_string()))
        }
    };
    let mut since = at;
    let mut writes_per_second = None;
    if let Some(last) = last {
        if last.version == version {
            since = last.since;
        }
        #[allow(clippy::cast_precision_loss)] // shown with three digits
        let writes = version.wrapping_sub(last.version) as f64;
        let seconds = at.duration_since(last.at).as_secs_f64();
        writes_per_second = (seconds > 0.0).then(|| writes / seconds);
    }
    Ok(Look { at, version, value, trouble, since, writes_per_second })
}

/// A line, and whether it is to stand out.
type Line = (String, bool);

fn frame(
    path: &Path,
    region: &Region,
    look: &Look,
    last: Option<&Look>,
    options: &Options,
    screen: &Screen,
) -> Vec<Line> {
    let layout = region.schema().layout();
    let copies = match region.header().cells() {
        1 => "one copy".to_owned(),
        cells => format!("a latch of {cells}"),
    };
    let path = plain(&path.display().to_string());
    let rate = look.writes_per_second.map_or("-".to_owned(), digits);
    let age = time::span(look.at.duration_since(look.since));
    let mut frame = vec![
        (format!("{path}: {}, {copies}, writer {}", layout.name(), region.writer_state()), false),
        (format!("value {}, {rate} writes/s, unchanged for {age}", look.version), false),
    ];
    match (&look.trouble, &look.value) {
        (Some(trouble), Some(_)) => frame.push((format!("! this is the last value read: {trouble}"), true)),
        (Some(trouble), None) => frame.push((format!("! {trouble}"), true)),
        (None, _) => frame.push((String::new(), false)),
    }
    if let Some(value) = &look.value {
        let now = rows(layout, value, options.elements);
        let before = last.and_then(|last| last.value.as_ref()).map(|value| rows(layout, value, options.elements));
        let changed = changes(&now, before.as_deref());
        for (line, changed) in Table(&now).lines().zip(changed) {
            frame.push((format!("{} {line}", if changed { '*' } else { ' ' }), changed));
        }
    }
    screen.cut(&mut frame);
    frame
}

/// Which rows are not what they were.
fn changes<'r>(now: &'r [super::text::Row<'_>], before: Option<&'r [super::text::Row<'_>]>) -> Vec<bool> {
    let known = before.map(|rows| {
        let pairs = rows.iter().map(|row| (row.path.as_str(), row.values));
        pairs.collect::<std::collections::HashMap<_, _>>()
    });
    let changed = |row: &super::text::Row<'_>| {
        // At the first look nothing is known to have changed.
        known.as_ref().is_some_and(|known| known.get(row.path.as_str()) != Some(&row.values))
    };
    now.iter().map(changed).collect()
}

fn frame_json(region: &Region, look: &Look, last: Option<&Look>, options: &Options) -> Json {
    let layout = region.schema().layout();
    let paths = look.value.as_ref().map_or_else(Vec::new, |value| {
        let now = rows(layout, value, options.elements);
        let before = last.and_then(|last| last.value.as_ref()).map(|value| rows(layout, value, options.elements));
        let changed = changes(&now, before.as_deref());
        now.into_iter().zip(changed).filter(|(_, changed)| *changed).map(|(row, _)| row.path).collect()
    });
    json!({
        "version": look.version,
        "writes_per_second": look.writes_per_second,
        "unchanged_seconds": look.at.duration_since(look.since).as_secs_f64(),
        "writer": writer_json(region.writer_state()),
        "trouble": look.trouble,
        "changed": paths,
        "value": look.value.as_ref().map_or(Json::Null, to_json::value),
    })
}

/// Three digits are enough to see what is going on.
fn digits(rate: f64) -> String {
    match rate {
        _ if rate < 10.0 => format!("{rate:.1}"),
        _ if rate < 10_000.0 => format!("{rate:.0}"),
        _ if rate < 10_000_000.0 => format!("{:.0} thousand", rate / 1e3),
        _ => format!("{:.1} million", rate / 1e6),
    }
}

/// Where frames are drawn.
struct Screen {
    is_terminal: bool,
    columns: usize,
    lines: usize,
    /// How many lines the last frame has.
    drawn: usize,
}

impl Screen {
    fn new() -> Self {
        let mut screen = Screen { is_terminal: io::stdout().is_terminal(), columns: 100, lines: usize::MAX, drawn: 0 };
        screen.measure();
        screen
    }

    /// A terminal may change its size at any time.
    fn measure(&mut self) {
        if self.is_terminal {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
            // Of a terminal that doesn't tell.
            let (columns, lines) = size.map_or((80, 24), |size| (size.ws_col.into(), size.ws_row.into()));
            (self.columns, self.lines) = if columns == 0 || lines == 0 { (80, 24) } else { (columns, lines) };
        }
    }

    /// Leaves out what does not fit: a line that wraps, or scrolls, can't be drawn over.
    fn cut(&self, frame: &mut Vec<Line>) {
        let most = self.lines.saturating_sub(1).max(3);
        if frame.len() > most {
            let more = frame.len() - most + 1;
            frame.truncate(most - 1);
            frame.push((format!("  ... {more} more lines than this terminal has"), false));
        }
        for (line, _) in frame {
            *line = fit(line, self.columns);
        }
    }

    fn draw(&mut self, frame: &[Line], out: &mut impl Write) -> Result<(), Failure> {
        let mut text = Vec::new();
        if self.is_terminal {
            if self.drawn > 0 {
                write!(text, "\x1b[{}A\r", self.drawn)?;
            }
            for (line, stands_out) in frame {
                let (begin, end) = if *stands_out { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
                writeln!(text, "{begin}{line}{end}\x1b[K")?;
            }
            // What is left of a longer frame.
            write!(text, "\x1b[J")?;
        } else {
            if self.drawn > 0 {
                writeln!(text)?;
            }
            for (line, _) in frame {
                writeln!(text, "{}", line.trim_end())?;
            }
        }
        self.drawn = frame.len();
        // At once, so that no half of a frame is seen.
        out.write_all(&text)?;
        out.flush()?;
        self.measure();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use seqcopy::SeqCopy;

    use super::*;
    use crate::command::samples::{Sample, image, offset};

    #[test]
    fn changes_are_found_also_where_they_are_not_shown() {
        let before = decode(Sample::LAYOUT, &image()).unwrap();
        let mut bytes = image();
        bytes[offset("level")] ^= 1;
        // The last of 40 elements, of which two are shown.
        bytes[offset("history") + 79] ^= 1;
        // The first of three: the row of those that are not shown stays as it is.
        bytes[offset("legs")] ^= 1;
        let after = decode(Sample::LAYOUT, &bytes).unwrap();
        let (before, after) = (rows(Sample::LAYOUT, &before, 2), rows(Sample::LAYOUT, &after, 2));
        let changed = changes(&after, Some(&before));
        let paths: Vec<_> = after.iter().zip(changed).filter(|row| row.1).map(|row| row.0.path.as_str()).collect();
        assert_eq!(paths, ["level", "history", "legs[0]"]);
        assert!(!changes(&after, None).contains(&true));
    }

    #[test]
    fn frames_fit_the_terminal() {
        let screen = Screen { is_terminal: true, columns: 10, lines: 5, drawn: 0 };
        let mut frame: Vec<Line> = (0..9).map(|i| (format!("line {i} is long"), false)).collect();
        screen.cut(&mut frame);
        assert_eq!(frame.len(), 4);
        assert_eq!(frame[0].0, "line 0 ...");
        assert!(frame.iter().all(|line| line.0.len() <= 10));
    }

    #[test]
    fn a_frame_is_drawn_over_the_last() {
        let mut screen = Screen { is_terminal: true, columns: 80, lines: 24, drawn: 0 };
        let mut out = Vec::new();
        screen.draw(&[("a".to_owned(), false), ("b".to_owned(), true)], &mut out).unwrap();
        assert_eq!(out, b"a\x1b[K\n\x1b[1mb\x1b[0m\x1b[K\n\x1b[J");
        out.clear();
        screen.draw(&[("c".to_owned(), false)], &mut out).unwrap();
        assert_eq!(out, b"\x1b[2A\rc\x1b[K\n\x1b[J");
    }

    #[test]
    fn rates_are_short() {
        assert_eq!(digits(0.0), "0.0");
        assert_eq!(digits(250.4), "250");
        assert_eq!(digits(123_456.0), "123 thousand");
        assert_eq!(digits(12_345_678.0), "12.3 million");
    }
}
