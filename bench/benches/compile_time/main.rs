//! What the derives cost to compile: `cargo bench -p bench --features peers --bench compile_time -- --table`.
//!
//! Generates crates for each derive, of 100 structs with 9 fields and of 10 structs with 100, of 100 with padding and a
//! pointer, and of 100 with an enum each: with the derive only, and with uses (a load, a store, a check and a constant
//! for each struct, or the closest equivalent; for `seqcopy-lock` a lock that is read and written). Measures the
//! processor time of `cargo check` and `cargo build --release` of each crate alone, all derives in rotation. The time
//! per struct is the difference from the same crate with only `Clone` and `Copy`.

mod generate;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, exit};
use std::time::Duration;
use std::{env, fs};

use bench::args::Args;
use bench::table::print_columns;
use bench::timing::Summary;
use generate::{DERIVES, Derive, Extent, NOTHING, SHAPES, Shape};

const HEADER: [&str; 9] = [
    "shape",
    "extent",
    "command",
    "derive",
    "cpu_ms_median",
    "cpu_ms_p25",
    "cpu_ms_p75",
    "ms_per_struct",
    "ratio_to_seqcopy",
];
const COMMANDS: [(&str, &[&str]); 2] = [("check", &["check"]), ("release", &["build", "--release"])];

/// A generated crate and a way to compile it.
struct Subject {
    derive: &'static Derive,
    shape: &'static Shape,
    extent: Extent,
    command: &'static str,
    args: &'static [&'static str],
    package: String,
}

impl Subject {
    fn group(&self) -> (&'static str, Extent, &'static str) {
        (self.shape.name, self.extent, self.command)
    }

    fn line(&self) -> String {
        format!("{}/{}/{}/{}", self.shape.name, self.extent.name(), self.command, self.derive.name)
    }
}

fn main() {
    let args = Args::of_process(7);
    if args.smoke {
        // Minutes of compilation are too long for `cargo test`.
        return;
    }
    if let Err(message) = run(&args) {
        eprintln!("{message}");
        exit(1);
    }
}

fn run(args: &Args) -> Result<(), String> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_time");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("this crate is not in a workspace")?;
    generate::workspace(&dir, root)?;
    let (subjects, broken) = prepare(subjects(args), &dir);
    let mut samples = vec![Vec::new(); subjects.len()];
    for round in 0..args.rounds {
        for turn in 0..subjects.len() {
            let index = (round + turn) % subjects.len();
            let millis = compile(&subjects[index], &dir)?.as_secs_f64() * 1e3;
            samples[index].push(millis);
        }
        eprintln!("compile_time: round {} of {}", round + 1, args.rounds);
    }
    let summaries: Vec<Summary> = samples.into_iter().map(Summary::of).collect();
    print(&HEADER.map(str::to_owned), args.table);
    for (subject, summary) in subjects.iter().zip(&summaries) {
        let median_of = |name: &str| {
            let of = |(other, _): &(&Subject, &Summary)| other.group() == subject.group() && other.derive.name == name;
            subjects.iter().zip(&summaries).find(of).map(|(_, summary)| summary.median)
        };
        let cost =
            |median: f64| median_of(NOTHING).map(|nothing| (median - nothing) / f64::from(subject.shape.structs));
        let own = cost(summary.median).filter(|_| subject.derive.name != NOTHING);
        let ratio = own.zip(median_of("seqcopy").and_then(cost)).map(|(own, ours)| own / ours);
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let columns = [
            subject.shape.name.to_owned(),
            subject.extent.name().to_owned(),
            subject.command.to_owned(),
            subject.derive.name.to_owned(),
            format!("{:.1}", summary.median),
            format!("{:.1}", summary.p25),
            format!("{:.1}", summary.p75),
            number(own),
            number(ratio),
        ];
        print(&columns, args.table);
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("left out: {}", broken.join(", "))) }
}

fn subjects(args: &Args) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for shape in &SHAPES {
        for extent in [Extent::Derive, Extent::Use] {
            for (command, command_args) in COMMANDS {
                for derive in DERIVES.iter().filter(|derive| derive.takes(shape)) {
                    let package = generate::package(derive, shape, extent);
                    subjects.push(Subject { derive, shape, extent, command, args: command_args, package });
                }
            }
        }
    }
    // Those that the filters select, and the baseline.
    subjects.retain(|subject| args.wants(&subject.line()) || subject.derive.name == NOTHING);
    subjects
}

/// Compiles everything once, with all dependencies. Leaves out what does not compile, and prints it.
fn prepare(subjects: Vec<Subject>, dir: &Path) -> (Vec<Subject>, Vec<String>) {
    let mut broken = Vec::new();
    let mut good = Vec::new();
    for subject in subjects {
        eprintln!("compile_time: preparing {}", subject.line());
        match compile(&subject, dir) {
            Ok(_) => good.push(subject),
            Err(message) => {
                eprintln!("==== LEFT OUT: {}: {message} ====", subject.line());
                broken.push(subject.line());
            }
        }
    }
    (good, broken)
}

/// Compiles one crate again, and returns the processor time of cargo and the compiler.
fn compile(subject: &Subject, dir: &Path) -> Result<Duration, String> {
    let source = dir.join(&subject.package).join("src/lib.rs");
    let now = std::time::SystemTime::now();
    let touched = fs::File::options().append(true).open(&source).and_then(|file| file.set_modified(now));
    touched.map_err(|error| format!("{}: {error}", source.display()))?;
    let before = cpu_of_children()?;
    let output = Command::new(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from))
        .args(subject.args)
        .args(["--quiet", "--package", &subject.package])
        .current_dir(dir)
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", dir.join("target"))
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    let after = cpu_of_children()?;
    if output.status.success() {
        Ok(after.saturating_sub(before))
    } else {
        Err(format!("{}\n{}", subject.package, String::from_utf8_lossy(&output.stderr)))
    }
}

/// The processor time of all child processes that have ended and been waited for.
#[cfg(unix)]
fn cpu_of_children() -> Result<Duration, String> {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` is a valid buffer for the result.
    if unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()) } != 0 {
        return Err(format!("getrusage: {}", std::io::Error::last_os_error()));
    }
    // SAFETY: integers, zeroed and then filled in.
    let usage = unsafe { usage.assume_init() };
    let duration = |time: libc::timeval| {
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::from_secs(seconds) + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default())
    };
    Ok(duration(usage.ru_utime) + duration(usage.ru_stime))
}

#[cfg(not(unix))]
fn cpu_of_children() -> Result<Duration, String> {
    Err("the processor time of compilers is available on Unix only".to_owned())
}

fn print(columns: &[String; 9], table: bool) {
    print_columns(columns, [6, 7, 8, 18, 13, 11, 11, 14, 17], table);
}
