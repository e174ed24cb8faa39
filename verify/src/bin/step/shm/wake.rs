//! Part `wake`: a writer killed after each instruction of `wake`, with a process that sleeps until there is a value;
//! and a process killed while it sends a region.

use std::hint::black_box;
use std::io::ErrorKind as IoKind;
use std::os::unix::net::UnixStream;

use nix::libc::SYS_sendmsg;
use seqcopy_shm::{ErrorKind, Reader, Region, Writer};
use seqcopy_tests::faults::{NO_LIMIT, Place, sleeps_in_futex};

use super::rare::{VALUES, lead, places};
use super::{Shareable, Source, bytes, make, make_memfd};
use crate::next::Next;
use crate::reader::Mailbox;
use crate::report::Report;
use crate::trace::{Child, mark};

/// A value is written, and its writer is killed on its way through `wake`. The sleeper sleeps until the system call, or
/// until the next writer takes over, and then reads that value.
pub(crate) fn woken<T: Shareable>(report: &Report, place: &Place, buffers: u32) {
    let path = place.at("woken");
    let name = format!("wake: region of {buffers} {}", T::NAME);
    let (mut steps, mut kills, mut by_wake) = (0, 0, 0);
    for after in 0.. {
        drop(make::<T>(&path, buffers, VALUES));
        let mailbox = Mailbox::<T>::new();
        let mut writer = Child::spawn(|| {
            let mut writer = Writer::<T>::take_over(&path).expect("a region without a writer");
            mark();
            writer.write_from(&T::of(VALUES + 1)).expect("no fork");
            mark();
            black_box(&writer).wake();
            mark();
        });
        writer.go_to_mark();
        let mut sleeper = Child::spawn(|| {
            let reader = Reader::<T>::open(&path).expect("a region");
            let has_changed = reader.wait(reader.version(), NO_LIMIT);
            mailbox.post_result(reader.read().map_err(|_| seqcopy::ReadError::Torn));
            assert!(has_changed);
            mark();
        });
        sleeper.start();
        while !sleeps_in_futex(sleeper.pid()) {
            std::thread::yield_now();
        }
        writer.go_to_mark();
        let mut has_called = false;
        let mut done = 0;
        while done < after && writer.next() != Next::End {
            has_called |= writer.next() == Next::Syscall;
            writer.step();
            done += 1;
        }
        let is_end = writer.next() == Next::End;
        steps += writer.steps;
        writer.kill();
        kills += 1;
        by_wake += u64::from(has_called);
        if !has_called {
            report.check(sleeps_in_futex(sleeper.pid()), || format!("{name}: {after}: the sleeper is awake already"));
            drop(Source::Path(path.clone()).take_over::<T>().expect("a region without a writer"));
        }
        let is_awake = sleeper.arrives();
        report.check(is_awake, || {
            format!("{name}: killed after {after}, after the system call {has_called}: it sleeps on")
        });
        let read = mailbox.read();
        report.check(read.as_ref().ok() == Some(&T::of(VALUES + 1)), || {
            format!("{name}: killed after {after}: the one that was woken reads another value, or {:?}", read.err())
        });
        if is_end {
            break;
        }
    }
    report.check(by_wake > 0, || format!("{name}: a `wake` makes no system call"));
    report.count(|counts| {
        counts.steps += steps;
        counts.kills += kills;
    });
    println!("{name}: {kills} kills, {by_wake} of them after the system call");
}

/// A region arrives whole if its process has made the call that sends, and else not at all. Which instruction that is
/// differs from one process to the next: what comes before it depends on numbers of descriptors and on places in
/// memory.
pub(crate) fn sent<T: Shareable>(report: &Report) {
    let readers = make_memfd::<T>(2, VALUES);
    let name = "wake: a region sent".to_owned();
    let spawn = || {
        let (here, there) = UnixStream::pair().expect("sockets");
        let mut child = Child::spawn(|| {
            mark();
            let sent = black_box(&readers.region).send(black_box(&there));
            mark();
            sent.expect("an open socket");
        });
        child.go_to_mark();
        child.note_calls();
        (here, child)
    };
    let (here, mut child) = spawn();
    let (mut all, mut calls) = (0, Vec::new());
    while child.next() != Next::End {
        let is_call = child.next() == Next::Syscall;
        child.step();
        all += 1;
        if is_call {
            calls.push(all);
        }
    }
    drop((here, child));
    let (mut arrived, mut steps) = (0, all);
    let after = places(&calls, all, 97);
    for &k in &after {
        let (here, mut child) = spawn();
        lead(&mut child, k, &calls);
        steps += child.steps;
        let has_sent = child.calls_of(SYS_sendmsg) > 0;
        child.kill();
        let is_here = match Region::receive(&here) {
            Ok(region) => {
                let seen = bytes::<T>(&region.read_bytes(), VALUES);
                report.check(seen == 'o', || format!("{name}: killed after {k}: of what arrives readers see {seen}"));
                true
            }
            Err(error) => {
                let is_end =
                    matches!(error.kind(), ErrorKind::Io { source, .. } if source.kind() == IoKind::UnexpectedEof);
                report.check(is_end, || format!("{name}: killed after {k}: {error}"));
                false
            }
        };
        report.check(is_here == has_sent, || {
            format!("{name}: killed after {k}: it has sent it: {has_sent}, it arrives: {is_here}")
        });
        arrived += usize::from(is_here);
    }
    let before = after.len() - arrived;
    report.check(before > 0 && arrived > 0, || format!("{name}: {arrived} of {} arrive", after.len()));
    report.count(|counts| {
        counts.steps += steps;
        counts.kills += after.len() as u64;
    });
    println!(
        "{name}: {all} instructions, {} system calls, {} kills, {before} of them before it has arrived",
        calls.len(),
        after.len()
    );
}
