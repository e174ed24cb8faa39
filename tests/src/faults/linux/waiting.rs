//! Waiting for values of other processes: what a peer does, and how a test knows that it sleeps.

use std::fs;
use std::time::Duration;

use nix::libc;
use seqcopy_shm::{Reader, Writer};

use super::super::{Beat, Small};

/// No time limit: a wake-up that is lost shows as a peer that never answers.
pub const NO_LIMIT: Duration = Duration::MAX;

/// Nanoseconds of a clock that all processes share, and that never steps back.
///
/// # Panics
/// If there is no such clock.
#[must_use]
pub fn nanoseconds() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a local.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) }, 0);
    u64::try_from(now.tv_sec).expect("a time") * 1_000_000_000 + u64::try_from(now.tv_nsec).expect("a time")
}

/// Waits until the value of this number is there; returns the numbers that were seen.
///
/// # Panics
/// If a wait that has no limit ends without a new version, or a value can't be read.
#[must_use]
pub fn wait_for(reader: &Reader<Small>, number: u64) -> String {
    let mut seen = Vec::new();
    loop {
        let version = reader.version();
        if let Ok(value) = reader.read() {
            let found = value.number().expect("a whole value");
            if seen.last() != Some(&found) {
                seen.push(found);
            }
            if found >= number {
                return format!("seen {seen:?}");
            }
        }
        assert!(reader.wait(version, NO_LIMIT), "time was up");
        assert!(reader.has_changed(version) || reader.region().is_closed(), "nothing has changed");
        if reader.region().is_closed() {
            return format!("closed after {seen:?}");
        }
    }
}

/// Answers each value by one of the same number in another region; the numbers are times at which the values were
/// written. Returns how long after these the wait ended.
///
/// # Panics
/// As for `wait_for`.
pub fn echo(reader: &Reader<Small>, writer: &mut Writer<Small>, rounds: u64) -> String {
    let mut version = reader.version();
    let mut delays: Vec<u64> = (0..rounds).map(|_| answer(reader, writer, &mut version)).collect();
    delays.sort_unstable();
    let at = |percent: usize| delays[(delays.len() - 1) * percent / 100];
    format!("{} rounds, median {} ns, 99% {} ns, most {} ns", delays.len(), at(50), at(99), at(100))
}

fn answer(reader: &Reader<Small>, writer: &mut Writer<Small>, version: &mut seqcopy::Version) -> u64 {
    assert!(reader.wait(*version, NO_LIMIT), "time was up");
    let ended = nanoseconds();
    let (value, found) = reader.read_versioned().expect("a value");
    assert_eq!(found.writes_since(*version), 1, "a version too many, or none");
    *version = found;
    let number = value.number().expect("a whole value");
    writer.write(Beat::of(number)).expect("not forked");
    writer.wake();
    ended - number
}

/// Whether the process, which has one thread, sleeps in the system call of a futex.
///
/// # Panics
/// If `/proc` does not say what a process does.
#[must_use]
pub fn sleeps_in_futex(pid: u32) -> bool {
    let call = fs::read_to_string(format!("/proc/{pid}/syscall")).expect("root, or the same user");
    // The second is how a sleep goes on that a signal has stopped.
    [libc::SYS_futex, libc::SYS_restart_syscall]
        .iter()
        .any(|number| call.split(' ').next() == Some(&number.to_string()))
}
