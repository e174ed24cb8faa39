//! The example with several processes: a writer and readers of a region, and this process, which starts them, kills the
//! writer and sums up.
//!
//! ```text
//! writer (full speed) --shm::Writer<Telemetry>--> readers (full speed) --shm::Writer<Tally>--> this process
//!    killed now and then; the next writer takes over
//! ```

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy_shm::{self as shm, ErrorKind, ReadValueError, Reader};

use crate::clock::now;
use crate::options::{LOCKS, Lock, Options};
use crate::payload::Telemetry;
use crate::peer::tally_path;
use crate::tally::{Grouped, Line, Moment, Nanoseconds, Summary, Tally, verdict};

/// How long there is no writer after one was killed.
const PAUSE: Duration = Duration::from_millis(400);
/// The approximate interval between kills; there is at least one.
const BETWEEN_KILLS: Duration = Duration::from_secs(3);
/// The longest time that a process may take to start.
const START: Duration = Duration::from_secs(20);

/// Removes the regions on drop.
struct Files(PathBuf, u16);

impl Drop for Files {
    fn drop(&mut self) {
        let tallies = (1..=self.1).map(|number| tally_path(&self.0, number));
        for path in tallies.chain([self.0.clone()]) {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A child process that ends when its standard input is closed.
struct Peer(Child);

impl Peer {
    fn start(region: &Path, lock: Lock, role: &[&str]) -> io::Result<Peer> {
        use std::os::unix::process::CommandExt;
        let lock = LOCKS.iter().find(|known| known.1 == lock).map_or("latch2", |known| known.0);
        let mut command = Command::new(std::env::current_exe()?);
        // In its own process group, so that an interrupt from the keyboard reaches this process only, which then ends
        // the others.
        command.args(role).arg("--region").arg(region).args(["--lock", lock]).stdin(Stdio::piped()).process_group(0);
        Ok(Peer(command.spawn()?))
    }

    /// Closes its standard input and waits; returns whether it succeeded.
    fn end(mut self) -> io::Result<bool> {
        drop(self.0.stdin.take());
        Ok(self.0.wait()?.success())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The state of this process during the run.
struct Run<'a, W> {
    region: &'a Path,
    lock: Lock,
    reader: Reader<Telemetry>,
    tallies: Vec<Reader<Tally>>,
    start: Instant,
    latest: Telemetry,
    stop: Arc<AtomicBool>,
    out: &'a mut W,
}

/// Runs it all; `false` if a value was wrong or a writer could not take over.
pub(crate) fn show(options: &Options, out: &mut impl Write) -> io::Result<bool> {
    let lock = options.lock.unwrap_or(Lock::Latch2);
    let region = shm::path_for(&format!("seqcopy-telemetry-{}", std::process::id()));
    let readers = u16::try_from(options.readers).unwrap_or(u16::MAX);
    let _files = Files(region.clone(), readers);
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }

    let kills = u32::try_from(options.duration.as_secs() / BETWEEN_KILLS.as_secs()).unwrap_or(u32::MAX).max(1);
    write_introduction(out, readers, kills)?;
    writeln!(out, "Its region is {0}: look at it with\n  seqcopy watch {0}\n  seqcopy plot {0}\n", region.display())?;
    let mut writer = Peer::start(&region, lock, &["--first"])?;
    let reader = wait_for(&region, &mut writer)?;
    let mut peers = Vec::new();
    let mut tallies = Vec::new();
    for number in 1..=readers {
        let mut peer = Peer::start(&region, lock, &["--reader", &number.to_string()])?;
        tallies.push(wait_for(&tally_path(&region, number), &mut peer)?);
        peers.push(peer);
    }
    let first = first_value(&reader)?;
    let mut run = Run { region: &region, lock, reader, tallies, start: Instant::now(), latest: first, stop, out };

    let mut resumed = 0;
    for kill in 1..=kills {
        run.watch_until(options.duration * kill / (kills + 1))?;
        if run.stop.load(Ordering::Relaxed) {
            break;
        }
        let (next, is_resumed) = run.kill(writer)?;
        writer = next;
        resumed += u32::from(is_resumed);
    }
    run.watch_until(options.duration)?;

    let mut in_order = writer.end()?;
    for peer in peers {
        in_order &= peer.end()?;
    }
    let end = run.moment();
    let killed = if run.stop.load(Ordering::Relaxed) { resumed } else { kills };
    write!(run.out, "{}", Summary { end: &end, readers: options.readers })?;
    let Tally { torn, invalid, given_up, .. } = end.tally;
    if given_up > 0 {
        writeln!(run.out, "  failed   {} reads, as the writer had died in the middle of a write", Grouped(given_up))?;
    }
    let is_good = in_order && resumed == killed && torn == 0 && invalid == 0;
    let (verdict, snapshots) = (verdict(is_good), Grouped(end.tally.reads()));
    writeln!(
        run.out,
        "\n{verdict}: {snapshots} snapshots, torn {torn}, invalid {invalid}; writers killed {killed}, resumed {resumed}"
    )?;
    if !in_order {
        writeln!(run.out, "(A process ended with an error: see above.)")?;
    }
    Ok(is_good)
}

impl<W: Write> Run<'_, W> {
    fn moment(&mut self) -> Moment {
        // After a kill a single buffer may have no value; then the last one is kept.
        self.latest = self.reader.read().unwrap_or(self.latest);
        let tallies = self.tallies.iter().map(|tally| tally.read().unwrap_or_default());
        Moment { at: self.start.elapsed(), tally: Tally::sum(tallies), latest: self.latest }
    }

    /// Shows a live line until that time: rewritten in place on a terminal, otherwise one line per second.
    fn watch_until(&mut self, until: Duration) -> io::Result<()> {
        let is_terminal = io::stdout().is_terminal();
        let (pause, begin, end) = if is_terminal { (250, "\r", "\x1b[K") } else { (1000, "", "\n") };
        let mut from = self.moment();
        while let Some(left) = until.checked_sub(self.start.elapsed()) {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            thread::sleep(left.min(Duration::from_millis(pause)));
            let to = self.moment();
            write!(self.out, "{begin}{}{end}", Line { from: &from, to: &to, check: true })?;
            self.out.flush()?;
            from = to;
        }
        if is_terminal { writeln!(self.out) } else { Ok(()) }
    }

    /// Kills the writer, shows what readers get without one, and starts the next; returns whether that one took over.
    fn kill(&mut self, mut writer: Peer) -> io::Result<(Peer, bool)> {
        // SIGKILL: no handler and no destructor runs.
        writer.0.kill()?;
        writer.0.wait()?;
        let pid = writer.0.id();
        let before = self.moment();
        thread::sleep(PAUSE);
        let value = self.reader.read();
        let after = self.moment();
        write!(self.out, "       writer {pid} killed, ")?;
        let read = after.tally.since(&before.tally);
        match value {
            Ok(value) => {
                let age = Nanoseconds(now().saturating_sub(value.stamp));
                writeln!(self.out, "readers keep its last value, now {age} old: {} reads", Grouped(read.whole))?;
            }
            Err(ReadValueError::WriterGone) => {
                let times = Grouped(read.given_up);
                writeln!(
                    self.out,
                    "it died in the middle of a write, so readers have no value ({times} reads failed with that)"
                )?;
            }
            Err(error) => writeln!(self.out, "reading fails: {error}")?,
        }
        let version = self.reader.version();
        let mut next = Peer::start(self.region, self.lock, &["--next"])?;
        let begun = Instant::now();
        while !self.reader.has_changed(version) && begun.elapsed() < START && next.0.try_wait()?.is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        let is_taken = self.reader.has_changed(version);
        let result = if is_taken { "resumed" } else { "could NOT resume" };
        writeln!(
            self.out,
            "       writer {} {result}, {} ms after it was started",
            next.0.id(),
            begun.elapsed().as_millis()
        )?;
        Ok((next, is_taken))
    }
}

/// Opens a region that a process is about to create.
fn wait_for<T: seqcopy::Validate + 'static>(path: &Path, creator: &mut Peer) -> io::Result<Reader<T>> {
    let begun = Instant::now();
    loop {
        match Reader::open(path) {
            Ok(reader) => return Ok(reader),
            Err(error) => {
                let is_early =
                    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == io::ErrorKind::NotFound);
                if !is_early || begun.elapsed() > START || creator.0.try_wait()?.is_some() {
                    return Err(io::Error::other(error));
                }
            }
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Waits for the first value.
fn first_value(reader: &Reader<Telemetry>) -> io::Result<Telemetry> {
    let begun = Instant::now();
    loop {
        match reader.read() {
            Ok(value) => return Ok(value),
            Err(ReadValueError::NoValue(_)) if begun.elapsed() < START => thread::sleep(Duration::from_millis(1)),
            Err(error) => return Err(io::Error::other(error)),
        }
    }
}

/// What the run is about, for those who see only the screen.
fn write_introduction(out: &mut impl Write, readers: u16, kills: u32) -> io::Result<()> {
    let size = size_of::<Telemetry>();
    let readers = if readers == 1 { "1 other reads".to_owned() } else { format!("{readers} others read") };
    let times = if kills == 1 { "once".to_owned() } else { format!("{kills} times") };
    writeln!(out, "One process writes a struct of {size} bytes as fast as it can, {readers} it, and each snapshot")?;
    writeln!(out, "has a checksum, by which a torn one is found. The writer is killed {times} without warning, and")?;
    writeln!(out, "another process resumes.\n")
}
