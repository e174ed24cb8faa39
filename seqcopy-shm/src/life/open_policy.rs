//! [`OpenPolicy`]: how a file is opened that another process may have put there, and what is required before it is read.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::error::{OPENING, io};
use crate::{Error, ErrorKind, Uid};

/// What is required of a file that is opened by its path, and what its writer records about itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenPolicy {
    /// The owner that it must have, if not root; then no other user may have write permission.
    pub(crate) owner: Option<Uid>,
    /// See [`Options::__mark`](crate::Options::__mark).
    pub(crate) mark: u64,
}

/// Write permission for users other than the owner. Access control lists show up in the permissions of the group.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// How long a file that is being created may have a second name.
const CREATION: Duration = Duration::from_millis(20);

impl OpenPolicy {
    /// Opens a file. Everything is checked by the descriptor, so it holds for the very file that was opened.
    pub(crate) fn open(self, path: &Path, writable: bool) -> Result<OwnedFd, Error> {
        // Neither blocks on a pipe that was put there, nor acquires a controlling terminal.
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        if self.owner.is_some() {
            // Another user's link may lead to a different region of the required owner.
            flags |= OFlags::NOFOLLOW;
        }
        let mut options = File::options();
        #[allow(clippy::cast_possible_wrap)] // flags
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
        let began = Instant::now();
        loop {
            let file = match options.read(true).write(writable).open(path) {
                Ok(file) => OwnedFd::from(file),
                Err(error) if self.owner.is_some() && is_link(&error) => return Err(ErrorKind::SymbolicLink.into()),
                Err(error) => return Err(io(OPENING)(error)),
            };
            match self.check(&file) {
                Ok(()) => return Ok(file),
                // A file that is just being created may have two names (`NewRegion::link`).
                Err(error) if matches!(error.kind(), ErrorKind::HardLinks) && began.elapsed() < CREATION => {
                    sleep(Duration::from_millis(1));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a file satisfies this policy.
    pub(crate) fn check(self, file: &OwnedFd) -> Result<(), Error> {
        let Some(required) = self.owner else { return Ok(()) };
        let stat = rustix::fs::fstat(file).map_err(io("query its status"))?;
        let found = Uid::from_raw(stat.st_uid);
        if found != required && found != Uid::ROOT {
            return Err(ErrorKind::Owner { found, required }.into());
        }
        #[allow(clippy::useless_conversion)] // has another width on other systems
        let mode = u32::from(stat.st_mode) & 0o7777;
        if mode & WRITABLE_BY_OTHERS != 0 {
            return Err(ErrorKind::Permissions { mode }.into());
        }
        // As a symbolic link may, another name may have been made by another user, of a different region of the required owner.
        if stat.st_nlink > 1 {
            return Err(ErrorKind::HardLinks.into());
        }
        Ok(())
    }
}

/// The errors of the various systems for a link that must not be followed.
fn is_link(error: &std::io::Error) -> bool {
    [Errno::LOOP, Errno::MLINK].iter().any(|link| error.raw_os_error() == Some(link.raw_os_error()))
}
