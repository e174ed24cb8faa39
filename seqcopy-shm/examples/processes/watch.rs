//! The processes that watch: each looks at all entries of one generation after the other, and checks them.

use std::io::{self, Write};
use std::path::Path;

use seqcopy_shm::{MapReader, ReadValueError};

use crate::payload::{Process, Snapshot};
use crate::stop::stopped;

/// What a watcher has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Views of which every entry was seen.
    pub(crate) views: u64,
    /// The entries in them.
    pub(crate) entries: u64,
    /// Those of them that were not of one generation.
    pub(crate) torn: u64,
    /// Views that later commits ended before every entry was seen. They report it, and the watcher takes a new one.
    pub(crate) ended: u64,
    /// Views with a value that was not valid.
    pub(crate) invalid: u64,
    /// Views of an older generation than one that was seen before.
    pub(crate) back: u64,
}

impl Tally {
    /// One more look. `last` is the newest generation that was seen.
    pub(crate) fn count(&mut self, seen: &Result<Snapshot, ReadValueError>, last: &mut u64) {
        match seen {
            Ok(snapshot) => {
                self.views += 1;
                self.entries += snapshot.processes.len() as u64;
                self.torn += u64::from(!snapshot.is_right);
                self.back += u64::from(snapshot.generation.to_bits() < *last);
                *last = snapshot.generation.to_bits();
            }
            Err(ReadValueError::NoValue(_)) => self.ended += 1,
            Err(_) => self.invalid += 1,
        }
    }

    /// Whether there was nothing that must not be.
    pub(crate) fn is_right(&self) -> bool {
        (self.torn, self.invalid, self.back) == (0, 0, 0)
    }

    pub(crate) fn sum(tallies: impl Iterator<Item = Tally>) -> Tally {
        tallies.fold(Tally::default(), |a, b| Tally {
            views: a.views + b.views,
            entries: a.entries + b.entries,
            torn: a.torn + b.torn,
            ended: a.ended + b.ended,
            invalid: a.invalid + b.invalid,
            back: a.back + b.back,
        })
    }

    /// How a watcher reports it.
    fn to_line(self) -> String {
        let Tally { views, entries, torn, ended, invalid, back } = self;
        format!("tally {views} {entries} {torn} {ended} {invalid} {back}\n")
    }

    /// The tally at the end of a line. With one thread, as on a machine with one processor, a test harness has begun
    /// that line with the name of the test.
    pub(crate) fn of_line(line: &str) -> Option<Tally> {
        let (_, numbers) = line.split_once("tally ")?;
        let numbers: Result<Vec<u64>, _> = numbers.split(' ').map(str::parse).collect();
        let [views, entries, torn, ended, invalid, back] = numbers.ok()?.try_into().ok()?;
        Some(Tally { views, entries, torn, ended, invalid, back })
    }
}

/// Watches until the other end of standard input is closed, then prints what it has counted.
pub(crate) fn run(path: &Path, out: &mut impl Write) -> io::Result<()> {
    let reader = MapReader::<u32, Process>::open(path).map_err(io::Error::other)?;
    let (mut tally, mut last) = (Tally::default(), 0);
    while !stopped() {
        let seen = Snapshot::of(&reader.view());
        // A publisher whose starter was killed closes the map.
        if seen.as_ref().is_err_and(|error| *error == ReadValueError::Closed) {
            break;
        }
        tally.count(&seen, &mut last);
        if seen.is_err() {
            std::thread::yield_now();
        }
    }
    out.write_all(tally.to_line().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use seqcopy::{ReadError, Version};

    #[test]
    fn a_tally_survives_the_pipe() {
        let tally = Tally { views: 1, entries: 2, torn: 3, ended: 4, invalid: 5, back: 6 };
        let line = tally.to_line();
        for before in ["", "test children::tests::a_process_with_a_role ... "] {
            assert_eq!(Tally::of_line(format!("{before}{line}").trim_end()), Some(tally), "{before}");
        }
        assert_eq!((Tally::of_line("tally 1 2"), Tally::of_line("running 1 test")), (None, None));
    }

    #[test]
    fn each_outcome_is_counted_as_what_it_is() {
        let snapshot = |generation, is_right| Snapshot {
            generation: Version::from_bits(generation),
            processes: vec![(1, Process::new("one", crate::payload::State::Running, None))],
            sums: crate::payload::Sums::default(),
            is_right,
        };
        let (mut tally, mut last) = (Tally::default(), 0);
        tally.count(&Ok(snapshot(5, true)), &mut last);
        tally.count(&Err(ReadValueError::NoValue(ReadError::Torn)), &mut last);
        assert_eq!(tally, Tally { views: 1, entries: 1, ended: 1, ..Tally::default() });
        assert!(tally.is_right());
        let wrong = |seen| {
            let mut tally = tally;
            tally.count(&seen, &mut last.clone());
            assert!(!tally.is_right());
        };
        wrong(Ok(snapshot(5, false)));
        wrong(Ok(snapshot(4, true)));
        wrong(Err(ReadValueError::Closed));
        last = 0;
        tally.count(&Ok(snapshot(4, true)), &mut last);
        assert!(tally.is_right());
    }
}
