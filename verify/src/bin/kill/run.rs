//! Kills one writer after another, with readers in this process.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy_shm::{Options, ReadValueError, Reader, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Place};
use seqcopy_tests::oracle::Rng;

use crate::maps;
use crate::process::{kill, start};
use crate::values::{Large, Left, Small, Tally, left_behind, read, write, write_and_close};

/// Longer than a writer needs to take over, even on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The regions.
struct Paths {
    latch: PathBuf,
    single_buffer: PathBuf,
    maps: [PathBuf; 2],
    /// Where one region after another is created and closed.
    closed: PathBuf,
}

impl Paths {
    fn create(place: &Place) -> Paths {
        let paths = Paths {
            latch: place.at("latch"),
            single_buffer: place.at("single-buffer"),
            maps: [place.at("map-2"), place.at("map-4")],
            closed: place.at("closed"),
        };
        let mut writer = Writer::<Small>::create(&paths.latch).expect("a region");
        // So that readers of the latch have a value from the start.
        writer.write(Beat::of(0)).expect("not forked");
        drop(Options::new().buffers(1).create::<Large>(&paths.single_buffer).expect("a region"));
        maps::create(&paths.maps[0], 2);
        maps::create(&paths.maps[1], 4);
        paths
    }

    /// What is killed when.
    fn of(&self, number: u64) -> (Kind, &Path) {
        match number % 7 {
            0 | 3 => (Kind::Latch, &self.latch),
            1 | 4 => (Kind::SingleBuffer, &self.single_buffer),
            2 => (Kind::Map(0), &self.maps[0]),
            5 => (Kind::Map(1), &self.maps[1]),
            _ => (Kind::Closed, &self.closed),
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Latch,
    SingleBuffer,
    Map(usize),
    Closed,
}

impl Kind {
    /// The roles of a writer, and of a reader where there is a region all the time.
    fn roles(self) -> (&'static str, Option<&'static str>) {
        match self {
            Kind::Latch => ("write-latch", Some("read-latch")),
            Kind::SingleBuffer => ("write-single-buffer", Some("read-single-buffer")),
            Kind::Map(_) => ("write-map", Some("read-map")),
            Kind::Closed => ("write-and-close", None),
        }
    }
}

/// The counts of the main thread.
#[derive(Default)]
struct Count {
    kills: u64,
    readers_killed: u64,
    readers_wrong: u64,
    failed: u64,
    /// A reader did not report that the writer was killed in the middle of a write.
    misled: u64,
    odd: u64,
    single_buffer: u64,
    in_a_commit: u64,
    maps: u64,
    /// Regions whose writer was killed while it created and closed one after another: those of each kind that were
    /// found.
    open: u64,
    closed: u64,
    removed: u64,
    unclear: u64,
}

fn run(kills: u64, seed: u64) -> ExitCode {
    let place = Place::new();
    let paths = Paths::create(&place);
    let (tallies, views) = ([Tally::default(), Tally::default()], maps::Tally::default());
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let mut count = Count::default();
    thread::scope(|scope| {
        let (small, large) = (
            Reader::<Small>::open(&paths.latch).expect("a reader"),
            Reader::<Large>::open(&paths.single_buffer).expect("a reader"),
        );
        let (stop, tallies, views, paths) = (&stop, &tallies, &views, &paths);
        scope.spawn(move || {
            let mut last = 0;
            while !stop.load(Relaxed) {
                tallies[0].read(&small, &mut last, true);
            }
        });
        scope.spawn(move || {
            let mut last = 0;
            while !stop.load(Relaxed) {
                tallies[1].read(&large, &mut last, false);
                // On a small machine, leaves time for the other readers, whose results matter more.
                thread::yield_now();
            }
        });
        scope.spawn(move || {
            let readers = [maps::open(&paths.maps[0]), maps::open(&paths.maps[1])];
            let mut last = [(0, 0); 2];
            while !stop.load(Relaxed) {
                for (reader, last) in readers.iter().zip(&mut last) {
                    views.look(reader, last);
                }
            }
        });
        let killing = scope.spawn(|| kill_all(kills, seed, paths, &tallies[0], views));
        let result = killing.join();
        stop.store(true, Relaxed);
        count = result.expect("no panic");
    });
    if report(&count, &tallies, &views, seed, began.elapsed()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the summary. Returns whether all is well.
fn report(count: &Count, tallies: &[Tally; 2], views: &maps::Tally, seed: u64, time: Duration) -> bool {
    let sum = |of: fn(&Tally) -> &AtomicU64| tallies.iter().map(|tally| of(tally).load(Relaxed)).sum::<u64>();
    let (torn, invalid, blocked) = (sum(|t| &t.torn), sum(|t| &t.invalid), sum(|t| &t.blocked));
    let (backwards, gone) = (sum(|t| &t.backwards), sum(|t| &t.writer_gone));
    let [of_latch, of_one_copy] = [0, 1].map(|i: usize| tallies[i].values.load(Relaxed));
    let [of_maps, ended, wrong, maps_back, maps_blocked] =
        [&views.views, &views.ended, &views.wrong, &views.backwards, &views.blocked].map(|count| count.load(Relaxed));
    println!(
        "kill: {} writers and {} readers killed, torn accepted {torn}, invalid accepted {invalid}, latch readers blocked {blocked}, \
         map views wrong {wrong}, map readers blocked {maps_blocked}, reading processes \
         wrong {}, takeovers failed {}, word left odd {} of {}, not called gone \
         then {}, maps left in a commit {} of {}, regions that are closed left open {}, closed {}, removed {}, unclear {}; went back {}, values {of_latch} of the latch and {of_one_copy} of one copy, views \
         {of_maps} of maps and {ended} that ended, writer gone {gone} times, seed {seed}, {:.1} s",
        count.kills,
        count.readers_killed,
        count.readers_wrong,
        count.failed,
        count.odd,
        count.single_buffer,
        count.misled,
        count.in_a_commit,
        count.maps,
        count.open,
        count.closed,
        count.removed,
        count.unclear,
        backwards + maps_back,
        time.as_secs_f64(),
    );
    let of_values = torn + invalid + blocked + backwards;
    let is_good = of_values
        + wrong
        + maps_blocked
        + maps_back
        + count.failed
        + count.misled
        + count.readers_wrong
        + count.unclear
        == 0;
    // Without values, or without an interrupted write, the zeros prove nothing.
    let proves_something = count.odd > 0
        && count.in_a_commit > 0
        && count.open > 0
        && count.removed > 0
        && of_latch > 0
        && of_one_copy > 0
        && of_maps > 0;
    is_good && proves_something
}

fn kill_all(kills: u64, seed: u64, paths: &Paths, tally: &Tally, views: &maps::Tally) -> Count {
    let mut rng = Rng::new(seed);
    let mut count = Count::default();
    let small = Reader::<Small>::open(&paths.latch).expect("a reader");
    let word = File::open(&paths.single_buffer).expect("the region");
    let large = Reader::<Large>::open(&paths.single_buffer).expect("a reader");
    let offset = large.region().header().word_offset();
    let maps = [0, 1].map(|at: usize| (maps::open(&paths.maps[at]), File::open(&paths.maps[at]).expect("the region")));
    let mut earlier = None;
    for number in 1..=kills {
        let (kind, path) = paths.of(number);
        kill_one(kind, path, number, &mut rng, &mut count);
        match kind {
            // There is no writer: the first attempt succeeds.
            Kind::Latch if small.try_read().is_err() => Tally::add(&tally.blocked),
            Kind::Latch => {}
            Kind::SingleBuffer => {
                let mut bytes = [0; 8];
                word.read_exact_at(&mut bytes, offset).expect("the word");
                count.single_buffer += 1;
                let is_odd = u64::from_ne_bytes(bytes) & 1 == 1;
                count.odd += u64::from(is_odd);
                if is_odd {
                    let is_told =
                        large.read() == Err(ReadValueError::WriterGone) && large.writer_state() == WriterState::Gone;
                    count.misled += u64::from(!is_told);
                }
            }
            Kind::Map(at) => {
                let (reader, file) = &maps[at];
                views.look_at_rest(reader);
                count.maps += 1;
                count.in_a_commit += u64::from(maps::is_left_in_a_commit(reader, file));
            }
            Kind::Closed => match left_behind(path, &mut earlier) {
                Left::Nothing => count.removed += 1,
                Left::Open => count.open += 1,
                Left::Closed => count.closed += 1,
                Left::Unclear(what) => {
                    eprintln!("kill {number}: {what}");
                    count.unclear += 1;
                }
            },
        }
    }
    count
}

/// Starts a writer, sometimes with a reader at the same time, and kills them.
fn kill_one(kind: Kind, path: &Path, number: u64, rng: &mut Rng, count: &mut Count) {
    let (writing, reading) = kind.roles();
    let watched = reading.filter(|_| rng.chance(1, 8));
    let watcher = watched.map(|reading| start(reading, path, 0).expect("a reader starts"));
    let began = Instant::now();
    // Each writer uses larger numbers than the one before.
    match start(writing, path, number << 32) {
        Ok(writer) => {
            if let Some(watcher) = watcher {
                // Killed before the writer, which keeps writing.
                thread::sleep(Duration::from_micros(rng.bits() % 1000));
                count.readers_killed += 1;
                count.readers_wrong += u64::from(!kill(watcher));
            }
            thread::sleep(Duration::from_micros(rng.bits() % 3000));
            count.kills += 1;
            count.failed += u64::from(!kill(writer));
        }
        Err(said) => {
            eprintln!("kill {number}: {said}");
            count.failed += 1;
        }
    }
    if began.elapsed() > DEADLINE {
        // Most likely all processes were stopped for a while, so this is printed, but does not count as a failure.
        eprintln!("kill {number}: took {:?}", began.elapsed());
    }
}

pub(crate) fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse().expect("a number");
    match words[..] {
        ["write-latch", path, from] => write::<16>(path.as_ref(), number(from)),
        ["write-single-buffer", path, from] => write::<8192>(path.as_ref(), number(from)),
        ["write-map", path, from] => maps::write(path.as_ref(), number(from)),
        ["write-and-close", path, from] => write_and_close(path.as_ref(), number(from)),
        ["read-latch", path, _] => read::<16>(path.as_ref()),
        ["read-single-buffer", path, _] => read::<8192>(path.as_ref()),
        ["read-map", path, _] => maps::read(path.as_ref()),
        [] => return run(200, 1),
        [kills] => return run(number(kills), 1),
        [kills, "--seed", seed] => return run(number(kills), number(seed)),
        _ => {
            eprintln!("kill [N] [--seed S]");
            return ExitCode::from(2);
        }
    }
    // Reached by a writer or reader that ended before it was killed.
    ExitCode::FAILURE
}
