//! The parts that need no shared memory between processes, and the command line.

use std::process::ExitCode;

use seqcopy::{SeqLatchPolicy, SeqLockPolicy, part};

use crate::bytes;
use crate::count;
use crate::part::{self, Field};
use crate::reader::{self, HOWS, How};
use crate::report::Report;
use crate::trace;
use crate::values::{Data, Dense, Element, Linked32, Mixed40, Padded, Padded24, Val};
use crate::writer;

/// For the mutants of `ci/exhaust.sh`: fewer types, which are built in a fraction of the time. Fixed when this program
/// is built.
pub(crate) const FEW: bool = option_env!("SEQCOPY_STEP_FEW").is_some();

/// What was asked for.
pub(crate) struct Wanted {
    /// Everything, not only what fits into a short check.
    pub(crate) all: bool,
    parts: Vec<String>,
}

impl Wanted {
    pub(crate) fn part(&self, name: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| part == name)
    }

    /// Parts that are in `--all` only, or asked for by name.
    pub(crate) fn long_part(&self, name: &str) -> bool {
        (self.all || !self.parts.is_empty()) && self.part(name)
    }
}

/// Runs the parts that are asked for; `others` runs those that not every build has.
pub(crate) fn main(others: impl FnOnce(&Report, &Wanted)) -> ExitCode {
    if let Some(why) = trace::why_not() {
        println!("==== SKIPPED: no process can be stepped here: {why} ====");
        println!("step: 0 cases, 0 failures");
        return ExitCode::SUCCESS;
    }
    let (options, parts): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    assert!(options.iter().all(|option| option == "--all"), "step [--all] [PART..]");
    let wanted = Wanted { all: !options.is_empty(), parts };
    println!("step: on processor {}", pin());
    let report = Report::default();
    if FEW {
        few(&report);
    } else {
        locks(&report, &wanted);
        smaller(&report, &wanted);
    }
    others(&report, &wanted);
    ExitCode::from(u8::from(!report.end()))
}

fn few(report: &Report) {
    writers_by_reference::<Padded24>(report, 6, 1);
    writers_by_reference::<Dense<47>>(report, 6, 1);
    writers_by_reference::<Dense<200>>(report, 6, 1);
    readers::<Padded24>(report, &[How::ByValue], 1);
    fields::<Padded24, u64>(report, &AT, true);
    bytes::all::<Padded24>(report);
    count::all(report);
}

/// A field with padding in front of it.
const AT: Field<Padded24, u64> =
    Field { name: "at", part: part!(Padded24, at), get: |value| value.at, set: |value, at| value.at = at };

fn locks(report: &Report, wanted: &Wanted) {
    if wanted.part("a") {
        report.part("a", "writer of a lock stepped", || {
            writers::<Padded24>(report);
            writers::<Data>(report);
            writers::<Linked32>(report);
            writers::<Padded<25>>(report);
            writers::<Dense<200>>(report);
            writers_by_reference::<Dense<5120>>(report, 3, 1);
            if wanted.all {
                writers::<Mixed40>(report);
                writers::<Dense<8>>(report);
                writers::<Dense<31>>(report);
                writers::<Dense<47>>(report);
                writers::<Dense<64>>(report);
                writers::<Dense<191>>(report);
                writers::<Dense<193>>(report);
                writers::<Dense<1024>>(report);
                writers_by_reference::<Padded<256>>(report, 3, 1);
            }
        });
    }
    if wanted.long_part("a64") {
        report.part("a64", "the same, 64 KiB", || {
            writers_by_reference::<Dense<65536>>(report, 2, 1);
        });
    }
    // What writes by the string instruction from 32 KiB on, and without AVX reads by it from 1 KiB on, reaches it here
    // in seconds.
    if wanted.long_part("s") {
        report.part("s", "the string instruction stepped: 32 KiB written, 1 KiB read", || {
            writer::by_writer::<Dense<32768>, SeqLockPolicy>(report, 1, 211);
            writer::by_writer::<Dense<32768>, SeqLatchPolicy<2>>(report, 1, 211);
            reader::stepped::<Dense<1024>, SeqLockPolicy>(report, How::IntoBuffer, 211);
        });
    }
    if wanted.part("b") {
        report.part("b", "reader of a lock stepped", || {
            readers::<Padded24>(report, &HOWS, 1);
            readers::<Padded<25>>(report, &[How::IntoBuffer], 1);
            readers::<Dense<1024>>(report, &[How::ByValue], 1);
            if wanted.all {
                readers::<Mixed40>(report, &HOWS, 1);
                readers::<Data>(report, &HOWS, 1);
                readers::<Linked32>(report, &HOWS, 1);
                readers::<Dense<8>>(report, &HOWS, 1);
                readers::<Dense<31>>(report, &HOWS, 1);
                readers::<Dense<47>>(report, &HOWS, 1);
                readers::<Dense<64>>(report, &HOWS, 1);
                readers::<Dense<191>>(report, &HOWS, 1);
                readers::<Dense<193>>(report, &HOWS, 1);
                readers::<Padded<25>>(report, &[How::ByValue, How::ByPolicy], 1);
                readers::<Dense<1024>>(report, &[How::IntoBuffer, How::ByPolicy], 1);
            }
        });
    }
    if wanted.long_part("b5") {
        report.part("b5", "the same, 5 KiB, and an array of 3 KiB with padding", || {
            readers::<Dense<5120>>(report, &[How::IntoBuffer], 1);
            readers::<Padded<256>>(report, &[How::IntoBuffer], 1);
        });
    }
    if wanted.long_part("b64") {
        report.part("b64", "the same, 64 KiB, every 997th instruction", || {
            readers::<Dense<65536>>(report, &[How::IntoBuffer], 997);
        });
    }
    if wanted.part("c") {
        report.part("c", "reader and writer stepped in turns", || {
            pairs::<Padded24>(report, How::ByValue);
            if wanted.all {
                pairs::<Padded24>(report, How::IntoBuffer);
                pairs::<Dense<8>>(report, How::ByValue);
                pairs::<Dense<47>>(report, How::IntoBuffer);
                pairs::<Linked32>(report, How::ByValue);
            }
        });
    }
}

/// The parts of the locks' values, and the protocols that the locks are made of.
fn smaller(report: &Report, wanted: &Wanted) {
    if wanted.part("p") {
        report.part("p", "`update_part` and `read_part` stepped", || {
            fields::<Padded24, u64>(report, &AT, true);
            // An element of a span.
            let element = Field {
                name: "an element",
                part: part!(Padded<25>, 0).index(7),
                get: |value| value.0[7],
                set: |value, element| value.0[7] = element,
            };
            fields::<Padded<25>, Element>(report, &element, wanted.all);
        });
    }
    if wanted.part("byte") {
        report.part("byte", "`AtomicPerByte` alone, stored and loaded, stepped", || {
            bytes::all::<Padded24>(report);
            bytes::all::<Linked32>(report);
            bytes::all::<Dense<200>>(report);
            if wanted.all {
                bytes::all::<Mixed40>(report);
                bytes::all::<Padded<25>>(report);
                bytes::all::<Dense<8>>(report);
                bytes::all::<Dense<31>>(report);
                bytes::all::<Dense<47>>(report);
                bytes::all::<Dense<193>>(report);
            }
        });
    }
    if wanted.part("n") {
        report.part("n", "`SeqCount` of each encoding and `LatchCount` stepped, over `raw`", || count::all(report));
    }
}

fn fields<T: Val, F: Copy + PartialEq>(report: &Report, field: &Field<T, F>, with_whole: bool) {
    part::writers::<T, F, SeqLockPolicy>(report, field);
    part::writers::<T, F, SeqLatchPolicy<2>>(report, field);
    part::writers::<T, F, SeqLatchPolicy<4>>(report, field);
    part::readers::<T, F, SeqLockPolicy>(report, field, with_whole);
    part::readers::<T, F, SeqLatchPolicy<2>>(report, field, with_whole);
    part::readers::<T, F, SeqLatchPolicy<4>>(report, field, with_whole);
}

fn writers<T: Val>(report: &Report) {
    writer::in_all_ways::<T, SeqLockPolicy>(report);
    writer::in_all_ways::<T, SeqLatchPolicy<2>>(report);
    writer::in_all_ways::<T, SeqLatchPolicy<4>>(report);
}

fn writers_by_reference<T: Val>(report: &Report, writes: u64, every: u64) {
    writer::by_reference::<T, SeqLockPolicy>(report, writes, every);
    writer::by_reference::<T, SeqLatchPolicy<2>>(report, writes, every);
    writer::by_reference::<T, SeqLatchPolicy<4>>(report, writes, every);
}

fn readers<T: Val>(report: &Report, hows: &[How], every: u64) {
    for &how in hows {
        reader::stepped::<T, SeqLockPolicy>(report, how, every);
        reader::stepped::<T, SeqLatchPolicy<2>>(report, how, every);
        reader::stepped::<T, SeqLatchPolicy<4>>(report, how, every);
    }
}

fn pairs<T: Val>(report: &Report, how: How) {
    reader::both::<T, SeqLockPolicy>(report, how);
    reader::both::<T, SeqLatchPolicy<2>>(report, how);
    reader::both::<T, SeqLatchPolicy<4>>(report, how);
}

/// Keeps this process and its children on one processor, so that a step is a switch and not a message to another one:
/// on `SEQCOPY_STEP_CPU`, or where this process runs. Returns which.
///
/// # Panics
/// If the system refuses.
fn pin() -> usize {
    use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
    let chosen = std::env::var("SEQCOPY_STEP_CPU").ok().map(|cpu| cpu.parse().expect("the number of a processor"));
    let cpu = chosen.unwrap_or_else(|| sched_getcpu().expect("a processor"));
    let mut set = CpuSet::new();
    set.set(cpu).expect("the number of a processor");
    sched_setaffinity(nix::unistd::Pid::from_raw(0), &set).expect("a processor that this process may use");
    cpu
}
