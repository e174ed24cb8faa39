//! [`WriterLock`] is the right to write a region. It is a file lock that is held until the writer is dropped or its
//! process ends. This file also has a table of the regions that this process writes, so that a second writer in the
//! same process is told apart from one in another process.
//!
//! A forked process has its own table, which is empty at first. It never uses its parent's: another thread of the
//! parent may have held that table's mutex at the moment of the fork, and would never release it.
//!
//! The lock is one of an *open file description* (`fcntl(2)`, "Open file description locks"): the system releases it
//! when the last descriptor of that description is closed, also when the process is killed. Every process that has such
//! a descriptor shares the lock, so this process must open its own: a descriptor that was received, duplicated or
//! inherited belongs to another process's description, and locking it "again" always succeeds. [`reopen`] opens a new
//! one from it.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, REOPENING, WriteError, WriterState, io};
use crate::mapping::Mmap;
use crate::sys::fork::ForkGuard;
use crate::sys::lost::{LOST, MAY_WRITE};
use crate::sys::process::{Identity, ProcessState};
use crate::sys::{AsHandle, Handle, file as files, lock as file_lock};

/// Device and inode of a file.
pub(crate) type Key = files::Id;

/// A table with the process that it belongs to.
struct Table {
    fork_guard: ForkGuard,
    keys: Mutex<BTreeSet<Key>>,
}

/// The newest table. It belongs to this process or to an ancestor, or it is null. Tables are never freed.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(core::ptr::null_mut());

/// The table of this process.
fn table() -> Result<&'static Table, Error> {
    let mut found = TABLE.load(Ordering::Acquire);
    loop {
        // SAFETY: null, or a table that was leaked below, which nothing ever frees or borrows exclusively
        // (I10 handle).
        if let Some(table) = unsafe { found.as_ref() } {
            if !table.fork_guard.is_forked() {
                return Ok(table);
            }
        }
        let new = Box::into_raw(Box::new(Table {
            fork_guard: ForkGuard::new().map_err(io("map a page"))?,
            keys: Mutex::default(),
        }));
        match TABLE.compare_exchange(found, new, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => found = new,
            Err(others) => {
                // SAFETY: made by `into_raw` above, and its address was not published: there is no reference to it
                // (I10 handle).
                drop(unsafe { Box::from_raw(new) });
                found = others;
            }
        }
    }
}

fn with<R>(table: &Table, act: impl FnOnce(&mut BTreeSet<Key>) -> R) -> R {
    // A panic in `act` leaves the table unchanged.
    act(&mut table.keys.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Adds a region. Returns whether it was missing.
pub(crate) fn register(key: Key) -> Result<bool, Error> {
    Ok(with(table()?, |keys| keys.insert(key)))
}

/// Removes a region that this process has added.
pub(crate) fn unregister(key: Key) {
    // The table exists since the region was added, so this can't fail.
    if let Ok(table) = table() {
        with(table, |keys| keys.remove(&key));
    }
}

/// The number of regions.
#[cfg(all(debug_assertions, any(target_os = "linux", target_os = "android")))]
pub(crate) fn taken() -> usize {
    table().map_or(0, |table| with(table, |keys| keys.len()))
}

/// How long to retry a lock that no live process is known to hold. Its holder may just be becoming or ceasing to be the
/// writer. Or it is a process that the last writer was starting, which has copies of all descriptors until it calls
/// `exec`.
pub(crate) const WAIT: Duration = Duration::from_millis(500);

/// The writer lock, released on drop.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: Arc<Handle>,
    key: Key,
    fork_guard: ForkGuard,
    identity: Identity,
    mark: u64,
}

impl WriterLock {
    /// Locks the region in `map`. This process must have opened the descriptor `file` itself, and have given it to no
    /// other process. It `is_locked` if it is a new file that got the lock before. `mark` comes from
    /// [`Options::mark`](crate::Options::mark).
    pub(crate) fn claim(file: Arc<Handle>, map: &Mmap, is_locked: bool, mark: u64) -> Result<WriterLock, Error> {
        // Done before the lock is taken, so that the writer can be recorded soon after that.
        let identity = Identity::own();
        let key = files::status(&*file).map_err(io("query its status"))?.id;
        if !register(key)? {
            return Err(ErrorKind::AlreadyWriter.into());
        }
        let lock = || {
            let fork_guard = ForkGuard::new().map_err(io("map a page"))?;
            let (began, mut pause) = (Instant::now(), Duration::from_millis(1));
            loop {
                file_lock::announce(&*file);
                // Not every system gives a lock to a handle that has it.
                if is_locked || file_lock::try_write(&*file).map_err(io("lock it"))? {
                    return Ok(fork_guard);
                }
                file_lock::retract(&*file);
                let held_by = writer_state(&*file, false, || map.writer());
                if matches!(held_by, WriterState::Alive { .. }) || began.elapsed() >= WAIT {
                    return Err(ErrorKind::Writer(held_by).into());
                }
                sleep(pause);
                pause = (pause * 2).min(WAIT / 20);
            }
        };
        match lock() {
            Ok(fork_guard) => {
                map.mark_if_lost(fork_guard.flag());
                Ok(WriterLock { file, key, fork_guard, identity, mark })
            }
            Err(error) => {
                unregister(key);
                Err(error)
            }
        }
    }

    /// Whether this process was forked from the process that took the lock.
    #[inline(always)]
    pub(crate) fn is_forked(&self) -> bool {
        self.fork_guard.is_forked()
    }

    /// Whether this process may write.
    #[inline(always)]
    pub(crate) fn check_may_write(&self) -> Result<(), WriteError> {
        match self.fork_guard.mark() {
            MAY_WRITE => Ok(()),
            mark => Err(why_not(mark)),
        }
    }

    /// The byte that is 1 while this process may write.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn may_write(&self) -> &core::sync::atomic::AtomicU8 {
        self.fork_guard.flag()
    }

    pub(crate) fn mark(&self) -> u64 {
        self.mark
    }

    /// Records this process as the writer in the region.
    pub(crate) fn record_writer(&self, map: &Mmap) {
        map.set_writer(&self.identity, self.mark);
        file_lock::retract(&*self.file);
    }

    /// Records that this process has stopped writing but still runs. A later lock belongs to another writer.
    pub(crate) fn clear_writer(&self, map: &Mmap) {
        if !self.is_forked() {
            map.set_writer_gone();
        }
    }
}

#[cold]
fn why_not(mark: u8) -> WriteError {
    if mark == LOST { WriteError::Truncated } else { WriteError::Forked }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // After a fork, the child leaves its parent's lock alone, and its own table has no entry for it.
        if !self.is_forked() {
            // Closing the descriptor is not enough, because a forked child has another descriptor of the same open
            // file.
            file_lock::release(&*self.file);
            unregister(self.key);
        }
    }
}

/// Opens the same file with a new open file description.
pub(crate) fn reopen(file: impl AsHandle, writable: bool) -> Result<Handle, Error> {
    files::reopen(file, writable).map_err(io(REOPENING))
}

/// Whether the region has a writer. This process has opened `file` itself, and `is_held` says whether `file` has the
/// lock. `writer` returns the recorded writer and the number of writers so far.
pub(crate) fn writer_state(file: impl AsHandle, is_held: bool, writer: impl Fn() -> (Identity, u64)) -> WriterState {
    let is_locked = || if is_held { Ok(true) } else { file_lock::is_locked(&file) };
    // Retries if another process becomes the writer meanwhile.
    for _ in 0..3 {
        let (identity, count) = writer();
        match is_locked() {
            Ok(false) if count == 0 => return WriterState::Never,
            Ok(false) => return WriterState::Gone,
            // If the system can't tell, the process table has to.
            _ => {}
        }
        match identity.state() {
            ProcessState::Runs => return WriterState::Alive { pid: identity.pid },
            ProcessState::Unknown => return WriterState::Held,
            ProcessState::Ended => {}
        }
        // The holder may be a writer that has not recorded itself yet. Then it is announced, or has recorded itself by
        // now.
        if file_lock::is_announced(&file) {
            return WriterState::Held;
        }
        if matches!(is_locked(), Ok(true)) && writer() == (identity, count) {
            return WriterState::Orphaned { pid: identity.pid };
        }
    }
    WriterState::Held
}

/// Whether the region has no writer, according to the system.
pub(crate) fn is_free(file: impl AsHandle) -> bool {
    matches!(file_lock::is_locked(file), Ok(false))
}

#[cfg(all(test, target_os = "linux", not(miri)))] // asks the system for processes
mod tests {
    use std::cell::Cell;
    use std::fs::File;

    use super::*;
    use crate::path_for;

    /// The recorded writer at each look. First an ended writer, then one that runs.
    #[test]
    fn a_writer_that_comes_during_a_look_is_seen() {
        let path = path_for(&format!("writer-state-{}", std::process::id()));
        let file = File::create(&path).unwrap();
        let own = Identity::own();
        let (ended, runs) = ((Identity { pid: i32::MAX.unsigned_abs(), ..own }, 1), (own, 2));
        let (alive, gone) = (WriterState::Alive { pid: own.pid }, WriterState::Orphaned { pid: ended.0.pid });
        let again = (ended.0, 3);
        for (looks, state) in [
            (&[runs][..], &alive),
            (&[ended], &gone),
            (&[ended, runs], &alive),
            (&[ended, again, ended, runs], &alive),
            (&[ended, again, ended], &gone),
            // After three different answers, all that is known is that another process holds the lock.
            (&[ended, again, ended, again, ended, again, runs], &WriterState::Held),
        ] {
            let look = Cell::new(0);
            let writer = || looks[look.replace(look.get() + 1).min(looks.len() - 1)];
            assert_eq!(&writer_state(&file, true, writer), state, "{looks:?}");
        }
        // No process holds the lock.
        assert_eq!(writer_state(&file, false, || runs), WriterState::Gone);
        assert_eq!(writer_state(&file, false, || (own, 0)), WriterState::Never);
        std::fs::remove_file(path).unwrap();
    }
}
