//! The lock on a region's file. It belongs to an *open file description*: the system drops it when the last descriptor of that
//! description is closed, also when the process is killed.
//!
//! | byte | who locks it |
//! |---|---|
//! | 0 | the writer, exclusively, from before its first write until it is dropped |
//! | 1 | a writer that is coming, shared, from before it tries byte 0 until it has signed |
//!
//! By the second byte a reader can tell a lock whose holder has not signed yet from one whose holder has died.

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) use ranges::{announce, is_announced, is_locked, release, retract, try_write};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) use whole::{announce, is_announced, is_locked, release, retract, try_write};

/// Locks of open file descriptions (`fcntl(2)`).
#[cfg(any(target_os = "linux", target_os = "android"))]
mod ranges {
    use std::os::fd::AsFd;

    use nix::fcntl::{FcntlArg, fcntl};
    use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, c_int, flock};

    use crate::Error;
    use crate::error::io;

    const WRITER: i64 = 0;
    const COMING: i64 = 1;

    #[allow(clippy::cast_possible_truncation)] // small constants
    fn bytes(kind: c_int, first: i64, len: i64) -> flock {
        flock { l_type: kind as i16, l_whence: SEEK_SET as i16, l_start: first, l_len: len, l_pid: 0 }
    }

    fn set(file: impl AsFd, lock: &flock) -> nix::Result<c_int> {
        fcntl(file.as_fd(), FcntlArg::F_OFD_SETLK(lock))
    }

    /// Whether a lock of that kind would meet another description's.
    fn meets(file: impl AsFd, mut lock: flock) -> nix::Result<bool> {
        fcntl(file.as_fd(), FcntlArg::F_OFD_GETLK(&mut lock))?;
        Ok(c_int::from(lock.l_type) != F_UNLCK)
    }

    /// Locks a region for its writer.
    pub(crate) fn try_write(file: impl AsFd) -> Result<bool, Error> {
        match set(file, &bytes(F_WRLCK, WRITER, 1)) {
            Ok(_) => Ok(true),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::EACCES) => Ok(false),
            Err(error) => Err(io("locking it")(error)),
        }
    }

    /// Whether another description holds the writer's lock.
    pub(crate) fn is_locked(file: impl AsFd) -> Result<bool, Error> {
        // A lock for reading meets a writer's, and not those of processes that only read.
        meets(file, bytes(F_RDLCK, WRITER, 1)).map_err(io("asking for its lock"))
    }

    /// Says that a writer is coming. If it can't be said, all that is lost is a better answer for a reader that asks.
    pub(crate) fn announce(file: impl AsFd) {
        let _ = set(file, &bytes(F_RDLCK, COMING, 1));
    }

    /// The writer has come, or not.
    pub(crate) fn retract(file: impl AsFd) {
        let _ = set(file, &bytes(F_UNLCK, COMING, 1));
    }

    /// Whether a writer is coming, as far as can be known.
    pub(crate) fn is_announced(file: impl AsFd) -> bool {
        meets(file, bytes(F_WRLCK, COMING, 1)).unwrap_or(true)
    }

    /// Gives both bytes back, whichever other descriptors of the description there are.
    pub(crate) fn release(file: impl AsFd) {
        let _ = set(file, &bytes(F_UNLCK, WRITER, 2));
    }
}

/// `flock(2)`: it too belongs to the open file description. It has no bytes, and can't be asked about, only tried.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod whole {
    use std::os::fd::AsFd;

    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    use crate::Error;
    use crate::error::io;

    pub(crate) fn try_write(file: impl AsFd) -> Result<bool, Error> {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(io("locking it")(error)),
        }
    }

    pub(crate) fn is_locked(file: impl AsFd) -> Result<bool, Error> {
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => {
                release(file);
                Ok(false)
            }
            Err(Errno::WOULDBLOCK) => Ok(true),
            Err(error) => Err(io("asking for its lock")(error)),
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
