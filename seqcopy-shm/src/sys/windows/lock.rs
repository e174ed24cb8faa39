//! The lock on a region's file (`LockFileEx`). It belongs to the open file: the system releases it when the last handle
//! of that open file is closed, also when the process is killed.
//!
//! Such a lock keeps other processes from reading the bytes, so the two locked bytes are far after the end of the file.
//! Which lock each is: see the table of `unix/lock.rs`. A lock can be tried, but not queried. So a query takes it for a
//! moment, and a process that tries to lock meanwhile tries again.

use std::io::{Error, Result};
use std::os::windows::io::AsRawHandle;
use std::thread::sleep;
use std::time::Duration;

use super::AsHandle;
use super::call::{done, is};
use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

const WRITER: u64 = 1 << 62;
const COMING: u64 = WRITER + 1;

/// How often a lock is tried that may be held by a query.
const TRIES: u32 = 4;

/// The place of a byte, for the system.
fn place(byte: u64) -> OVERLAPPED {
    #[allow(clippy::cast_possible_truncation)] // the low half
    let at = OVERLAPPED_0_0 { Offset: byte as u32, OffsetHigh: (byte >> 32) as u32 };
    OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: at }, ..OVERLAPPED::default() }
}

/// Takes a lock. Returns `false` if another open file has it.
fn lock(file: &impl AsHandle, byte: u64, kind: u32) -> Result<bool> {
    let mut place = place(byte);
    let handle = file.as_handle().as_raw_handle();
    // SAFETY: an open handle, and a local that the call uses until it returns, as it does not wait (I4 private).
    let locked = done(unsafe { LockFileEx(handle, LOCKFILE_FAIL_IMMEDIATELY | kind, 0, 1, 0, &raw mut place) });
    match locked {
        Ok(()) => Ok(true),
        Err(error) if is_held(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_held(error: &Error) -> bool {
    is(error, ERROR_LOCK_VIOLATION) || is(error, ERROR_IO_PENDING)
}

fn unlock(file: &impl AsHandle, byte: u64) {
    let mut place = place(byte);
    // SAFETY: an open handle, and a local (I4 private).
    let _ = unsafe { UnlockFileEx(file.as_handle().as_raw_handle(), 0, 1, 0, &raw mut place) };
}

/// Tries to take the writer lock.
pub(crate) fn try_write(file: impl AsHandle) -> Result<bool> {
    for _ in 1..TRIES {
        if lock(&file, WRITER, LOCKFILE_EXCLUSIVE_LOCK)? {
            return Ok(true);
        }
        sleep(Duration::from_millis(1));
    }
    lock(&file, WRITER, LOCKFILE_EXCLUSIVE_LOCK)
}

/// Whether another open file has the writer lock.
pub(crate) fn is_locked(file: impl AsHandle) -> Result<bool> {
    let is_free = lock(&file, WRITER, 0)?;
    if is_free {
        unlock(&file, WRITER);
    }
    Ok(!is_free)
}

/// Announces that this process is becoming the writer.
pub(crate) fn announce(file: impl AsHandle) {
    let _ = lock(&file, COMING, 0);
}

/// Withdraws the announcement.
pub(crate) fn retract(file: impl AsHandle) {
    unlock(&file, COMING);
}

/// Whether a process is becoming the writer; `true` if that can't be queried.
pub(crate) fn is_announced(file: impl AsHandle) -> bool {
    match lock(&file, COMING, LOCKFILE_EXCLUSIVE_LOCK) {
        Ok(true) => {
            unlock(&file, COMING);
            false
        }
        _ => true,
    }
}

/// Releases both bytes.
pub(crate) fn release(file: impl AsHandle) {
    unlock(&file, WRITER);
    unlock(&file, COMING);
}
