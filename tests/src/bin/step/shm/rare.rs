//! Parts `close` and `rare`: what a writer does once, killed.
//!
//! `take_over` and `create` have tens of thousands of instructions, and a kill behind the last one steps all of them. So one pass finds
//! out where anything changes that other processes can see: names in the directory, behind each system call, and the region's header.
//! Two kills between the same two changes leave the same bytes, and the same lock, since a lock is changed by system calls only. The
//! kills are made within three instructions of each change and each system call, and behind every so-manieth instruction.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

use seqcopy_shm::{ErrorKind, Options, Writer, WriterState};
use seqcopy_tests::faults::Place;

use super::{Readers, Shareable, Source, make};
use crate::report::Report;
use crate::trace::{Child, Next, mark};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    TakeOver,
    Create,
    Drop,
    Close,
}

/// Values that a region has before.
const VALUES: u64 = 3;

fn spawn<T: Shareable>(what: What, buffers: u32, path: &Path) -> Child {
    Child::spawn(|| match what {
        What::TakeOver => {
            mark();
            let writer = Writer::<T>::take_over(black_box(path));
            mark();
            std::mem::forget(writer.expect("a region without a writer"));
            mark();
        }
        What::Create => {
            let options = Options::new().buffers(buffers);
            mark();
            let writer = options.create::<T>(black_box(path));
            mark();
            std::mem::forget(writer.expect("a new region"));
            mark();
        }
        What::Drop => {
            let writer = Writer::<T>::take_over(path).expect("a region without a writer");
            mark();
            drop(writer);
            mark();
        }
        What::Close => {
            let writer = Writer::<T>::take_over(path).expect("a region without a writer");
            mark();
            let closed = writer.close();
            mark();
            closed.expect("a file of its own");
        }
    })
}

/// What other processes can see: names, and the beginning of the region.
fn visible(place: &Place, file: Option<&File>) -> (Vec<String>, Vec<u8>) {
    let mut header = vec![0; 256];
    if let Some(file) = file {
        file.read_exact_at(&mut header, 0).expect("a region");
    }
    (place.names(), header)
}

struct Pass {
    all: u64,
    calls: u64,
    changes: u64,
    /// Behind which instructions the kills are.
    behind: Vec<u64>,
}

/// Steps it once. What all processes see of a process that is stopped there is printed, where it changes.
fn pass<T: Shareable>(report: &Report, place: &Place, what: What, buffers: u32, every: u64) -> Pass {
    let path = place.at("rare");
    let name = format!("rare: {what:?} region of {buffers} {}", T::NAME);
    let mut readers = (what != What::Create).then(|| make::<T>(&path, buffers, VALUES));
    let file = readers.as_ref().map(|readers| File::from(readers.region.share().expect("a descriptor")));
    let mut child = spawn::<T>(what, buffers, &path);
    child.go_to_mark();
    let mut before = visible(place, file.as_ref());
    let (mut all, mut edges, mut calls, mut changes, mut said) = (0_u64, vec![0_u64], 0_u64, 0_u64, String::new());
    loop {
        let next = child.next();
        if next == Next::End {
            break;
        }
        child.step();
        all += 1;
        let is_call = next == Next::Syscall;
        // Names change by system calls only.
        let now = if is_call {
            visible(place, file.as_ref())
        } else if file.is_some() {
            (before.0.clone(), visible(place, file.as_ref()).1)
        } else {
            continue;
        };
        let has_changed = now != before;
        before = now;
        changes += u64::from(has_changed);
        calls += u64::from(is_call);
        if !has_changed && !is_call {
            continue;
        }
        edges.push(all);
        if readers.is_none() && before.0 == ["rare"] {
            readers = Some(Readers::open(Source::Path(path.clone())));
        }
        let Some(readers) = &mut readers else { continue };
        let state = readers.reader.writer_state();
        report.check(!matches!(state, WriterState::Orphaned { .. }), || {
            format!("{name}: stopped behind {all}, it has no child, and is {state:?}")
        });
        let pid = child.pid().to_string();
        let version = if what == What::Create { 0 } else { VALUES };
        let seen = format!("{} {state:?}", readers.attempt(version)).replace(&pid, "its own");
        let seen = seen.replace(&std::process::id().to_string(), "the one before");
        if seen != said {
            println!("{name}: stopped behind {all}: {seen}");
            said = seen;
        }
    }
    let near = edges.iter().flat_map(|edge| edge.saturating_sub(3)..=edge + 3).filter(|k: &u64| *k <= all);
    let mut behind: Vec<u64> = (0..=all).filter(|k| k % every == 0).chain(near).chain([all]).collect();
    behind.sort_unstable();
    behind.dedup();
    report.count(|counts| counts.steps += all);
    Pass { all, calls, changes, behind }
}

/// What is left of a process that was killed, in words; an error if that is nothing a user can go on with.
fn left<T: Shareable>(what: What, buffers: u32, place: &Place, readers: Option<Readers<T>>) -> Result<String, String> {
    let path = place.at("rare");
    let names = place.names();
    if !(names == ["rare"] || names.is_empty()) {
        return Err(format!("left in the directory: {names:?}"));
    }
    let (mut readers, version) = match readers {
        None if names.is_empty() => return Ok("nothing".to_owned()),
        None => (Readers::<T>::open(Source::Path(path.clone())), 0),
        Some(readers) => (readers, VALUES),
    };
    let seen = format!("{} {}", readers.attempt(version), readers.wait(version));
    let is_right = match what {
        What::TakeOver | What::Drop => seen == "ooo ooooooo",
        What::Create => seen == "EEE EEEEEEE",
        What::Close => ["ooo ooooooo", "CCC CCCCCcc", "CCC CCCCC--"].contains(&&*seen),
    };
    let state = readers.reader.writer_state();
    let state_is_right = state == WriterState::Gone || what == What::Close && state == WriterState::Never;
    if !is_right || !state_is_right {
        return Err(format!("readers see {seen}, the writer is {state:?}"));
    }
    let taken = Writer::<T>::take_over(&path).map(|mut writer| {
        writer.write_from(&T::of(version + 1)).expect("no fork");
        readers.wait(version)
    });
    let made = Options::new().buffers(buffers).create::<T>(&path);
    let next = match (taken, made) {
        (Ok(after), Err(error)) if after == "nnnnnnn" && matches!(error.kind(), ErrorKind::Exists { .. }) => {
            "take_over"
        }
        (Err(_), Ok(_)) => "create",
        (taken, made) => return Err(format!("readers see {seen}; take_over: {taken:?}, create: {made:?}")),
    };
    Ok(format!("readers see {seen}, the writer is {state:?}, {next} works"))
}

/// Killed near each change and system call, and behind every so-manieth instruction.
pub(crate) fn each<T: Shareable>(report: &Report, place: &Place, what: What, buffers: u32, every: u64) {
    let path = place.at("rare");
    let name = format!("rare: {what:?} region of {buffers} {}", T::NAME);
    let Pass { all, calls, changes, behind } = pass::<T>(report, place, what, buffers, every);
    let mut table: Vec<(u64, u64, String)> = Vec::new();
    for &k in &behind {
        let _ = std::fs::remove_file(&path);
        let readers = (what != What::Create).then(|| make::<T>(&path, buffers, VALUES));
        let mut child = spawn::<T>(what, buffers, &path);
        child.go_to_mark();
        child.steps(k);
        let steps = child.steps;
        child.kill();
        report.count(|counts| {
            counts.steps += steps;
            counts.kills += 1;
        });
        let result = left(what, buffers, place, readers);
        report.check(result.is_ok(), || format!("{name}: killed behind {k} of {all}: {}", result.clone().unwrap_err()));
        let seen = result.unwrap_or_else(|what| what);
        match table.last_mut() {
            Some(last) if last.2 == seen => last.1 = k,
            _ => table.push((k, k, seen)),
        }
    }
    let _ = std::fs::remove_file(&path);
    for (from, to, seen) in &table {
        println!("{name}: killed behind {from} to {to}: {seen}");
    }
    println!(
        "{name}: {all} instructions, {calls} system calls, {changes} changes that others see, {} kills",
        behind.len()
    );
}
