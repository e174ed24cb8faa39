//! `seqcopy record`: each newer value of regions, in a file. A writer never waits for it, nor notices it.
//!
//! A line is written at once and whole, so a recorder that is killed leaves whole lines but for the last. A disk that
//! is full ends the file after its last whole line.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::arguments::{Part, Record};
use super::columns::{bytes, per_second, printable_path, span};
use super::follow::{Followed, rest};
use super::lines::{KEPT, Lines};
use super::recorded::{Form, Recorded};
use super::region::Failure;

/// The time between two looks, at least and at most. Of a region that keeps its newest value alone it is the least, and
/// a writer that wakes its readers is followed at once; one that keeps more is looked at before half of them are new,
/// or half of what is recorded in a turn.
const LOOKS: [Duration; 2] = [Duration::from_micros(400), Duration::from_millis(4)];

/// The maximum number of values of one region that are recorded before the other regions are looked at.
const TURN: u64 = 64;

/// When a region is looked at.
struct Pace {
    /// When the last value was recorded.
    taken: Option<Instant>,
    /// The time until the next look.
    pause: Duration,
}

impl Pace {
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

/// After this time the recorder says how fast its file grows.
const MEASURED: Duration = Duration::from_secs(1);

/// How fast the file grows, and how large it will be.
#[allow(clippy::cast_precision_loss)] // two digits are shown
fn growth(options: &Record, len: u64, time: Duration) -> String {
    let rate = per_second(len, time);
    let after = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    let full = options.max_size.map(|most| after(most as f64 / rate));
    let end = match (full, options.seconds) {
        (Some(full), seconds) if seconds.is_none_or(|most| full < most) => {
            format!("`--max-size` ends it after about {}", span(full))
        }
        (_, Some(most)) => format!("about {} in {}", bytes(rate * most.as_secs_f64()), span(most)),
        _ => format!("about {} in an hour", bytes(rate * 3600.0)),
    };
    format!("{} grows by {} a second: {end}", printable_path(&options.output), bytes(rate))
}

/// Records until the time is over, the file is full, or the program is interrupted.
pub(super) fn record(options: &Record, out: &mut impl Write) -> Result<(), Failure> {
    let Record { paths, output, key, every, seconds, max_size } = options;
    let ending = output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if !matches!(ending, "jsonl" | "ndjson" | "csv") {
        return Err(Failure::at(output, "its name should end with .jsonl or .csv, which says what is written"));
    }
    let part = |path: &PathBuf| Part { path: path.clone(), field: None, key: key.clone() };
    let parts: Vec<Part> = paths.iter().map(part).collect();
    let mut followed: Vec<Followed<'_>> = parts.iter().map(Followed::of_changes).collect();
    let form = match ending {
        "csv" => Form::csv(&followed)?,
        _ => Form::Json,
    };
    let mut lines = Lines::create(output, *max_size)?;
    if let Form::Csv(columns) = &form {
        lines.add(&columns.head());
    }
    let mut tracks: Vec<(Recorded, Pace)> =
        parts.iter().map(|_| (Recorded::default(), Pace { taken: None, pause: LOOKS[0] })).collect();
    let failed = |error: io::Error| {
        Failure::at(output, format!("cannot write to it, so it ends with its last whole line: {error}"))
    };
    let began = Instant::now();
    let (mut is_full, mut is_told) = (false, false);
    while !is_full && seconds.is_none_or(|most| began.elapsed() < most) {
        for (followed, (recorded, pace)) in followed.iter_mut().zip(&mut tracks) {
            if every.is_some_and(|every| pace.taken.is_some_and(|taken| taken.elapsed() < every)) {
                continue;
            }
            // A limit, so that a fast writer does not hold up the others. With a time between values, only one.
            let (mut new, kept) = (0, followed.kept());
            let most = if every.is_some() { 1 } else { kept.min(TURN) };
            while new < most && !is_full {
                let before = recorded.counts;
                let Some(line) = recorded.line(followed, &form, every.is_none())? else { break };
                if recorded.counts.values > before.values {
                    pace.taken = Some(Instant::now());
                }
                if !lines.add(&line) {
                    (is_full, recorded.counts) = (true, before);
                }
                new += 1;
            }
            pace.choose_pause(new, kept);
        }
        if !is_told && began.elapsed() >= MEASURED {
            is_told = true;
            writeln!(out, "{}", growth(options, lines.len(), began.elapsed()))?;
            out.flush()?;
        }
        if lines.is_due() {
            lines.write().map_err(failed)?;
        }
        let pause = tracks.iter().map(|(_, pace)| pace.pause).min().unwrap_or(LOOKS[0]);
        let left = seconds.map_or(pause, |most| most.saturating_sub(began.elapsed()).min(pause));
        match every {
            // A value that comes earlier is not recorded.
            Some(every) => std::thread::sleep(left.max((*every).min(KEPT.0) / 4)),
            None => rest(followed.iter().filter(|followed| followed.kept() == 1), left),
        }
    }
    lines.write().map_err(failed)?;
    for (part, (recorded, _)) in parts.iter().zip(&tracks) {
        write!(out, "{}: {} recorded", printable_path(&part.path), recorded.counts.values)?;
        match part.key {
            // Changes of other keys have numbers, too.
            Some(_) => writeln!(out)?,
            None => writeln!(out, ", {} missed", recorded.counts.missed)?,
        }
    }
    let mut all = followed.iter().zip(&tracks);
    let has_lost = all.any(|(followed, (recorded, _))| {
        recorded.counts.missed > 0 && followed.kept() == 1 && followed.source.as_ref().is_some_and(|it| !it.is_map())
    });
    if every.is_none() && has_lost {
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
            let mut track = Pace { taken: None, pause: middle };
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
}
