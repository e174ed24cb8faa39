//! The example in one process: threads and a lock.
//!
//! ```text
//! source (10/s) --SeqLock<Machine>--> publisher (full speed) --a lock of Telemetry--> readers (full speed)
//!                                                                                         |
//!                                        this thread, the live line <--SeqLock<Tally>-- each
//! ```

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy::{SeqLatch, SeqLock, Version};

use crate::board::{Board, Outcome, Unchecked};
use crate::clock::{REFRESH, SAMPLE, now};
use crate::options::{Lock, Options};
use crate::payload::{Machine, Telemetry};
use crate::source::Source;
use crate::tally::{Grouped, Line, Moment, SharedTally, Summary, Tally, ratio, verdict};

/// Runs with the lock that the options name; `false` if a value was wrong that was read with the check.
pub(crate) fn show(options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let readers = match options.readers {
        1 => "1 other reads".to_owned(),
        readers => format!("{readers} others read"),
    };
    let size = size_of::<Telemetry>();
    writeln!(out, "One thread writes a struct of {size} bytes as fast as it can, {readers} it, and each snapshot")?;
    writeln!(out, "has a checksum, by which a torn one is found.\n")?;
    if !options.check {
        return without_and_with(options, out);
    }
    let end = with_check(options, out)?;
    write!(out, "{}", Summary { end: &end, readers: options.readers })?;
    let Tally { torn, .. } = end.tally;
    writeln!(out, "\n{}: {} snapshots, torn {torn}", verdict(torn == 0), Grouped(end.tally.reads()))?;
    Ok(torn == 0)
}

/// Without the check for one half of the time, with it for the other.
fn without_and_with(options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let half = Options { duration: options.duration / 2, ..*options };
    writeln!(out, "Without the version check:")?;
    let value = Telemetry::new(Source::new().refresh(), now());
    let without = run(&Unchecked::new(&value), &half, out)?.tally;
    writeln!(out, "With it:")?;
    let with = with_check(&Options { check: true, ..half }, out)?.tally;
    let share = 100.0 * ratio(without.torn, without.reads());
    let (before, after) = (Grouped(without.reads()), Grouped(with.reads()));
    writeln!(
        out,
        "\nWithout the check, {share:.1} % of {before} snapshots were torn; with it, {} of {after}.",
        with.torn
    )?;
    Ok(with.torn == 0)
}

fn with_check(options: &Options, out: &mut impl Write) -> io::Result<Moment> {
    let value = Telemetry::new(Source::new().refresh(), now());
    match options.lock.unwrap_or(Lock::SingleBuffer) {
        Lock::SingleBuffer => run(&SeqLock::new(value), options, out),
        Lock::Latch2 => run(&SeqLatch::new(value), options, out),
        Lock::Latch4 => run(&SeqLatch::<_, 4>::from_value(value), options, out),
    }
}

/// Runs all threads and shows the live line; returns the last moment.
fn run(board: &impl Board, options: &Options, out: &mut impl Write) -> io::Result<Moment> {
    let mut source = Source::new();
    let first = source.refresh();
    let start = Instant::now();
    let stop = AtomicBool::new(false);
    let counters = SeqLock::new(first);
    let tallies: Vec<SharedTally> = (0..options.readers).map(|_| SharedTally::default()).collect();
    thread::scope(|scope| {
        scope.spawn(|| refresh(source, &counters, &stop));
        scope.spawn(|| publish(board, &counters, &stop));
        for shared in &tallies {
            scope.spawn(|| read(board, shared, &stop));
        }
        let shown = watch(board, &tallies, options, start, out);
        stop.store(true, Ordering::Relaxed);
        shown
    })?;
    // All threads have ended, so the tallies are complete.
    Ok(moment(board, &tallies, start.elapsed()))
}

fn refresh(mut source: Source, counters: &SeqLock<Machine>, stop: &AtomicBool) {
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        counters.write(source.refresh());
        due += REFRESH;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

fn publish(board: &impl Board, counters: &SeqLock<Machine>, stop: &AtomicBool) {
    let mut publish = board.publisher().expect("this is the only thread that publishes");
    let mut known = Version::NEVER;
    let mut value = Telemetry::new(counters.read(), now());
    while !stop.load(Ordering::Relaxed) {
        value.advance(counters.read_if_changed(&mut known), now());
        publish(&value);
    }
}

fn read(board: &impl Board, shared: &SharedTally, stop: &AtomicBool) {
    let mut writer = shared.0.writer().expect("each reader has its own lock");
    let mut tally = Tally::default();
    while !stop.load(Ordering::Relaxed) {
        let mut retries = 0;
        let outcome = board.read(stop, &mut retries);
        tally.add_retries(retries.into());
        match outcome {
            Outcome::Whole { stamp } => {
                tally.whole += 1;
                if tally.whole % SAMPLE == 0 {
                    tally.add_age(now().saturating_sub(stamp));
                }
            }
            Outcome::Torn => tally.torn += 1,
            Outcome::Stopped => {}
        }
        if tally.reads() % SAMPLE == 0 {
            writer.write(tally);
        }
    }
    writer.write(tally);
}

/// Shows a live line until the time is up: rewritten in place on a terminal, otherwise one line per second.
fn watch(
    board: &impl Board,
    tallies: &[SharedTally],
    options: &Options,
    start: Instant,
    out: &mut impl Write,
) -> io::Result<()> {
    let is_terminal = io::stdout().is_terminal();
    let (pause, begin, end) = if is_terminal { (250, "\r", "\x1b[K") } else { (1000, "", "\n") };
    let pause = Duration::from_millis(pause);
    let mut from = moment(board, tallies, start.elapsed());
    while let Some(left) = options.duration.checked_sub(start.elapsed()) {
        thread::sleep(left.min(pause));
        let to = moment(board, tallies, start.elapsed());
        write!(out, "{begin}{}{end}", Line { from: &from, to: &to, check: options.check })?;
        out.flush()?;
        from = to;
    }
    if is_terminal { writeln!(out) } else { Ok(()) }
}

fn moment(board: &impl Board, tallies: &[SharedTally], at: Duration) -> Moment {
    Moment { at, tally: Tally::sum(tallies.iter().map(|shared| shared.0.read())), latest: board.look() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::tests::value;

    /// The greatest age that a reader measures before the publisher starts.
    fn oldest(board: &impl Board) -> u64 {
        let (shared, stop) = (SharedTally::default(), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| read(board, &shared, &stop));
            while shared.0.read().whole <= SAMPLE {
                thread::yield_now();
            }
            stop.store(true, Ordering::Relaxed);
        });
        shared.0.read().oldest
    }

    #[test]
    fn the_first_value_is_not_as_old_as_the_machine() {
        let began = now();
        let first = Telemetry::new(value().machine, now());
        let oldest = oldest(&SeqLock::new(first)).max(oldest(&Unchecked::new(&first)));
        assert!(oldest <= now() - began, "{oldest} ns old after {} ns", now() - began);
    }
}
