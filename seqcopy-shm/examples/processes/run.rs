//! The first process: it starts the others, kills the publisher now and then, watches as well, and sums up.
//!
//! ```text
//! publisher (full speed) --MapWriter<u32, Process>--> watchers (full speed) --what they counted--> this process
//!    killed now and then; the next publisher takes over
//! ```

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy_shm::{self as shm, ErrorKind, MapReader, WriterState};

use crate::children::{LONGEST, Peer};
use crate::options::Options;
use crate::payload::{Process, Snapshot};
use crate::publish::BUFFERS;
use crate::screen::{Bytes, Grouped, Line, Screen, Seen, Top};
use crate::watch::Tally;

/// The interval between looks at the map.
const LOOK: Duration = Duration::from_millis(100);
/// How long there is no publisher after one was killed.
const PAUSE: Duration = Duration::from_millis(200);

/// Removes the map on drop, unless the publisher has.
struct File(PathBuf);

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The state of this process during the run.
struct Run<'a, W> {
    path: &'a Path,
    reader: MapReader<u32, Process>,
    start: Instant,
    screen: Screen,
    tally: Tally,
    /// The newest generation that was seen.
    last: u64,
    seen: Seen,
    stop: Arc<AtomicBool>,
    out: &'a mut W,
}

/// Runs it all; `false` if a view was wrong or a publisher could not take over.
pub(crate) fn show(options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let stop = Arc::new(AtomicBool::new(false));
    if !cfg!(test) {
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
    }
    let file = File(shm::path_for(&format!("seqcopy-processes-{}", std::process::id())));
    let path = &*file.0;
    let mut publisher = Peer::publisher(path)?;
    let reader = wait_for(path, &mut publisher)?;
    let watchers: io::Result<Vec<Peer>> = (0..options.watchers).map(|_| Peer::watcher(path)).collect();
    let (watchers, screen) = (watchers?, Screen::new(io::stdout().is_terminal() && !cfg!(test)));
    let (tally, seen) = (Tally::default(), Seen::default());
    let mut run = Run { path, reader, start: Instant::now(), screen, tally, last: 0, seen, stop, out };

    let kills = u32::try_from(options.duration.as_secs()).unwrap_or(u32::MAX).saturating_sub(1).max(2);
    let (mut killed, mut resumed) = (0, 0);
    for kill in 1..=kills {
        run.watch_until(options.duration * kill / (kills + 1), publisher.id())?;
        if run.is_stopped() {
            break;
        }
        let (next, is_resumed) = run.kill(publisher)?;
        publisher = next;
        killed += 1;
        resumed += u32::from(is_resumed);
    }
    run.watch_until(options.duration, publisher.id())?;

    let mut are_right = resumed == killed;
    let last = run.look()?;
    let mut tallies = vec![run.tally];
    for watcher in watchers {
        let id = watcher.id();
        let (is_right, tally) = watcher.end()?;
        if tally.is_none() {
            run.screen.say(run.out, &format!("       watcher {id} did not report what it has counted"))?;
        }
        are_right &= is_right && tally.is_some();
        tallies.extend(tally);
    }
    are_right &= publisher.end()?.0;
    let tally = Tally::sum(tallies.into_iter());
    are_right &= tally.is_right() && tally.views > 0;
    if !run.screen.is_drawing() {
        write!(run.out, "{}", Top(&last))?;
    }
    run.sum_up(&last, &tally, options.watchers, (resumed, killed), are_right)?;
    Ok(are_right)
}

impl<W: Write> Run<'_, W> {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// All entries of one generation: of a newer one if later commits end a view, as they do where this process has to
    /// wait for a processor.
    fn look(&mut self) -> io::Result<Snapshot> {
        let begun = Instant::now();
        loop {
            let seen = Snapshot::of(&self.reader.view());
            self.tally.count(&seen, &mut self.last);
            match seen {
                Ok(snapshot) => {
                    self.seen.update(&snapshot);
                    return Ok(snapshot);
                }
                Err(error) if begun.elapsed() > LONGEST => return Err(io::Error::other(error)),
                Err(_) => thread::yield_now(),
            }
        }
    }

    /// Shows the map until that time.
    fn watch_until(&mut self, until: Duration, publisher: u32) -> io::Result<()> {
        loop {
            let (snapshot, at) = (self.look()?, self.start.elapsed());
            self.screen.draw(self.out, &Line { at, snapshot: &snapshot, seen: &self.seen, publisher })?;
            let Some(left) = until.checked_sub(at) else { return Ok(()) };
            if self.is_stopped() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK));
        }
    }

    /// Kills the publisher, looks at what it has left, and starts the next; returns whether that one took over.
    fn kill(&mut self, publisher: Peer) -> io::Result<(Peer, bool)> {
        let killed = publisher.id();
        publisher.kill()?;
        let left = self.look()?;
        thread::sleep(PAUSE);
        let state = self.reader.region().writer_state();
        // No commit ends this view, nor any other.
        let same = Snapshot::of(&self.reader.view());
        let is_kept =
            same.is_ok_and(|same| same.is_right && same.generation == left.generation && same.sums == left.sums);
        let kept = if is_kept { "its last generation stays" } else { "its last generation was NOT kept" };
        self.screen.say(self.out, &format!("       publisher {killed} killed, it is {state}; {kept}"))?;

        let mut next = Peer::publisher(self.path)?;
        let begun = Instant::now();
        // Taking over publishes what is there once more for most of the buffers. Later generations are those of the
        // publisher.
        let has_published =
            |reader: &MapReader<u32, Process>| reader.generation().writes_since(left.generation) > u64::from(BUFFERS);
        while !has_published(&self.reader) && begun.elapsed() < LONGEST && !next.has_ended()? {
            thread::sleep(Duration::from_millis(1));
        }
        let is_taken = has_published(&self.reader) && self.reader.region().writer_state() != WriterState::Gone;
        let result = if is_taken { "resumed" } else { "could NOT resume" };
        let after = begun.elapsed().as_millis();
        self.screen
            .say(self.out, &format!("       publisher {} {result}, {after} ms after it was started", next.id()))?;
        Ok((next, is_kept && is_taken))
    }

    fn sum_up(
        &mut self,
        last: &Snapshot,
        tally: &Tally,
        watchers: u16,
        (resumed, kills): (u32, u32),
        are_right: bool,
    ) -> io::Result<()> {
        let (out, header) = (&mut self.out, self.reader.region().header());
        let noun = if watchers == 1 { "process" } else { "processes" };
        let (views, seconds) = (Grouped(tally.views), self.start.elapsed().as_secs_f64());
        writeln!(out, "{views} views of all processes in {seconds:.1} s, by {watchers} watching {noun} and this one")?;
        writeln!(out, "  entries  {}: each with its checksum, found again, every sum right", Grouped(tally.entries))?;
        writeln!(out, "  ended    {} views, by later commits: then a new one is taken", Grouped(tally.ended))?;
        writeln!(out, "  commits  {}", Grouped(last.generation.to_bits()))?;
        let (slots, buffers, size) = (header.slots(), header.buffers(), Bytes(header.size()));
        writeln!(out, "  map      {buffers} tables of {slots} slots, {size}")?;
        writeln!(out, "  new      {} processes since the first look, {} gone", self.seen.new, self.seen.gone)?;
        let (torn, invalid, back) = (tally.torn, tally.invalid, tally.back);
        let verdict = if are_right { "PASSED" } else { "FAILED" };
        write!(out, "\n{verdict}: torn {torn}, invalid {invalid}, back to an older one {back}; ")?;
        writeln!(out, "publishers killed {kills}, resumed {resumed}")
    }
}

/// Opens the map that a process is about to create.
fn wait_for(path: &Path, creator: &mut Peer) -> io::Result<MapReader<u32, Process>> {
    let begun = Instant::now();
    loop {
        match MapReader::open(path) {
            Ok(reader) => return Ok(reader),
            Err(error) => {
                let is_early =
                    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == io::ErrorKind::NotFound);
                if !is_early || begun.elapsed() > LONGEST || creator.has_ended()? {
                    return Err(io::Error::other(error));
                }
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole example, for a second: processes that publish, watch and are killed.
    #[test]
    fn every_view_is_right_and_every_kill_is_survived() {
        let (mut out, options) = (Vec::new(), Options { duration: Duration::from_secs(1), watchers: 2 });
        let is_right = show(&options, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(is_right, "{text}");
        for expected in
            ["\nPASSED: torn 0, invalid 0, ", "publishers killed 2, resumed 2", " views of all processes in "]
        {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let path = shm::path_for(&format!("seqcopy-processes-{}", std::process::id()));
        assert!(!path.exists(), "{} was left behind", path.display());
    }
}
