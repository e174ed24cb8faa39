//! Runs the command `seqcopy` on hostile regions: `ci/hostile_command.sh`.
//!
//! Whatever the file contains, the command must end by itself, in bounded time and memory, with exit status 0, or with
//! 1 and one line on standard error; never by a signal. Seven commands are run on each region, a third of them with
//! maps, alternately with and without `--json`.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::resource::{Resource, Usage, UsageWho, getrusage, setrlimit};
use nix::sys::time::TimeValLike;
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

use crate::evil;
use crate::image::Image;
use crate::known::{Failure, Known};
use crate::map_image::MapImage;
use crate::maps::KnownMap;
use crate::run::{make, watch};

/// The limit of resident memory, in KiB.
const MAX_MEMORY: i64 = 256 << 10;
/// The limit of processor time; the elapsed time also depends on other programs.
const MAX_TIME: Duration = Duration::from_secs(5);
/// The deadline for the seven commands, which ends a run that hangs.
const DEADLINE: Duration = Duration::from_secs(180);
/// The limit of address space, which protects the machine from a faulty program.
const MAX_ADDRESS_SPACE: u64 = 2 << 30;

/// The results so far.
#[derive(Default)]
struct Seen {
    runs: u64,
    well: u64,
    refused: u64,
    slowest: (Duration, String),
    longest: Duration,
    failures: u64,
}

/// The processor time of all programs that have ended, and the most memory that one of them used.
fn used() -> (Duration, i64) {
    let usage: Usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("known");
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    (Duration::from_micros(u64::try_from(micros).unwrap_or(0)), usage.max_rss())
}

impl Seen {
    /// Runs the command; the error says what was wrong.
    fn run(&mut self, program: &Path, arguments: &[&str], paths: &[&Path]) -> Result<(), Failure> {
        let ((before, _), began) = (used(), Instant::now());
        let mut command = Command::new(program);
        command.args(arguments).args(paths).stdin(Stdio::null()).stdout(Stdio::null());
        let output = command.output().map_err(|error| error.to_string())?;
        let (after, memory) = used();
        let (time, name) = (after.saturating_sub(before), arguments.join(" "));
        self.runs += 1;
        self.longest = self.longest.max(began.elapsed());
        if time > self.slowest.0 {
            self.slowest = (time, name.clone());
        }
        let words = String::from_utf8(output.stderr).map_err(|error| format!("{name}: {error}"))?;
        let lines = words.matches('\n').count();
        // For `diff`, 1 means that something differs.
        let fits = match output.status.code() {
            Some(0) => lines == 0,
            Some(1) => lines == 1 && words.starts_with("seqcopy: ") || arguments[0] == "diff" && words.is_empty(),
            _ => false,
        };
        if !fits {
            return Err(format!("{name}: {}, {words:?}", output.status));
        }
        if time > MAX_TIME || memory > MAX_MEMORY {
            return Err(format!("{name}: {time:?} and at most {} MiB", memory >> 10));
        }
        *(if output.status.success() { &mut self.well } else { &mut self.refused }) += 1;
        Ok(())
    }

    /// Runs every command, with or without `--json`.
    fn run_all(&mut self, program: &Path, path: &Path, other: &Path, as_json: bool) -> Result<(), Failure> {
        let json: &[&str] = if as_json { &["--json"] } else { &[] };
        self.run(program, &[&["show"], json].concat(), &[path])?;
        self.run(program, &[&["show", "--key", "1"], json].concat(), &[path])?;
        self.run(program, &[&["layout"], json].concat(), &[path])?;
        self.run(program, &["header"], &[path])?;
        self.run(program, &[&["diff"], json].concat(), &[path, other])?;
        self.run(program, &[&["watch", "--count", "1"], json].concat(), &[path])?;
        // What follows a region, for a moment, and maps it.
        self.run(program, &["header", "--lang", "json"], &[path])?;
        self.run(program, &["__complete", "plot"], &[path])?;
        self.run(program, &[&["hz", "--seconds", "0.01"], json].concat(), &[path])?;
        self.run(program, &["plot", "--once", "--window", "0.01"], &[path])?;
        self.record(program, path, if as_json { "jsonl" } else { "csv" })?;
        let folder = path.parent().expect("in a folder");
        self.run(program, &[&["list"], json].concat(), &[folder])
    }

    /// Records into a file of its own, which is removed.
    fn record(&mut self, program: &Path, path: &Path, ending: &str) -> Result<(), Failure> {
        let file = path.with_extension(ending);
        let name = file.to_str().expect("text");
        let result = self.run(program, &["record", "--seconds", "0.01", "--max-size", "100M", "-o", name], &[path]);
        let _ = std::fs::remove_file(&file);
        result
    }

    fn note(&mut self, what: &str, result: Result<(), Failure>) {
        if let Err(failure) = result {
            self.failures += 1;
            println!("hostile: {what}: {failure}");
        }
    }
}

/// Writes a region to a new file.
fn put(path: &Path, image: &Image) {
    let _ = std::fs::remove_file(path);
    let file = File::options().write(true).create_new(true).open(path).expect("a file");
    image.write(&file);
}

/// Runs the command while the owner of the file truncates and refills it.
fn beside_an_owner(program: &Path, place: &Place, runs: u64, seen: &mut Seen, current: &AtomicU64) {
    let path = place.at("truncated");
    let known = Known::all();
    let of = known.iter().find(|known| known.tree.size == 18_000).expect("several pages");
    let mut rng = Rng::new(7);
    let image = std::iter::repeat_with(|| Image::honest(&of.tree, &of.schema, &mut rng))
        .find(|image| {
            image.honest.as_ref().is_some_and(|honest| honest.state == 1 && honest.value(&image.bytes).is_some())
        })
        .expect("one of many");
    put(&path, &image);
    let (refused, is_over) = (seen.refused, AtomicBool::new(false));
    thread::scope(|scope| {
        let file = File::options().write(true).open(&path).expect("a file");
        scope.spawn(|| {
            let file = file;
            for len in (0..image.len).step_by(997).cycle() {
                if is_over.load(Relaxed) {
                    return;
                }
                file.set_len(len).expect("truncated");
                file.write_all_at(&image.bytes, 0).expect("refilled");
            }
        });
        for number in 0..runs {
            current.fetch_add(1, Relaxed);
            let commands = [
                &["show"][..],
                &["show", "--json"],
                &["watch", "--count", "2", "--interval", "1"],
                &["layout"],
                &["watch", "--changes", "--seconds", "0.02", "--interval", "1"],
                &["hz", "--seconds", "0.02"],
                &["plot", "--once", "--window", "0.02"],
            ];
            let result = match usize::try_from(number % 9).unwrap_or(0) {
                7 => seen.record(program, &path, "jsonl"),
                8 => seen.run(program, &["diff"], &[&path, &path]),
                kind => seen.run(program, commands[kind], &[&path]),
            };
            seen.note("with an owner that truncates it", result);
        }
        is_over.store(true, Relaxed);
    });
    println!(
        "hostile: {runs} runs with an owner that truncates and refills the file: {} refused",
        seen.refused - refused
    );
}

pub(crate) fn run(program: &Path, count: u64, seed: u64, first: u64) -> ExitCode {
    setrlimit(Resource::RLIMIT_AS, MAX_ADDRESS_SPACE, MAX_ADDRESS_SPACE).expect("a limit");
    let (place, known, maps, began) = (Place::new(), Known::all(), KnownMap::all(), Instant::now());
    let current = Arc::new(AtomicU64::new(first));
    watch(&current, seed, DEADLINE);
    let mut seen = Seen::default();
    let paths: [PathBuf; 2] = [place.at("a"), place.at("b")];
    for number in first..first + count {
        current.store(number, Relaxed);
        let mut rng = Rng::new(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let image = match rng.below(3) {
            0 => MapImage::random(&maps[rng.below(maps.len())].slot, &mut rng).image,
            _ => make(&known[rng.below(known.len())], &mut rng),
        };
        let [path, last] = if number % 2 == 0 { [&paths[0], &paths[1]] } else { [&paths[1], &paths[0]] };
        put(path, &image);
        // Compared with the region before it, most often of another type, or with itself.
        let other = if number % 3 == 0 && last.exists() { last } else { path };
        let result = seen.run_all(program, path, other, number / 2 % 2 == 1);
        seen.note(&format!("region {number} of seed {seed}"), result);
    }
    for evil in evil::all() {
        evil.put(&paths[0], 0);
        // The same region with another payload or another type.
        evil.put(&paths[1], 1);
        for as_json in [false, true] {
            // Numbers after that of the last region.
            current.fetch_add(1, Relaxed);
            let result = seen.run_all(program, &paths[0], &paths[1], as_json);
            seen.note(evil.name, result);
        }
    }
    for path in &paths {
        let _ = std::fs::remove_file(path);
    }
    beside_an_owner(program, &place, (count / 10).max(100), &mut seen, &current);
    let Seen { runs, well, refused, slowest, longest, failures } = &seen;
    println!(
        "hostile: the command, {count} regions and {} evil ones, {runs} runs, {well} ended well, {refused} refused or different, \
         at most {} MiB, {:.2} s of a processor ({}), {:.2} s by the clock, seed {seed}, {failures} failures ({:.0} s)",
        evil::all().len(),
        used().1 >> 10,
        slowest.0.as_secs_f64(),
        slowest.1,
        longest.as_secs_f64(),
        began.elapsed().as_secs_f64()
    );
    if *failures == 0 && well * 5 > *runs { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
