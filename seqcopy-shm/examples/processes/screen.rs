//! What is shown: the largest processes, and a line about the map. No line has more than 100 columns.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};
use std::io::{self, Write};
use std::time::Duration;

use crate::payload::{Process, Snapshot};

/// How many processes are shown.
const ROWS: usize = 8;

/// How many processes are new, or gone, since the first look: a view shows only those that are there.
#[derive(Default)]
pub(crate) struct Seen {
    there: Option<BTreeSet<u32>>,
    pub(crate) new: u64,
    pub(crate) gone: u64,
}

impl Seen {
    /// Looks at the next generation.
    pub(crate) fn update(&mut self, snapshot: &Snapshot) {
        let there: BTreeSet<u32> = snapshot.processes.iter().map(|entry| entry.0).collect();
        if let Some(before) = &self.there {
            self.new += there.difference(before).count() as u64;
            self.gone += before.difference(&there).count() as u64;
        }
        self.there = Some(there);
    }
}

/// The processes that use most of the processors, or of the memory where they use the same.
pub(crate) struct Top<'a>(pub(crate) &'a Snapshot);

impl Display for Top<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rows: Vec<&(u32, Process)> = self.0.processes.iter().collect();
        rows.sort_by(|(a, one), (b, other)| {
            other.cpu.total_cmp(&one.cpu).then(other.memory.cmp(&one.memory)).then(a.cmp(b))
        });
        writeln!(f, "{:>8} {:>8}  {:<28} {:<8} {:>8} {:>11}", "pid", "parent", "name", "state", "cpu", "memory")?;
        for (pid, process) in rows.into_iter().take(ROWS) {
            let Process { name, state, parent, cpu, memory, .. } = process;
            let parent = parent.into_option().map_or("-".into(), |parent| parent.to_string());
            // A process that is looked at in quick succession may seem to use any number of processors.
            let cpu = cpu.clamp(0.0, 99_999.0);
            let memory = Bytes(*memory).to_string();
            writeln!(f, "{pid:>8} {parent:>8}  {:<28} {state:<8} {cpu:>6.1} % {memory:>11}", name.as_str())?;
        }
        Ok(())
    }
}

/// The line about the map.
pub(crate) struct Line<'a> {
    pub(crate) at: Duration,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) seen: &'a Seen,
    pub(crate) publisher: u32,
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Line { at, snapshot, seen, publisher } = self;
        let (processes, memory) = (snapshot.sums.processes, Bytes(snapshot.sums.memory));
        write!(f, "{:5.1} s: {processes} processes, {memory}, ", at.as_secs_f64())?;
        write!(f, "{} gone; generation {}, ", seen.gone, snapshot.generation.to_bits())?;
        write!(f, "publisher {publisher}")
    }
}

/// Draws in place on a terminal; elsewhere it prints a line a second, and no table.
pub(crate) struct Screen {
    is_terminal: bool,
    /// How many lines were drawn.
    drawn: usize,
    /// When the next line is due where there is no terminal.
    due: Duration,
}

impl Screen {
    pub(crate) fn new(is_terminal: bool) -> Screen {
        Screen { is_terminal, drawn: 0, due: Duration::ZERO }
    }

    /// Whether it shows the table.
    pub(crate) fn is_drawing(&self) -> bool {
        self.is_terminal
    }

    pub(crate) fn draw(&mut self, out: &mut impl Write, line: &Line<'_>) -> io::Result<()> {
        if self.is_terminal {
            let text = format!("{}{line}\n", Top(line.snapshot));
            if self.drawn > 0 {
                write!(out, "\x1b[{}A", self.drawn)?;
            }
            for line in text.lines() {
                writeln!(out, "{line}\x1b[K")?;
            }
            // Lines of an earlier, longer table.
            write!(out, "\x1b[J")?;
            self.drawn = text.lines().count();
        } else if line.at >= self.due {
            writeln!(out, "{line}")?;
            self.due = line.at + Duration::from_secs(1);
        }
        out.flush()
    }

    /// Prints lines that stay; what is drawn next comes below them.
    pub(crate) fn say(&mut self, out: &mut impl Write, text: &str) -> io::Result<()> {
        self.drawn = 0;
        writeln!(out, "{text}")
    }
}

/// A number of bytes, with three or four digits.
pub(crate) struct Bytes(pub(crate) u64);

impl Display for Bytes {
    #[allow(clippy::cast_precision_loss)] // shown with one digit after the point
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (mut number, mut units) = (self.0 as f64, ["KiB", "MiB", "GiB", "TiB", "PiB"].into_iter());
        let mut unit = "B";
        while number >= 1000.0 {
            let Some(next) = units.next() else { break };
            (number, unit) = (number / 1024.0, next);
        }
        write!(f, "{number:.1} {unit}")
    }
}

/// A number with its digits in groups of three.
pub(crate) struct Grouped(pub(crate) u64);

impl Display for Grouped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{State, Sums};
    use seqcopy::Version;

    fn snapshot(pids: impl Iterator<Item = u32>) -> Snapshot {
        let mut process = Process::new("a name that is as long as it can be", State::Sleeping, Some(u32::MAX));
        (process.cpu, process.memory) = (1e9, u64::MAX);
        let processes: Vec<_> = pids.map(|pid| (pid, process)).collect();
        let sums = Sums { processes: processes.len() as u64, memory: u64::MAX, turns: 0 };
        Snapshot { generation: Version::from_bits(1 << 50), processes, sums, is_right: true }
    }

    /// Up to a million commits a second for decades, and the highest process id of Linux.
    #[test]
    fn no_line_is_wider_than_100_columns() {
        let (snapshot, seen) = (snapshot(4_000_000_000..4_000_000_020), Seen { gone: 10_000_000, ..Seen::default() });
        let line = Line { at: Duration::from_secs(99_999), snapshot: &snapshot, seen: &seen, publisher: 1 << 22 };
        for is_terminal in [false, true] {
            let (mut screen, mut out) = (Screen::new(is_terminal), Vec::new());
            screen.draw(&mut out, &line).unwrap();
            screen.draw(&mut out, &line).unwrap();
            let text = String::from_utf8(out).unwrap().replace("\x1b[K", "").replace("\x1b[J", "");
            for line in text.lines() {
                assert!(
                    line.len() <= 100 && line.is_ascii() || line.starts_with('\x1b'),
                    "{} columns: {line}",
                    line.len()
                );
            }
            assert_eq!(text.lines().count(), if is_terminal { 2 * (ROWS + 2) } else { 1 });
        }
    }

    #[test]
    fn those_that_came_and_went_are_counted() {
        let mut seen = Seen::default();
        for pids in [0..5, 0..5, 3..9] {
            seen.update(&snapshot(pids));
        }
        assert_eq!((seen.new, seen.gone), (4, 3));
    }

    #[test]
    fn numbers() {
        assert_eq!((Bytes(0).to_string(), Bytes(1536).to_string()), ("0.0 B".into(), "1.5 KiB".into()));
        assert_eq!(
            (Bytes(u64::MAX).to_string(), Grouped(1_234_567).to_string()),
            ("16384.0 PiB".into(), "1 234 567".into())
        );
    }
}
