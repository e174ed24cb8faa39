//! `seqcopy record`: each newer value of regions, in a file. A writer never waits for it, nor notices it.
//!
//! A line is written at once and whole, so a recorder that is killed leaves whole lines but for the last. A disk that
//! is full ends the file after its last whole line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::arguments::{Part, Record};
use super::columns::{now, printable_path};
use super::csv::Columns;
use super::follow::{Followed, Step, rest};
use super::region::Failure;
use super::show::{Output, View};
use super::source::Source;
use super::to_json;

use serde_json::{Value as Json, json};

/// The time between two looks, at least and at most. Of a region that keeps its newest value alone it is the least, and
/// a writer that wakes its readers is followed at once; one that keeps more is looked at before half of them are new,
/// or half of what is recorded in a turn.
const LOOKS: [Duration; 2] = [Duration::from_micros(400), Duration::from_millis(4)];

/// The maximum number of values of one region that are recorded before the other regions are looked at.
const TURN: u64 = 64;

/// The longest time that lines are kept before they are written, and the maximum number of bytes.
const KEPT: (Duration, usize) = (Duration::from_millis(10), 1 << 16);

/// The file, and the lines that were not written yet.
struct Lines {
    file: File,
    kept: Vec<u8>,
    since: Instant,
    written: u64,
    most: u64,
    /// The maximum size of a file in this process.
    limit: u64,
}

impl Lines {
    fn create(path: &Path, most: Option<u64>) -> Result<Lines, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::at(path, "it exists: remove it, or name another file"),
            _ => Failure::at(path, format!("cannot create it: {error}")),
        })?;
        let (most, limit) = (most.unwrap_or(u64::MAX), rustix::process::getrlimit(rustix::process::Resource::Fsize));
        let limit = limit.current.unwrap_or(u64::MAX);
        Ok(Lines { file, kept: Vec::new(), since: Instant::now(), written: 0, most, limit })
    }

    /// Adds a line. Returns whether there was space for it.
    fn add(&mut self, line: &[u8]) -> bool {
        if self.written + (self.kept.len() + line.len()) as u64 > self.most {
            return false;
        }
        if self.kept.is_empty() {
            self.since = Instant::now();
        }
        self.kept.extend_from_slice(line);
        true
    }

    fn is_due(&self) -> bool {
        self.kept.len() >= KEPT.1 || !self.kept.is_empty() && self.since.elapsed() >= KEPT.0
    }

    /// Writes the kept lines. If they can't be written completely, removes the incomplete line at the end.
    fn write(&mut self) -> io::Result<()> {
        let (mut done, mut end) = (0, self.kept.len());
        // Writing beyond the limit would end the process with SIGXFSZ, in the middle of a line.
        let left = usize::try_from(self.limit.saturating_sub(self.written)).unwrap_or(usize::MAX);
        if left < end {
            end = whole(&self.kept[..left]);
        }
        while done < end {
            match self.file.write(&self.kept[done..end]) {
                Ok(0) => return self.shorten(done, io::ErrorKind::WriteZero.into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.shorten(done, error),
            }
        }
        if end < self.kept.len() {
            return self.shorten(done, io::ErrorKind::FileTooLarge.into());
        }
        self.written += done as u64;
        self.kept.clear();
        Ok(())
    }

    fn shorten(&mut self, done: usize, error: io::Error) -> io::Result<()> {
        self.file.set_len(self.written + whole(&self.kept[..done]) as u64)?;
        Err(error)
    }
}

/// The maximum number of bytes of a line.
const LINE: u64 = 64 << 20;

/// How the lines are written.
enum Form {
    Json,
    Csv(Columns),
}

/// The columns of all existing types.
fn columns(followed: &[Followed<'_>]) -> Result<Columns, Failure> {
    let mut columns = Columns::default();
    for followed in followed {
        let refused = |why| Failure::at(&followed.part.path, why);
        let source = followed.source.as_ref().ok_or_else(|| {
            refused("there is no region, so its columns are not known: record JSON lines, which need none".to_owned())
        })?;
        if source.is_map() {
            return Err(refused("a map has no columns: record JSON lines".to_owned()));
        }
        columns.add(source.opened.region().schema().layout()).map_err(refused)?;
    }
    Ok(columns)
}

/// The length of the complete lines in a text.
fn whole(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// A region that is recorded.
#[derive(Clone, Copy)]
struct Track {
    recorded: u64,
    missed: u64,
    /// The fingerprint of the type that was recorded last.
    of_type: Option<u64>,
    /// When the last value was recorded.
    taken: Option<Instant>,
    /// The time until the next look.
    pause: Duration,
}

impl Track {
    /// Chooses the time until the next look, from the share of the kept values that were new at this one.
    fn choose_pause(&mut self, new: u64, kept: u64) {
        let most = kept.min(TURN);
        if 2 * new > most {
            self.pause /= 2;
        } else if 4 * new <= most {
            self.pause = self.pause * 5 / 4;
        }
        self.pause = if kept == 1 { LOOKS[0] } else { self.pause.clamp(LOOKS[0], LOOKS[1]) };
    }
}

/// Records until the time is over, the file is full, or the program is interrupted.
pub(super) fn record(options: &Record, out: &mut impl Write) -> Result<(), Failure> {
    let Record { paths, output, every, seconds, max_size } = options;
    let ending = output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !matches!(ending, "jsonl" | "ndjson" | "csv") {
        return Err(Failure::at(output, "its name should end with .jsonl or .csv, which says what is written"));
    }
    let parts: Vec<Part> = paths.iter().map(|path| Part { path: path.clone(), field: None, key: None }).collect();
    let mut followed: Vec<Followed<'_>> = parts.iter().map(Followed::new).collect();
    let form = match ending {
        "csv" => Form::Csv(columns(&followed)?),
        _ => Form::Json,
    };
    let mut lines = Lines::create(output, *max_size)?;
    if let Form::Csv(columns) = &form {
        lines.add(&columns.head());
    }
    let mut tracks: Vec<Track> =
        parts.iter().map(|_| Track { recorded: 0, missed: 0, of_type: None, taken: None, pause: LOOKS[0] }).collect();
    let failed = |error: io::Error| {
        Failure::at(output, format!("cannot write to it, so it ends with its last whole line: {error}"))
    };
    let began = Instant::now();
    let mut is_full = false;
    while !is_full && seconds.is_none_or(|most| began.elapsed() < most) {
        for (followed, track) in followed.iter_mut().zip(&mut tracks) {
            if every.is_some_and(|every| track.taken.is_some_and(|taken| taken.elapsed() < every)) {
                continue;
            }
            // A limit, so that a fast writer does not hold up the others. With a time between values, only one.
            let (mut new, kept) = (0, followed.kept());
            let most = if every.is_some() { 1 } else { kept.min(TURN) };
            while new < most && !is_full {
                let before = *track;
                let Some(line) = line(followed, track, &form, every.is_none())? else { break };
                if !lines.add(&line) {
                    (is_full, *track) = (true, before);
                }
                new += 1;
            }
            track.choose_pause(new, kept);
        }
        if lines.is_due() {
            lines.write().map_err(failed)?;
        }
        let pause = tracks.iter().map(|track| track.pause).min().unwrap_or(LOOKS[0]);
        let left = seconds.map_or(pause, |most| most.saturating_sub(began.elapsed()).min(pause));
        match every {
            // A value that comes earlier is not recorded.
            Some(every) => std::thread::sleep(left.max((*every).min(KEPT.0) / 4)),
            None => rest(followed.iter().filter(|followed| followed.kept() == 1), left),
        }
    }
    lines.write().map_err(failed)?;
    for (part, track) in parts.iter().zip(&tracks) {
        writeln!(out, "{}: {} recorded, {} missed", printable_path(&part.path), track.recorded, track.missed)?;
    }
    if every.is_none() && followed.iter().zip(&tracks).any(|(followed, track)| followed.kept() == 1 && track.missed > 0)
    {
        writeln!(
            out,
            "A region with more buffers keeps earlier values until they are recorded: see `Options::buffers`"
        )?;
    }
    if is_full {
        writeln!(out, "{} has the size that `--max-size` allows", printable_path(output))?;
    }
    Ok(())
}

/// The next line of a region, if there is one, with the earliest value that was not recorded, or with the newest.
fn line(
    followed: &mut Followed<'_>,
    track: &mut Track,
    form: &Form,
    is_each: bool,
) -> Result<Option<Vec<u8>>, Failure> {
    let what = match followed.look() {
        Step::Nothing => return Ok(None),
        Step::Told(what) => what,
        Step::Newer(newest) => {
            let source = followed.source.as_ref().expect("it was looked at");
            let earliest = if is_each { followed.earliest(newest) } else { None };
            match earliest.map_or_else(|| source.read(), |read| Ok(Some(read))) {
                Ok(Some(read)) => {
                    let (mut head, number) = (head(followed.part, now()), read.number());
                    let mut text = schema_line(followed.part, source, track, form)?;
                    let missed = followed.missed(number);
                    match form {
                        Form::Csv(columns) => columns.line(&head, missed, (source, &read), &mut text)?,
                        Form::Json => {
                            head[source.words.number_json] = json!(number);
                            head["missed"] = json!(missed);
                            let view = View::of(source, Some(&read), None, usize::MAX)?;
                            to_json::write_up_to(LINE, &mut text, &Output { head, view, schema: None }, false)?;
                        }
                    }
                    track.missed += followed.took(number);
                    track.recorded += 1;
                    track.taken = Some(Instant::now());
                    return Ok(Some(text));
                }
                Ok(None) => return Ok(None),
                // The next look reports that a region was closed.
                Err(_) if source.opened.region().is_closed().is_ok_and(|is_closed| is_closed) => {
                    followed.failed();
                    return Ok(None);
                }
                Err(why) => {
                    followed.failed();
                    match followed.tell(why) {
                        Step::Told(what) => what,
                        _ => return Ok(None),
                    }
                }
            }
        }
    };
    let mut head = head(followed.part, now());
    let mut text = Vec::new();
    let missed = followed.lost();
    track.missed += missed.unwrap_or(0);
    match form {
        Form::Csv(columns) => columns.event(&head, missed, &what, &mut text),
        Form::Json => {
            head["event"] = json!(what);
            head["missed"] = json!(missed);
            to_json::write(&mut text, &head, false)?;
        }
    }
    Ok(Some(text))
}

/// The line before the first value of a type, empty before others and in CSV. It has the schema in hexadecimal, which a
/// program needs to write such values again.
fn schema_line(part: &Part, source: &Source<'_>, track: &mut Track, form: &Form) -> Result<Vec<u8>, Failure> {
    let (schema, mut text) = (source.opened.region().schema(), Vec::new());
    if matches!(form, Form::Csv(_)) || track.of_type.replace(schema.fingerprint()) == Some(schema.fingerprint()) {
        return Ok(text);
    }
    let mut line = head(part, now());
    line["event"] = json!("schema");
    line["schema"] = json!(to_json::Digits(schema.as_bytes()).to_string());
    to_json::write(&mut text, &line, false)?;
    Ok(text)
}

fn head(part: &Part, time: f64) -> Json {
    json!({ "time": time, "path": printable_path(&part.path) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn what_is_nearly_overwritten_or_never_caught_up_with_is_looked_at_more_often() {
        let middle = Duration::from_millis(1);
        for (new, kept, wanted) in [
            (0, 7, Greater),
            (1, 7, Greater),
            (2, 7, Equal),
            (3, 7, Equal),
            (4, 7, Less),
            (16, 65535, Greater),
            (17, 65535, Equal),
            (32, 65535, Equal),
            (33, 65535, Less),
            (TURN, 65535, Less),
        ] {
            let mut track = Track { recorded: 0, missed: 0, of_type: None, taken: None, pause: middle };
            track.choose_pause(new, kept);
            assert_eq!(track.pause.cmp(&middle), wanted, "{new} of {kept}");
            for _ in 0..20 {
                track.choose_pause(new, kept);
            }
            let last = [(Less, LOOKS[0]), (Equal, middle), (Greater, LOOKS[1])];
            assert!(last.contains(&(wanted, track.pause)), "{new} of {kept}: {:?}", track.pause);
            track.choose_pause(new.min(1), 1);
            assert_eq!(track.pause, LOOKS[0]);
        }
    }

    /// Lines are written completely, as long as there is space. The file ends after the last complete line.
    #[test]
    #[cfg_attr(miri, ignore = "writes a file")]
    fn a_file_has_whole_lines() {
        let path = std::env::temp_dir().join(format!("seqcopy-test-record-{}", std::process::id()));
        let mut lines = Lines::create(&path, Some(10)).unwrap();
        let again = Lines::create(&path, None).map(drop).unwrap_err();
        assert_eq!(again.below(&path).as_deref(), Some("it exists: remove it, or name another file"));
        let there = || std::fs::read_to_string(&path).unwrap();
        assert!(!lines.is_due() && lines.add(b"one\n") && !lines.is_due() && there().is_empty());
        // Written when the first kept line has waited long enough.
        lines.since = Instant::now().checked_sub(KEPT.0).unwrap();
        assert!(lines.is_due() && lines.add(b"two\n") && lines.is_due());
        lines.write().unwrap();
        assert_eq!((there().as_str(), lines.is_due()), ("one\ntwo\n", false));
        assert!(
            !lines.add(b"six\n") && !lines.add(b"\n\n\n") && lines.add(b"3\n") && !lines.is_due() && !lines.add(b"\n")
        );
        lines.write().unwrap();
        assert_eq!(there(), "one\ntwo\n3\n");
        // After 10 bytes, 7 more are written: a line, and a part that is removed again.
        lines.most = u64::MAX;
        assert!(lines.add(b"four\nfive\n"));
        lines.file.write_all(b"four\nfi").unwrap();
        let full = || io::ErrorKind::StorageFull.into();
        assert_eq!(lines.shorten(7, full()).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(there(), "one\ntwo\n3\nfour\n");
        assert!(lines.shorten(3, full()).is_err() && there() == "one\ntwo\n3\n");
        // This many bytes are written at once.
        lines.kept = vec![b'x'; KEPT.1 - 1];
        lines.since = Instant::now();
        assert!(!lines.is_due() && lines.add(b"\n") && lines.is_due());
        std::fs::remove_file(&path).unwrap();
    }
}
