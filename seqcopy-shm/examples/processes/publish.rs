//! The process that publishes. It may be killed at any instruction.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use seqcopy_shm::{ChangeError, MapWriter, Options};

use crate::payload::{ALL, Process, Snapshot, Sums};
use crate::source::Source;
use crate::stop::stopped;

/// The number of tables: a view lasts until seven commits have ended. A look at a few hundred processes takes about as
/// long as one.
pub(crate) const BUFFERS: u32 = 8;
/// The interval between two looks at the system.
const REFRESH: Duration = Duration::from_millis(100);
/// How many entries are published again by one commit.
const BATCH: usize = 32;

/// Publishes until the other end of standard input is closed, then closes the map.
pub(crate) fn run(path: &Path) -> io::Result<()> {
    let mut source = Source::new();
    let first = source.refresh();
    // The writer lock shows whether there is a publisher already. A map that is there keeps its capacity.
    let map = Options::new()
        .buffers(BUFFERS)
        .open_or_create_map(path, (first.len() * 2).max(500))
        .map_err(io::Error::other)?;
    let mut table = Table::of(map)?;
    table.refresh(&first)?;
    let mut due = Instant::now() + REFRESH;
    while !stopped() {
        if Instant::now() < due && !table.known.is_empty() {
            table.publish_again(|| stopped() || Instant::now() >= due)?;
            continue;
        }
        table.refresh(&source.refresh())?;
        due = Instant::now() + REFRESH;
    }
    // Removes the path as well: nothing is left behind, even if the process that started this one was killed.
    table.map.close().map_err(io::Error::other)
}

/// The map, and what the publisher knows of it.
struct Table {
    map: MapWriter<u32, Process>,
    known: BTreeMap<u32, Process>,
    sums: Sums,
}

impl Table {
    /// Goes on with what the last publisher has left: a whole generation, wherever it was killed.
    fn of(map: MapWriter<u32, Process>) -> io::Result<Table> {
        let found = Snapshot::of(&map.view()).map_err(io::Error::other)?;
        if !found.is_right {
            return Err(io::Error::other(format!(
                "generation {:?}, which was taken over, contradicts itself",
                found.generation
            )));
        }
        Ok(Table { map, known: found.processes.into_iter().collect(), sums: found.sums })
    }

    /// Processes that have ended are removed, new ones inserted, those that have changed replaced: all as one
    /// generation.
    fn refresh(&mut self, processes: &BTreeMap<u32, Process>) -> io::Result<()> {
        let Table { map, known, sums } = self;
        let change = map.try_commit(|batch| {
            let (mut next, mut next_sums) = (known.clone(), *sums);
            for (pid, last) in known.iter().filter(|(pid, _)| !processes.contains_key(pid)) {
                batch.remove(pid)?;
                next.remove(pid);
                next_sums.subtract(last);
            }
            for (&pid, process) in processes {
                let last = next.get(&pid).copied();
                if last.is_some_and(|last| last.is_like(process)) {
                    continue;
                }
                let process = process.with_turn(last.map_or(0, |last| last.turn) + 1).sealed(pid);
                match batch.insert(pid, process) {
                    // There were fewer processes when the map was created. The sums are those of the ones that fit.
                    Err(ChangeError::Full) => continue,
                    result => result?,
                };
                if let Some(last) = next.insert(pid, process) {
                    next_sums.subtract(&last);
                }
                next_sums.add(&process);
            }
            batch.insert(ALL, next_sums.entry())?;
            Ok::<_, ChangeError>((next, next_sums))
        });
        (*known, *sums) = change.map_err(io::Error::other)?;
        Ok(())
    }

    /// Publishes each entry once more, some at a time, so that views end and kills find a commit to interrupt.
    fn publish_again(&mut self, is_over: impl Fn() -> bool) -> io::Result<()> {
        let Table { map, known, sums } = self;
        let mut left = known.iter_mut().peekable();
        while left.peek().is_some() && !is_over() {
            let change = map.try_commit(|batch| {
                for (&pid, process) in left.by_ref().take(BATCH) {
                    sums.subtract(process);
                    *process = process.with_turn(process.turn + 1).sealed(pid);
                    sums.add(process);
                    batch.insert(pid, *process)?;
                }
                batch.insert(ALL, sums.entry()).map(|_| ())
            });
            change.map_err(io::Error::other)?;
        }
        Ok(())
    }
}
