//! Parts `close` and `rare`: what a writer does once, killed.
//!
//! `take_over` and `create` have tens of thousands of instructions, and a kill after the last one steps all of them. So
//! one pass finds out where anything changes that other processes can see: names in the directory, after each system
//! call, and the region's header. Two kills between the same two changes leave the same bytes, and the same lock, since
//! a lock is changed by system calls only. The kills are made within three instructions of each change and each system
//! call, and after every n-th instruction. A child that is to be killed runs up to the last system call before that
//! place, and is stepped from there on.

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;

use seqcopy_shm::{ErrorKind, Options, Writer, WriterState};
use seqcopy_tests::faults::Place;

use super::{Readers, Shareable, Source, make, make_memfd};
use crate::next::Next;
use crate::report::Report;
use crate::trace::{Child, mark};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    TakeOver,
    /// The take-over of a memfd.
    TakeOverFd,
    Create,
    /// On a file system without files that have no name.
    CreateNamed,
    Drop,
    Close,
}

/// Values that a region has before.
pub(crate) const VALUES: u64 = 3;

impl What {
    /// The region before, if there is one.
    fn make<T: Shareable>(self, buffers: u32, path: &Path) -> Option<Readers<T>> {
        match self {
            What::TakeOver | What::Drop | What::Close => Some(make::<T>(path, buffers, VALUES)),
            What::TakeOverFd => Some(make_memfd::<T>(buffers, VALUES)),
            What::Create | What::CreateNamed => None,
        }
    }

    /// The version of its value.
    fn version(self) -> u64 {
        if matches!(self, What::Create | What::CreateNamed) { 0 } else { VALUES }
    }
}

fn spawn<T: Shareable>(what: What, buffers: u32, path: &Path, readers: Option<&Readers<T>>) -> Child {
    let mut child = Child::spawn(|| match what {
        What::TakeOver | What::TakeOverFd => {
            let source = &readers.expect("a region").source;
            mark();
            let writer = black_box(source).take_over::<T>();
            mark();
            std::mem::forget(writer.expect("a region without a writer"));
            mark();
        }
        What::Create | What::CreateNamed => {
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
    });
    child.go_to_mark();
    if what == What::CreateNamed {
        child.refuse_nameless_files();
    }
    child
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
    /// Behind which instructions it has returned from a system call.
    calls: Vec<u64>,
    changes: u64,
    /// Behind which instructions the kills are.
    after: Vec<u64>,
}

/// Steps it once. What all processes see of a process that is stopped there is printed, where it changes.
fn pass<T: Shareable>(report: &Report, place: &Place, what: What, buffers: u32, every: u64) -> Pass {
    let path = place.at("rare");
    let name = format!("rare: {what:?} region of {buffers} {}", T::NAME);
    let share = |readers: &Readers<T>| File::from(readers.region.share().expect("a descriptor"));
    let mut readers = what.make::<T>(buffers, &path);
    let mut file = readers.as_ref().map(share);
    let mut child = spawn::<T>(what, buffers, &path, readers.as_ref());
    let mut before = visible(place, file.as_ref());
    let (mut all, mut edges, mut calls, mut changes, mut said) = (0_u64, vec![0_u64], Vec::new(), 0_u64, String::new());
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
        if is_call {
            calls.push(all);
        }
        if !has_changed && !is_call {
            continue;
        }
        edges.push(all);
        if readers.is_none() && before.0.iter().any(|name| name == "rare") {
            let new = Readers::open(Source::Path(path.clone()));
            file = Some(share(&new));
            before = visible(place, file.as_ref());
            readers = Some(new);
        }
        let Some(readers) = &mut readers else { continue };
        let state = readers.reader.writer_state();
        report.check(!matches!(state, WriterState::Orphaned { .. }), || {
            format!("{name}: stopped after {all}, it has no child, and is {state:?}")
        });
        let pid = child.pid().to_string();
        let seen = format!("{} {state:?}", readers.attempt(what.version())).replace(&pid, "its own");
        let seen = seen.replace(&std::process::id().to_string(), "the one before");
        if seen != said {
            println!("{name}: stopped after {all}: {seen}");
            said = seen;
        }
    }
    let after = places(&edges, all, every);
    report.count(|counts| counts.steps += all);
    Pass { all, calls, changes, after }
}

/// Within three instructions of each of these, and after every n-th.
pub(crate) fn places(edges: &[u64], all: u64, every: u64) -> Vec<u64> {
    let near = edges.iter().flat_map(|edge| edge.saturating_sub(3)..=edge + 3).filter(|k: &u64| *k <= all);
    let mut after: Vec<u64> = (0..=all).filter(|k| k % every == 0).chain(near).chain([all]).collect();
    after.sort_unstable();
    after.dedup();
    after
}

/// Leads a child after instruction `k`; `calls` says after which instructions it returns from system calls.
pub(crate) fn lead(child: &mut Child, k: u64, calls: &[u64]) {
    let before = calls.partition_point(|call| *call <= k);
    child.run_through_calls(before);
    child.steps(k - before.checked_sub(1).map_or(0, |last| calls[last]));
}

/// What is left of a process that was killed, in words; an error if that is nothing a user can go on with.
fn left<T: Shareable>(what: What, buffers: u32, place: &Place, readers: Option<Readers<T>>) -> Result<String, String> {
    let path = place.at("rare");
    let mut names = place.names();
    // What is said in seqcopy-shm/docs/guide/guarantees.md: only there, and only one.
    let temporary = names.iter().position(|name| what == What::CreateNamed && name.starts_with(".rare."));
    let temporary = temporary.map(|at| names.remove(at));
    let beside = if temporary.is_some() { "a file with a temporary name, and " } else { "" };
    let remove =
        || temporary.iter().for_each(|name| std::fs::remove_file(place.at(name)).expect("a file of this program"));
    if !(names == ["rare"] || names.is_empty()) {
        return Err(format!("left in the directory: {names:?}"));
    }
    let is_here = !names.is_empty();
    let mut readers = match readers {
        None if !is_here => {
            // The next one is not disturbed by what is left.
            let made =
                Options::new().buffers(buffers).create::<T>(&path).map(|mut writer| writer.write_from(&T::of(1)));
            remove();
            return match made {
                Ok(Ok(())) if place.names() == ["rare"] => Ok(format!("{beside}no region, create works")),
                made => Err(format!("{beside}no region, then {:?}, create: {made:?}", place.names())),
            };
        }
        None => Readers::<T>::open(Source::Path(path.clone())),
        Some(readers) => readers,
    };
    remove();
    let version = what.version();
    let seen = format!("{} {}", readers.attempt(version), readers.wait(version));
    let is_right = match what {
        What::TakeOver | What::Drop => seen == "ooo ooooooo",
        What::TakeOverFd => seen == "ooo oooooo",
        What::Create | What::CreateNamed => seen == "EEE EEEEEEE",
        What::Close => ["ooo ooooooo", "CCC CCCCCcc", "CCC CCCCC--"].contains(&&*seen),
    };
    let state = readers.reader.writer_state();
    let state_is_right = state == WriterState::Gone || what == What::Close && state == WriterState::Never;
    if !is_right || !state_is_right {
        return Err(format!("readers see {seen}, the writer is {state:?}"));
    }
    let taken = readers.source.take_over::<T>().map(|mut writer| {
        let begins = writer.version().to_bits();
        writer.write_from(&T::of(version + 1)).expect("no fork");
        let after = readers.wait(version);
        begins == version && after.chars().all(|letter| letter == 'n')
    });
    let made = Options::new().buffers(buffers).create::<T>(&path);
    let next = match (taken, made) {
        (Ok(true), Err(error)) if is_here && matches!(error.kind(), ErrorKind::Exists { .. }) => "take_over",
        (Ok(true), Ok(_)) if what == What::TakeOverFd => "take_over_fd",
        (Err(_), Ok(_)) => "create",
        (taken, made) => return Err(format!("readers see {seen}; take_over: {taken:?}, create: {made:?}")),
    };
    Ok(format!("{beside}readers see {seen}, the writer is {state:?}, {next} works"))
}

/// Killed near each change and system call, and after every n-th instruction.
pub(crate) fn each<T: Shareable>(report: &Report, place: &Place, what: What, buffers: u32, every: u64) {
    let path = place.at("rare");
    let name = format!("rare: {what:?} region of {buffers} {}", T::NAME);
    let Pass { all, calls, changes, after } = pass::<T>(report, place, what, buffers, every);
    let mut table: Vec<(u64, u64, String)> = Vec::new();
    for &k in &after {
        let _ = std::fs::remove_file(&path);
        let readers = what.make::<T>(buffers, &path);
        let mut child = spawn::<T>(what, buffers, &path, readers.as_ref());
        lead(&mut child, k, &calls);
        let steps = child.steps;
        child.kill();
        report.count(|counts| {
            counts.steps += steps;
            counts.kills += 1;
        });
        let result = left(what, buffers, place, readers);
        report.check(result.is_ok(), || format!("{name}: killed after {k} of {all}: {}", result.clone().unwrap_err()));
        let seen = result.unwrap_or_else(|what| what);
        match table.last_mut() {
            Some(last) if last.2 == seen => last.1 = k,
            _ => table.push((k, k, seen)),
        }
    }
    let _ = std::fs::remove_file(&path);
    for (from, to, seen) in &table {
        println!("{name}: killed after {from} to {to}: {seen}");
    }
    println!(
        "{name}: {all} instructions, {} system calls, {changes} changes that others see, {} kills",
        calls.len(),
        after.len()
    );
}
