//! [`OpenPolicy`]: how a file is opened that another process may have put there, and what is required before it is read.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{OPENING, io};
use crate::sys::Handle;
use crate::sys::file as files;
use crate::sys::name::{Links, Name, has_lost_name, is_refused_link};
use crate::{Error, ErrorKind, Uid};

/// What is required of a file that is opened by its path, and what its writer records about itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OpenPolicy {
    /// The owner that it must have, if not root; then no other user may have write permission.
    pub(crate) owner: Option<Uid>,
    /// Whether the file must have this very name, and no other: what is closed or replaced at a path must not be a region elsewhere.
    is_by_name: bool,
    /// See [`Options::__mark`](crate::Options::__mark).
    pub(crate) mark: u64,
}

/// Write permission for users other than the owner. Access control lists show up in the permissions of the group.
const WRITABLE_BY_OTHERS: u32 = 0o022;

/// How long a file that is being created may have a second name.
const CREATION: Duration = Duration::from_millis(20);

impl OpenPolicy {
    /// This policy for a file that has one name, and not for one that a link leads to.
    pub(crate) fn by_name(self) -> Self {
        OpenPolicy { is_by_name: true, ..self }
    }

    /// Whether another user's link may lead to a different region: of the required owner, or one that is to be closed.
    fn refuses_links(self) -> bool {
        self.owner.is_some() || self.is_by_name
    }

    /// Opens a file. Everything is checked by the descriptor, so it holds for the very file that was opened.
    pub(crate) fn open(self, name: &Name, writable: bool) -> Result<Handle, Error> {
        let links = if self.refuses_links() { Links::Refuse } else { Links::Follow };
        match name.open(writable, links) {
            Ok(file) => self.wait(&file).map(|()| file),
            Err(error) if self.refuses_links() && is_refused_link(&error) => Err(ErrorKind::SymbolicLink.into()),
            Err(error) => Err(io(OPENING)(error)),
        }
    }

    /// Whether a file satisfies this policy, if it has two names once these have had the time in which a file is created
    /// (`NewRegion::link`). By its name: an error as if it was not found if that is gone by now, so that it may have another.
    pub(crate) fn wait(self, file: &Handle) -> Result<(), Error> {
        let began = Instant::now();
        loop {
            match self.check(file) {
                Err(error) if matches!(error.kind(), ErrorKind::HardLinks) && began.elapsed() < CREATION => {
                    sleep(Duration::from_millis(1));
                }
                Ok(()) if self.is_by_name && has_lost_name(file).map_err(io("look for its name"))? => {
                    return Err(io(OPENING)(files::error(std::io::ErrorKind::NotFound)));
                }
                result => return result,
            }
        }
    }

    /// Whether a file satisfies this policy.
    pub(crate) fn check(self, file: &Handle) -> Result<(), Error> {
        if !self.refuses_links() {
            return Ok(());
        }
        let status = files::status(file).map_err(io("query its status"))?;
        if let Some(required) = self.owner {
            let found = Uid::from_raw(status.owner);
            if found != required && found != Uid::ROOT {
                return Err(ErrorKind::Owner { found, required }.into());
            }
            if status.mode & WRITABLE_BY_OTHERS != 0 {
                return Err(ErrorKind::Permissions { mode: status.mode }.into());
            }
        }
        // As a symbolic link may, another name may have been made by another user.
        if status.names > 1 {
            return Err(ErrorKind::HardLinks.into());
        }
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64", not(miri)))]
mod tests {
    use super::*;
    use crate::path_for;

    #[test]
    fn by_its_name_no_link_is_opened() {
        let [file, link] = ["file", "link"].map(|name| path_for(&format!("policy-{name}-{}", std::process::id())));
        let named = |path| Name::of(path).unwrap();
        std::fs::write(&file, "bytes").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let policy = OpenPolicy::default();
        assert!(policy.open(&named(&link), true).is_ok() && policy.by_name().open(&named(&file), true).is_ok());
        let error = policy.by_name().open(&named(&link), false).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::SymbolicLink), "{error}");
        std::fs::remove_file(&link).unwrap();
        std::fs::hard_link(&file, &link).unwrap();
        assert!(policy.open(&named(&link), true).is_ok());
        let error = policy.by_name().open(&named(&link), false).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::HardLinks), "{error}");
        // The name by which it is opened goes while its names are counted: the one that is left may be elsewhere.
        let opened = std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(CREATION / 4);
                std::fs::remove_file(&link).unwrap();
            });
            policy.by_name().open(&named(&link), false).map(drop)
        });
        assert!(opened.is_err(), "{opened:?}");
        std::fs::remove_file(file).unwrap();
    }
}
