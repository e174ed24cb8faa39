//! [`WriterLock`]: who may write a region. One lock, held as long as its holder lives.
//!
//! The lock is one of an *open file description* (`fcntl(2)`, "Open file description locks"): the system drops it when the
//! last descriptor of that description is closed, also when the process is killed. Whoever has such a descriptor shares the
//! lock, so it must be one that this process opened for itself: one that was received, duplicated or inherited belongs to
//! somebody else's description, and locking it "again" always succeeds. [`reopen`] makes one from it.

use std::os::fd::{AsFd, OwnedFd};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Mode, OFlags};

use super::error::{REOPENING, io};
use super::fork_guard::ForkGuard;
use super::process::{Identity, Known};
use super::{Error, ErrorKind, Map, WriterState, lock, own_writers};

/// How long a lock is tried of which no running process is known to hold it: its holder may just be coming or going, or be a
/// process that the last writer was starting, which has all that was open there until it runs its own program.
pub(crate) const WAIT: Duration = Duration::from_millis(500);

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: OwnedFd,
    key: own_writers::Key,
    fork_guard: ForkGuard,
    identity: Identity,
}

impl WriterLock {
    /// Locks a region, `map`. `file` must be a descriptor that was opened here and given to nobody.
    pub(crate) fn claim(file: OwnedFd, map: &Map) -> Result<WriterLock, Error> {
        // Before the lock is held, so that few instructions lie between that and the identity.
        let identity = Identity::own();
        let stat = rustix::fs::fstat(&file).map_err(io("looking at it"))?;
        #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // another integer on each system; only compared
        let key = (stat.st_dev as u64, stat.st_ino as u64);
        if !own_writers::insert(key)? {
            return Err(ErrorKind::WriterHere.into());
        }
        let lock = || {
            let fork_guard = ForkGuard::new()?;
            let (began, mut pause) = (Instant::now(), Duration::from_millis(1));
            loop {
                lock::announce(&file);
                if lock::try_write(&file)? {
                    return Ok(fork_guard);
                }
                lock::retract(&file);
                let held_by = state(&file, || map.writer());
                if matches!(held_by, WriterState::Alive { .. }) || began.elapsed() >= WAIT {
                    return Err(ErrorKind::Writer(held_by).into());
                }
                sleep(pause);
                pause = (pause * 2).min(WAIT / 20);
            }
        };
        match lock() {
            Ok(fork_guard) => Ok(WriterLock { file, key, fork_guard, identity }),
            Err(error) => {
                own_writers::remove(key);
                Err(error)
            }
        }
    }

    /// Whether this process was forked from the one that has the right.
    #[inline(always)]
    pub(crate) fn is_forked(&self) -> bool {
        self.fork_guard.is_forked()
    }

    pub(crate) fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// Says in the region who writes it.
    pub(crate) fn record_writer(&self, map: &Map) {
        map.set_writer(&self.identity);
        lock::retract(&self.file);
    }

    /// Says that this process, which lives on, writes no more: until the next writer has signed, the lock is not its.
    pub(crate) fn clear_writer(&self, map: &Map) {
        if !self.is_forked() {
            map.set_writer_gone();
        }
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // In a forked process nothing happens to the parent's lock; and in its table there is no entry of this one.
        if !self.is_forked() {
            // Not left to the end of the descriptor: a process that was forked has one of the same description.
            lock::release(&self.file);
            own_writers::remove(self.key);
        }
    }
}

/// A descriptor of the same file with a description of its own.
pub(crate) fn reopen(file: impl AsFd, writable: bool) -> Result<OwnedFd, Error> {
    use std::os::fd::AsRawFd;
    let flags = if writable { OFlags::RDWR } else { OFlags::RDONLY } | OFlags::CLOEXEC;
    let path = format!("{}/{}", DESCRIPTORS, file.as_fd().as_raw_fd());
    rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(io(REOPENING))
}

/// Where the descriptors of this process lie. Those of `/proc/self` are gone once its first thread has ended.
#[cfg(target_os = "linux")]
pub(crate) const DESCRIPTORS: &str = "/proc/thread-self/fd";
#[cfg(not(target_os = "linux"))]
pub(crate) const DESCRIPTORS: &str = "/dev/fd";

/// Whether a process writes, asked through a descriptor of one's own; `writer` is who signed, and how many did so far.
pub(crate) fn state(file: impl AsFd, writer: impl Fn() -> (Identity, u64)) -> WriterState {
    // Once more if a writer comes meanwhile.
    for _ in 0..3 {
        let (identity, count) = writer();
        match lock::is_locked(&file) {
            Ok(false) if count == 0 => return WriterState::Never,
            Ok(false) => return WriterState::Gone,
            // Without an answer of the system's, that of the process table must do.
            _ => {}
        }
        match identity.look() {
            Known::Runs => return WriterState::Alive { pid: identity.pid },
            Known::Nothing => return WriterState::Held,
            Known::Ended => {}
        }
        // The holder of the lock may be a writer that has not signed yet: that one is announced, or has signed by now.
        if lock::is_announced(&file) {
            return WriterState::Held;
        }
        if matches!(lock::is_locked(&file), Ok(true)) && writer() == (identity, count) {
            return WriterState::Orphaned { pid: identity.pid };
        }
    }
    WriterState::Held
}

/// Whether no process writes, as far as the system can say.
pub(crate) fn is_free(file: impl AsFd) -> bool {
    matches!(lock::is_locked(file), Ok(false))
}
