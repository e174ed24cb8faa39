//! The lock on a region's file. It belongs to an *open file description*: the system releases it when the last
//! descriptor of that description is closed, also when the process is killed.
//!
//! | byte | locked by |
//! |---|---|
//! | 0 | the writer, exclusively, from before its first write until it is dropped |
//! | 1 | a process that is becoming the writer, shared, from before it tries byte 0 until it has recorded itself in the region |
//!
//! The second byte tells a lock whose holder has not recorded itself yet from one whose recorded holder has died.

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(crate) use ranges::{announce, is_announced, is_locked, release, retract, try_write};
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) use whole::{announce, is_announced, is_locked, release, retract, try_write};

/// Locks of open file descriptions (`fcntl(2)`).
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod ranges {
    use std::io::{Error, ErrorKind, Result};
    use std::os::fd::{AsFd, AsRawFd};

    use nix::libc::{EACCES, F_OFD_GETLK, F_OFD_SETLK, F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, fcntl, flock};

    const WRITER: i64 = 0;
    const COMING: i64 = 1;

    #[allow(clippy::cast_possible_truncation, clippy::unnecessary_cast)] // constants, of types that depend on the system
    fn bytes(kind: impl Into<c_int>, first: i64, len: i64) -> flock {
        flock { l_type: kind.into() as i16, l_whence: SEEK_SET as i16, l_start: first as _, l_len: len as _, l_pid: 0 }
    }

    /// rustix has no such call, and nix does not have it for all of these systems.
    fn call(file: impl AsFd, command: c_int, lock: &mut flock) -> Result<()> {
        // SAFETY: a descriptor that is open, and the lock of the caller, which these commands read, and write to (I4
        // private).
        let done = unsafe { fcntl(file.as_fd().as_raw_fd(), command, core::ptr::from_mut(lock)) };
        if done == -1 { Err(Error::last_os_error()) } else { Ok(()) }
    }

    fn set(file: impl AsFd, mut lock: flock) -> Result<()> {
        call(file, F_OFD_SETLK, &mut lock)
    }

    /// Whether a lock of this kind would conflict with a lock of another description.
    fn conflicts(file: impl AsFd, mut lock: flock) -> Result<bool> {
        call(file, F_OFD_GETLK, &mut lock)?;
        Ok(c_int::from(lock.l_type) != c_int::from(F_UNLCK))
    }

    /// Tries to take the writer lock.
    pub(crate) fn try_write(file: impl AsFd) -> Result<bool> {
        match set(file, bytes(F_WRLCK, WRITER, 1)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock || error.raw_os_error() == Some(EACCES) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether another description holds the writer lock.
    pub(crate) fn is_locked(file: impl AsFd) -> Result<bool> {
        // A read lock conflicts with the writer's lock, but not with read locks.
        conflicts(file, bytes(F_RDLCK, WRITER, 1))
    }

    /// Announces that this process is becoming the writer. If that fails, `writer_state` is less precise for a moment,
    /// and nothing else happens.
    pub(crate) fn announce(file: impl AsFd) {
        let _ = set(file, bytes(F_RDLCK, COMING, 1));
    }

    /// Withdraws the announcement.
    pub(crate) fn retract(file: impl AsFd) {
        let _ = set(file, bytes(F_UNLCK, COMING, 1));
    }

    /// Whether a process is becoming the writer; `true` if that can't be queried.
    pub(crate) fn is_announced(file: impl AsFd) -> bool {
        conflicts(file, bytes(F_WRLCK, COMING, 1)).unwrap_or(true)
    }

    /// Releases both bytes, even if the description has other descriptors.
    pub(crate) fn release(file: impl AsFd) {
        let _ = set(file, bytes(F_UNLCK, WRITER, 2));
    }
}

/// Uses `flock(2)`, which belongs to the open file description, too. It locks whole files, and a process can only try
/// it, not query it.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod whole {
    use std::os::fd::AsFd;

    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    pub(crate) fn try_write(file: impl AsFd) -> std::io::Result<bool> {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn is_locked(file: impl AsFd) -> std::io::Result<bool> {
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => {
                release(file);
                Ok(false)
            }
            Err(Errno::WOULDBLOCK) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn announce(_: impl AsFd) {}

    pub(crate) fn retract(_: impl AsFd) {}

    pub(crate) fn is_announced(_: impl AsFd) -> bool {
        true
    }

    pub(crate) fn release(file: impl AsFd) {
        let _ = flock(file, FlockOperation::Unlock);
    }
}
