//! Runs the checks on all processors, and prints the table.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::check::Checker;
use super::kinds::{Kind, kinds};
use super::memory::report_faults;
use super::rules::VECTORS;
use super::tree::WORD;

/// How many failures are printed, of each kind.
const PRINTED: usize = 5;
/// How many numbers a thread takes at once.
const AT_ONCE: usize = 64;

/// What was found.
#[derive(Default)]
struct Tally {
    layouts: usize,
    cases: usize,
    failures: usize,
}

pub(crate) fn main() -> ExitCode {
    let (mut all, mut only) = (false, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--all" => all = true,
            "--only" => only = arguments.next(),
            _ => {
                eprintln!("partitions [--all] [--only WORDS OF A KIND]");
                return ExitCode::from(2);
            }
        }
    }
    report_faults();
    let vectors = if VECTORS { "vectors" } else { "no vectors" };
    println!("partitions: words of {} bits, {vectors}", 8 * WORD);
    println!("| {:<42} | {:>9} | {:>10} | {:>8} | {:>6} |", "kind", "layouts", "cases", "failures", "s");
    println!("|{:-<44}|{:->11}|{:->12}|{:->10}|{:->8}|", "", ":", ":", ":", ":");
    let mut sum = Tally::default();
    for kind in kinds(all) {
        if only.as_ref().is_some_and(|words| !kind.name.contains(words)) {
            continue;
        }
        let began = Instant::now();
        let Tally { layouts, cases, failures } = run(&kind);
        let seconds = began.elapsed().as_secs_f64();
        println!("| {:<42} | {layouts:>9} | {cases:>10} | {failures:>8} | {seconds:>6.1} |", kind.name);
        sum.cases += cases;
        sum.failures += failures;
    }
    println!("partitions: {} cases, {} failures", sum.cases, sum.failures);
    if sum.failures == 0 && sum.cases > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// All types of a kind.
fn run(kind: &Kind) -> Tally {
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut checker = Checker::new();
                loop {
                    let first = next.fetch_add(AT_ONCE, Ordering::Relaxed);
                    if first >= kind.count {
                        return;
                    }
                    for number in first..kind.count.min(first + AT_ONCE) {
                        one(kind, number, &mut checker, &tally);
                    }
                }
            });
        }
    });
    tally.into_inner().expect("no thread panics")
}

/// The types with a number. A panic in the code under test is a failure.
fn one(kind: &Kind, number: usize, checker: &mut Checker, tally: &Mutex<Tally>) {
    let (mut layouts, mut cases, mut failed) = (0, 0, Vec::new());
    let result = catch_unwind(AssertUnwindSafe(|| {
        (kind.make)(number, &mut |tree| {
            layouts += 1;
            checker.check(tree, |base, result| {
                cases += 1;
                failed.extend(result.err().map(|what| format!("at base {base}: {what}: {tree:?}")));
            });
        });
    }));
    if result.is_err() {
        failed.push("panicked, see above".to_owned());
    }
    let mut tally = tally.lock().expect("no thread panics");
    tally.layouts += layouts;
    tally.cases += cases;
    for what in failed {
        tally.failures += 1;
        if tally.failures <= PRINTED {
            eprintln!("error: {}, number {number}, {what}", kind.name);
        }
    }
}
