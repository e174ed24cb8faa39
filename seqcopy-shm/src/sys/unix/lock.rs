//! The lock on a region's file. It belongs to an *open file description*: the system releases it when the last descriptor of that
//! description is closed, also when the process is killed.
//!
//! | byte | locked by |
//! |---|---|
//! | 0 | the writer, exclusively, from before its first write until it is dropped |
//! | 1 | a process that is becoming the writer, shared, from before it tries byte 0 until it has recorded itself in the region |
//!
//! The second byte tells a lock whose holder has not recorded itself yet from one whose recorded holder has died.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use ranges::{announce, is_announced, is_locked, release, retract, try_write};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use whole::{announce, is_announced, is_locked, release, retract, try_write};

/// Locks of open file descriptions (`fcntl(2)`).
#[cfg(any(target_os = "linux", target_os = "android"))]
mod ranges {
    use std::os::fd::AsFd;

    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, flock};

    const WRITER: i64 = 0;
    const COMING: i64 = 1;

    #[allow(clippy::cast_possible_truncation)] // small constants
    fn bytes(kind: c_int, first: i64, len: i64) -> flock {
        flock { l_type: kind as i16, l_whence: SEEK_SET as i16, l_start: first, l_len: len, l_pid: 0 }
    }

    fn set(file: impl AsFd, lock: &flock) -> nix::Result<c_int> {
        fcntl(file.as_fd(), FcntlArg::F_OFD_SETLK(lock))
    }

    /// Whether a lock of that kind would conflict with one of another description.
    fn conflicts(file: impl AsFd, mut lock: flock) -> nix::Result<bool> {
        fcntl(file.as_fd(), FcntlArg::F_OFD_GETLK(&mut lock))?;
        Ok(c_int::from(lock.l_type) != F_UNLCK)
    }

    /// Tries to take the writer lock.
    pub(crate) fn try_write(file: impl AsFd) -> std::io::Result<bool> {
        match set(file, &bytes(F_WRLCK, WRITER, 1)) {
            Ok(_) => Ok(true),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether another description holds the writer lock.
    pub(crate) fn is_locked(file: impl AsFd) -> std::io::Result<bool> {
        // A read lock conflicts with the writer's lock, but not with read locks.
        Ok(conflicts(file, bytes(F_RDLCK, WRITER, 1))?)
    }

    /// Announces that this process is becoming the writer. If that fails, `writer_state` is less precise for a moment, no more.
    pub(crate) fn announce(file: impl AsFd) {
        let _ = set(file, &bytes(F_RDLCK, COMING, 1));
    }

    /// Withdraws the announcement.
    pub(crate) fn retract(file: impl AsFd) {
        let _ = set(file, &bytes(F_UNLCK, COMING, 1));
    }

    /// Whether a process is becoming the writer; `true` if that can't be queried.
    pub(crate) fn is_announced(file: impl AsFd) -> bool {
        conflicts(file, bytes(F_WRLCK, COMING, 1)).unwrap_or(true)
    }

    /// Releases both bytes, even if the description has other descriptors.
    pub(crate) fn release(file: impl AsFd) {
        let _ = set(file, &bytes(F_UNLCK, WRITER, 2));
    }
}

/// `flock(2)`: it belongs to the open file description too. It locks whole files, and can't be queried, only tried.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
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
