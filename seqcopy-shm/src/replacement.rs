//! Replacing a region of another type by a new one at the same path, in steps after each of which the process may die.
//!
//! | step | if the process dies after it |
//! |---|---|
//! | it becomes the writer of the old region | The system releases the lock: nothing has changed. |
//! | the new region is complete, and has a temporary name in the same directory | The same. The next replacement removes that name. |
//! | the old region is closed | Its readers get `Closed`, and its path leads to a closed region, which the next writer replaces. |
//! | the new region is renamed over it | Done. |
//!
//! The old region is closed first, for a reader that only reads would not learn otherwise that there is a newer one. So everything that
//! may fail, such as too little space, is done before. The writer lock of the old region keeps two processes from doing this at once:
//! the second one finds that the path leads elsewhere, and looks at what is there now.

use std::path::Path;

use rustix::fs::{FileType, Mode, lstat, stat};
use rustix::io::Errno;

use super::claimed::Claimed;
use super::closing;
use super::error::{REPLACING, io};
use super::header::{FORMAT, MAP_FORMAT};
use super::new_region::{self, NewRegion};
use super::open_policy::OpenPolicy;
use super::{Error, ErrorKind, Schema};

/// Replaces the region at a path if its type is another. Returns `None` if there is something else by now, to be looked at again.
pub(crate) fn replace(
    path: &Path,
    policy: OpenPolicy,
    check: impl Fn(&Schema) -> Result<(), Error>,
    prepare: impl Fn() -> Result<NewRegion, Error>,
) -> Result<Option<Claimed>, Error> {
    if !may_rename(path)? {
        return Ok(None);
    }
    let old = match Claimed::take_over(path, policy, &[FORMAT, MAP_FORMAT], |_| Ok(())) {
        Ok(old) => old,
        // Nothing but its name is left of it.
        Err(error) if matches!(error.kind(), ErrorKind::Closed) => {
            return closing::finish(path, |file, _| policy.check(file).is_ok()).map(|_| None);
        }
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    if check(&old.mapping.inspected.schema).is_ok() {
        return Ok(None);
    }
    let mut new = prepare()?;
    policy.check(new.claimed.lock.file())?;
    new.name_beside(path)?;
    old.close_only();
    new.rename(path)?;
    Ok(Some(new.claimed))
}

/// Whether the path may be given to another file, as far as this can be known without doing it. `false` if there is nothing at it.
fn may_rename(path: &Path) -> Result<bool, Error> {
    let there = match lstat(path) {
        Ok(there) => there,
        Err(Errno::NOENT) => return Ok(false),
        Err(error) => return Err(io(REPLACING)(error)),
    };
    if FileType::from_raw_mode(there.st_mode) == FileType::Symlink {
        // The link would be replaced, and not what it leads to.
        return Err(ErrorKind::SymbolicLink.into());
    }
    let directory = stat(new_region::directory_of(path)).map_err(io(REPLACING))?;
    let user = rustix::process::geteuid();
    let is_sticky = Mode::from_raw_mode(directory.st_mode).contains(Mode::SVTX);
    let may = user.is_root() || [there.st_uid, directory.st_uid].contains(&user.as_raw());
    if is_sticky && !may { Err(io(REPLACING)(Errno::PERM)) } else { Ok(true) }
}
