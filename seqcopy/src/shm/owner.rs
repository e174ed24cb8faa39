//! [`Owner`]: who may write a region. One lock, held as long as its holder lives.
//!
//! The lock is one of an *open file description* (`fcntl(2)`, "Open file description locks"): the system drops it when the
//! last descriptor of that description is closed, also when the process is killed. Whoever has such a descriptor shares the
//! lock, so it must be one that this process opened for itself: one that was received, duplicated or inherited belongs to
//! somebody else's description, and locking it "again" always succeeds. [`reopen`] makes one from it.

use std::collections::HashSet;
use std::fmt;
use std::format;
use std::fs::{self, File};
use std::os::fd::{AsFd, OwnedFd};
use std::string::String;
use std::sync::{Mutex, PoisonError};

use rustix::fs::{CWD, Mode, OFlags};

use super::alone::Alone;
use super::error::io;
use super::{Error, ErrorKind, Map};

/// How often a lock is tried of which nobody who lives says that it is his: for half a second, for [`state`] takes its time.
const ATTEMPTS: u32 = 20;

/// When a writer began that has given up writing: no process did then.
const NO_MORE: u64 = u64::MAX;

/// The regions that this process writes: process, device, file. The process is part of it because a fork inherits the table.
static HERE: Mutex<Option<HashSet<(u32, u64, u64)>>> = Mutex::new(None);

fn here<R>(act: impl FnOnce(&mut HashSet<(u32, u64, u64)>) -> R) -> R {
    // A panic in here leaves the table as it was before.
    act(HERE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// Whether somebody writes a region.
///
/// ```
/// # use seqcopy::shm::{self, Reader, Writer, WriterState};
/// # let path = shm::named(&format!("seqcopy-doc-state-{}", std::process::id()));
/// let writer = Writer::<u64>::create(&path)?;
/// let reader = Reader::<u64>::open(&path)?;
/// assert_eq!(reader.writer_state(), WriterState::Alive { pid: std::process::id() });
/// drop(writer);
/// assert_eq!(reader.writer_state(), WriterState::Gone);
/// # std::fs::remove_file(&path).unwrap();
/// # Ok::<(), shm::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriterState {
    /// A writer has it.
    Alive {
        /// Which process: a hint, left by itself.
        pid: u32,
    },
    /// There was one, and nobody has taken over yet.
    Gone,
    /// The writer is gone, but a process that it forked still holds its lock: nobody can take over until that one ends.
    Orphaned {
        /// The process that wrote.
        pid: u32,
    },
    /// There was none yet.
    Never,
}

impl fmt::Display for WriterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriterState::Alive { pid } => write!(f, "alive (process {pid})"),
            WriterState::Gone => f.write_str("gone"),
            WriterState::Orphaned { pid } => {
                write!(f, "orphaned (process {pid} writes no more, but a child of it holds its lock)")
            }
            WriterState::Never => f.write_str("yet to come"),
        }
    }
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Owner {
    file: OwnedFd,
    key: (u32, u64, u64),
    alone: Alone,
}

impl Owner {
    /// Locks a region, `map`. `file` must be a descriptor that was opened here and given to nobody.
    pub(crate) fn claim(file: OwnedFd, map: &Map) -> Result<Owner, Error> {
        let stat = rustix::fs::fstat(&file).map_err(io("looking at it"))?;
        #[allow(clippy::cast_sign_loss, clippy::unnecessary_cast)] // another integer on each system; only compared
        let key = (std::process::id(), stat.st_dev as u64, stat.st_ino as u64);
        if !here(|table| table.insert(key)) {
            return Err(ErrorKind::WriterHere.into());
        }
        let lock = || {
            let alone = Alone::new()?;
            let mut held_by = WriterState::Gone;
            for _ in 0..ATTEMPTS {
                if lock::try_write(&file)? {
                    return Ok(alone);
                }
                held_by = state(&file, map);
                // Its holder may just be coming or going; and a process that the last writer was starting holds all that was
                // open there until it runs its own program.
                if matches!(held_by, WriterState::Alive { .. }) {
                    break;
                }
            }
            Err(ErrorKind::Writer(held_by).into())
        };
        match lock() {
            Ok(alone) => Ok(Owner { file, key, alone }),
            Err(error) => {
                here(|table| table.remove(&key));
                Err(error)
            }
        }
    }

    /// Whether this process was forked from the one that has the right.
    #[inline(always)]
    pub(crate) fn is_forked(&self) -> bool {
        self.alone.is_forked()
    }

    pub(crate) fn file(&self) -> &OwnedFd {
        &self.file
    }

    /// Leaves the hint for whoever asks.
    pub(crate) fn sign(&self, map: &Map) {
        map.set_writer(self.key.0, began(self.key.0).unwrap_or(0));
    }

    /// Says that this process, which lives on, writes no more: a child of it may still hold the lock.
    pub(crate) fn sign_off(&self, map: &Map) {
        if !self.is_forked() {
            map.set_writer_began(NO_MORE);
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // The lock goes with the descriptor. It is not unlocked by hand: in a forked process that would take it from the
        // parent. There the table has no entry of this process's, and nothing happens to the parent's.
        if !self.is_forked() {
            here(|table| table.remove(&self.key));
        }
    }
}

/// A descriptor of the same file with a description of its own.
pub(crate) fn reopen(file: impl AsFd, writable: bool) -> Result<OwnedFd, Error> {
    use std::os::fd::AsRawFd;
    let flags = if writable { OFlags::RDWR } else { OFlags::RDONLY } | OFlags::CLOEXEC;
    let path = format!("{}/{}", DESCRIPTORS, file.as_fd().as_raw_fd());
    rustix::fs::openat(CWD, path, flags, Mode::empty()).map_err(io("opening it once more"))
}

#[cfg(target_os = "linux")]
const DESCRIPTORS: &str = "/proc/self/fd";
#[cfg(not(target_os = "linux"))]
const DESCRIPTORS: &str = "/dev/fd";

/// Whether somebody writes, asked through a descriptor of one's own.
pub(crate) fn state(file: impl AsFd, map: &Map) -> WriterState {
    // A writer that is just coming holds the lock before it has signed: so an answer that sounds wrong is asked for again.
    for patience in [1, 5, 20] {
        let (pid, start, count) = map.writer();
        match lock::is_locked(&file) {
            Ok(false) if count == 0 => return WriterState::Never,
            Ok(false) => return WriterState::Gone,
            // Without an answer of the system's, what the process table says must do.
            _ if pid != 0 && is_alive(pid, start) => return WriterState::Alive { pid },
            _ => std::thread::sleep(std::time::Duration::from_millis(patience)),
        }
    }
    WriterState::Orphaned { pid: map.writer().0 }
}

/// Whether nobody writes, as far as the system can say.
pub(crate) fn is_free(file: impl AsFd) -> bool {
    matches!(lock::is_locked(file), Ok(false))
}

/// Whether the process that signed still is the one with that number.
fn is_alive(pid: u32, start: u64) -> bool {
    match began(pid) {
        _ if start == NO_MORE => false,
        Some(now) => start == 0 || now == start,
        None => !cfg!(target_os = "linux"),
    }
}

/// When a process began, in ticks since the system did.
fn began(pid: u32) -> Option<u64> {
    // A name is bytes: the system cuts those of programs off, in the middle of a letter if need be.
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // Behind the name, which may hold anything: the state, and 18 fields later the start (proc_pid_stat(5), field 22).
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let start = fields.nth(18)?.parse().ok();
    // A process that ended and was not waited for holds nothing any more.
    start.filter(|_| state != "Z")
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod lock {
    use std::os::fd::AsFd;

    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, flock};

    use super::Error;
    use crate::shm::error::io;

    /// The first byte: all writers ask for the same.
    #[allow(clippy::cast_possible_truncation)] // small constants
    fn region(kind: c_int) -> flock {
        flock { l_type: kind as i16, l_whence: SEEK_SET as i16, l_start: 0, l_len: 1, l_pid: 0 }
    }

    pub(super) fn try_write(file: impl AsFd) -> Result<bool, Error> {
        match fcntl(file.as_fd(), FcntlArg::F_OFD_SETLK(&region(F_WRLCK))) {
            Ok(_) => Ok(true),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => Ok(false),
            Err(error) => Err(io("locking it")(error)),
        }
    }

    pub(super) fn is_locked(file: impl AsFd) -> Result<bool, Error> {
        // A lock for reading is what a read-only descriptor may ask about; it conflicts with a writer's.
        let mut answer = region(F_RDLCK);
        fcntl(file.as_fd(), FcntlArg::F_OFD_GETLK(&mut answer)).map_err(io("asking for its lock"))?;
        Ok(c_int::from(answer.l_type) != F_UNLCK)
    }
}

/// `flock(2)`: it too belongs to the open file description. It can't be asked about, only tried.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod lock {
    use std::os::fd::AsFd;

    use rustix::fs::FlockOperation;
    use rustix::io::Errno;

    use super::Error;
    use crate::shm::error::io;

    pub(super) fn try_write(file: impl AsFd) -> Result<bool, Error> {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(io("locking it")(error)),
        }
    }

    pub(super) fn is_locked(file: impl AsFd) -> Result<bool, Error> {
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => {
                let _ = rustix::fs::flock(&file, FlockOperation::Unlock);
                Ok(false)
            }
            Err(Errno::WOULDBLOCK) => Ok(true),
            Err(error) => Err(io("asking for its lock")(error)),
        }
    }
}

/// A file that this process opened by path, or by a path of its own descriptor.
pub(crate) fn open(path: &std::path::Path, writable: bool) -> Result<OwnedFd, Error> {
    let mut options = File::options();
    // Not to wait for ever at a pipe that somebody put there, nor to get a terminal that way.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    #[allow(clippy::cast_possible_wrap)] // flags
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
    Ok(options.read(true).write(writable).open(path).map_err(io("opening it"))?.into())
}
