//! What readers count, and how it is displayed.

use std::fmt;
use std::time::Duration;

use seqcopy::{SeqCopy, SeqLock, Validate};

use crate::payload::{Machine, Telemetry};

/// The counts of one reader, published through a lock of its own so that they are consistent.
#[derive(Clone, Copy, Debug, Default, SeqCopy, Validate)]
#[repr(C)]
pub(crate) struct Tally {
    pub(crate) whole: u64,
    pub(crate) torn: u64,
    /// Values that were not valid.
    pub(crate) invalid: u64,
    /// Reads that failed because the writer died in the middle of a write.
    pub(crate) given_up: u64,
    pub(crate) retries: u64,
    /// The most retries for one value.
    pub(crate) most_retries: u64,
    /// The ages of some of the values, in nanoseconds: sum, number, oldest.
    age_sum: u64,
    ages: u64,
    pub(crate) oldest: u64,
}

/// A reader's tally, on cache lines that no other thread writes.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct SharedTally(pub(crate) SeqLock<Tally>);

impl Tally {
    pub(crate) fn add_retries(&mut self, retries: u64) {
        self.retries += retries;
        self.most_retries = self.most_retries.max(retries);
    }

    pub(crate) fn add_age(&mut self, nanoseconds: u64) {
        self.age_sum += nanoseconds;
        self.ages += 1;
        self.oldest = self.oldest.max(nanoseconds);
    }

    pub(crate) fn reads(&self) -> u64 {
        self.whole + self.torn + self.invalid
    }

    pub(crate) fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
        tallies.fold(Tally::default(), |a, b| Tally {
            whole: a.whole + b.whole,
            torn: a.torn + b.torn,
            invalid: a.invalid + b.invalid,
            given_up: a.given_up + b.given_up,
            retries: a.retries + b.retries,
            most_retries: a.most_retries.max(b.most_retries),
            age_sum: a.age_sum + b.age_sum,
            ages: a.ages + b.ages,
            oldest: a.oldest.max(b.oldest),
        })
    }

    /// The counts since `earlier`; maxima are those of the whole run.
    pub(crate) fn since(&self, earlier: &Tally) -> Tally {
        Tally {
            whole: self.whole - earlier.whole,
            torn: self.torn - earlier.torn,
            invalid: self.invalid - earlier.invalid,
            given_up: self.given_up - earlier.given_up,
            retries: self.retries - earlier.retries,
            age_sum: self.age_sum - earlier.age_sum,
            ages: self.ages - earlier.ages,
            ..*self
        }
    }

    pub(crate) fn mean_age(&self) -> Nanoseconds {
        Nanoseconds(self.age_sum / self.ages.max(1))
    }
}

/// A moment of the run.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) at: Duration,
    pub(crate) tally: Tally,
    pub(crate) latest: Telemetry,
}

/// One line about the time between two moments.
pub(crate) struct Line<'a> {
    pub(crate) from: &'a Moment,
    pub(crate) to: &'a Moment,
    pub(crate) check: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line { from, to, check } = *self;
        let seconds = to.at.saturating_sub(from.at).as_secs_f64().max(1e-9);
        let tally = to.tally.since(&from.tally);
        let (reads, writes) = (tally.reads(), to.latest.sequence - from.latest.sequence);
        write!(f, "{:5.1} s: {} reads/s, ", to.at.as_secs_f64(), Rate(reads as f64 / seconds))?;
        write!(f, "{} writes/s, ", Rate(writes as f64 / seconds))?;
        if check {
            write!(f, "{:.2} retries/read, ", ratio(tally.retries, reads))?;
        } else {
            write!(f, "{:.2} % torn, ", 100.0 * ratio(tally.torn, reads))?;
        }
        write!(f, "age {}", tally.mean_age())
    }
}

/// The summary of the run.
pub(crate) struct Summary<'a> {
    pub(crate) end: &'a Moment,
    pub(crate) readers: usize,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moment { at, tally, latest } = self.end;
        let (seconds, reads) = (at.as_secs_f64(), tally.reads());
        let readers = if self.readers == 1 { "reader" } else { "readers" };
        writeln!(f, "\nIn {seconds:.1} s, with {} {readers}:", self.readers)?;
        writeln!(f, "  reads    {}/s, {} in all", Rate(reads as f64 / seconds), Grouped(reads))?;
        writeln!(f, "  writes   {}/s, {} in all", Rate(latest.sequence as f64 / seconds), Grouped(latest.sequence))?;
        let most = Grouped(tally.most_retries);
        writeln!(f, "  retries  {:.2} per read, at most {most} for one read", ratio(tally.retries, reads))?;
        let (mean, oldest) = (tally.mean_age(), Nanoseconds(tally.oldest));
        writeln!(f, "  age      {mean} on average, {oldest} at most, including time that the writer waited for a CPU")?;
        latest.machine.fmt(f)
    }
}

/// The first word of the last line.
pub(crate) fn verdict(is_good: bool) -> &'static str {
    if is_good { "PASSED" } else { "FAILED" }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let machine = self;
        writeln!(f, "  counters refreshed {} times; the last values:", machine.refreshes)?;
        let gib = |bytes: u64| ratio(bytes, 1 << 30);
        writeln!(f, "    {:?}; load {:?}; cpus {:.0} %", machine.state, machine.load, machine.usage())?;
        let memory = &machine.memory;
        write!(f, "    {:.1} of {:.1} GiB of memory available", gib(memory.available), gib(memory.total))?;
        match memory.swapped.into_option() {
            Some(bytes) => writeln!(f, ", {:.1} GiB swapped", gib(bytes))?,
            None => writeln!(f, ", no swap")?,
        }
        let [network, disks] = machine.traffic;
        write!(f, "    network {:.2} GiB in, {:.2} out; ", gib(network.received), gib(network.sent))?;
        write!(f, "disks {:.2} GiB read, {:.2} written; ", gib(disks.received), gib(disks.sent))?;
        match machine.hottest.into_option() {
            Some(degrees) => writeln!(f, "{degrees:.0} degrees"),
            None => writeln!(f, "no thermometer"),
        }
    }
}

pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

pub(crate) struct Rate(pub(crate) f64);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            rate if rate >= 1e6 => write!(f, "{:.2} M", rate / 1e6),
            rate if rate >= 1e3 => write!(f, "{:.2} k", rate / 1e3),
            rate => write!(f, "{rate:.1}"),
        }
    }
}

pub(crate) struct Nanoseconds(pub(crate) u64);

impl fmt::Display for Nanoseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n < 10_000 => write!(f, "{n} ns"),
            n if n < 10_000_000 => write!(f, "{} us", n / 1000),
            n => write!(f, "{} ms", n / 1_000_000),
        }
    }
}

/// A number with its digits in groups of three.
pub(crate) struct Grouped(pub(crate) u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}
