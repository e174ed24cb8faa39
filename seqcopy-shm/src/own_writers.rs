//! The regions that this process writes: so that a second writer in it is told apart from one in another process.
//!
//! A process that was forked has a table of its own, an empty one. It never looks into its parent's: another thread of the parent
//! may have been in there at the moment of the fork, and its lock would never be released.

use std::boxed::Box;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Error;
use super::fork_guard::ForkGuard;

/// Device and file.
pub(crate) type Key = (u64, u64);

/// A table, and whose it is.
struct Table {
    fork_guard: ForkGuard,
    keys: Mutex<BTreeSet<Key>>,
}

/// The table made last: of this process, of one that it was forked from, or none. Tables stay for ever.
static TABLE: AtomicPtr<Table> = AtomicPtr::new(core::ptr::null_mut());

/// The table of this process.
fn table() -> Result<&'static Table, Error> {
    let mut found = TABLE.load(Ordering::Acquire);
    loop {
        // SAFETY: null, or a table that was leaked below, which nothing ever frees or borrows exclusively (P18).
        if let Some(table) = unsafe { found.as_ref() } {
            if !table.fork_guard.is_forked() {
                return Ok(table);
            }
        }
        let new = Box::into_raw(Box::new(Table { fork_guard: ForkGuard::new()?, keys: Mutex::default() }));
        match TABLE.compare_exchange(found, new, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => found = new,
            Err(others) => {
                // SAFETY: made by `into_raw` just now, and nothing else has its address: no reference to it is left (P18).
                drop(unsafe { Box::from_raw(new) });
                found = others;
            }
        }
    }
}

fn with<R>(table: &Table, act: impl FnOnce(&mut BTreeSet<Key>) -> R) -> R {
    // A panic in here leaves the table as it was before.
    act(&mut table.keys.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Enters a region. Whether it was not there yet.
pub(crate) fn insert(key: Key) -> Result<bool, Error> {
    Ok(with(table()?, |keys| keys.insert(key)))
}

/// Takes a region out that this process has entered.
pub(crate) fn remove(key: Key) {
    // The table is there since, so this does not fail.
    if let Ok(table) = table() {
        with(table, |keys| keys.remove(&key));
    }
}
