//! The regions that this process writes, so that a second writer in it is told apart from one in another process.
//!
//! A forked process has its own table, which is empty at first. It never uses its parent's: another thread of the parent may have
//! held that table's mutex at the moment of the fork, and would never release it.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::Error;
use crate::error::io;
use crate::sys::fork::ForkGuard;

/// Device and inode.
pub(crate) type Key = (u64, u64);

/// A table, and the process that it belongs to.
struct Table {
    fork_guard: ForkGuard,
    keys: Mutex<BTreeSet<Key>>,
}

/// The newest table: of this process, or of one that it was forked from, or null. Tables are never freed.
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
    // A panic in `act` leaves the table as it was.
    act(&mut table.keys.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Adds a region. Returns whether it was not there yet.
pub(crate) fn insert(key: Key) -> Result<bool, Error> {
    Ok(with(table()?, |keys| keys.insert(key)))
}

/// Removes a region that this process has added.
pub(crate) fn remove(key: Key) {
    // The table exists since then, so this does not fail.
    if let Ok(table) = table() {
        with(table, |keys| keys.remove(&key));
    }
}

/// How many there are.
#[cfg(all(debug_assertions, any(target_os = "linux", target_os = "android")))]
pub(crate) fn taken() -> usize {
    table().map_or(0, |table| with(table, |keys| keys.len()))
}
