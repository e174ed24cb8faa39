//! Replacing a region at the same path, by one of another type or a larger one, in steps after each of which the process may die.
//!
//! | step | if the process dies after it |
//! |---|---|
//! | it becomes the writer of the old region | The system releases the lock: nothing has changed. |
//! | the new region is complete, with what it keeps of the old one, and has a temporary name in the same directory | The same. [`sweep`] removes that name. |
//! | the two names are exchanged | The path leads to the new one. Readers of the old one go on with it until [`sweep`] closes it. |
//! | the old region is closed | Its readers get `Closed`, and find the new one. [`sweep`] removes the name. |
//! | the temporary name is removed | Done. |
//!
//! So the path leads to one of them at any moment, open and whole. The next program that may replace the region sweeps when it starts. Where
//! the file system can't exchange two names, the old region has none after the third step: readers that a process leaves by dying there
//! learn it by `is_removed` only. Whatever may fail, such as too little space, is done before that. The writer lock of the old region
//! keeps two processes from doing this at once: the second one finds that the path leads elsewhere, and looks at what is there now.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{FileType, lstat};
use rustix::io::Errno;

use crate::error::{REPLACING, directory_of, io};
use crate::header::{FORMAT, MAP_FORMAT};
use crate::life::closing;
use crate::life::location::is_at;
use crate::life::new_region::{self, NewRegion};
use crate::life::open_policy::OpenPolicy;
use crate::life::writable::Writable;
use crate::life::writer_lock;
use crate::{Error, ErrorKind, Schema};

/// Replaces the region at a path if its type is another. Returns `None` if there is something else by now, to be looked at again.
pub(crate) fn replace(
    path: &Path,
    policy: OpenPolicy,
    check: impl Fn(&Schema) -> Result<(), Error>,
    prepare: impl Fn() -> Result<NewRegion, Error>,
) -> Result<Option<Writable>, Error> {
    if !may_rename(path)? {
        return Ok(None);
    }
    let old = match Writable::take_over(path, policy, &[FORMAT, MAP_FORMAT], |_| Ok(())) {
        Ok(old) => old,
        // Nothing but its name is left of it.
        Err(error) if matches!(error.kind(), ErrorKind::Closed) => {
            return closing::remove_closed(path, |file, _| policy.check(file).is_ok()).map(|_| None);
        }
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    if check(&old.mapping.inspected.schema).is_ok() {
        return Ok(None);
    }
    put(path, policy, &old, prepare()?)
}

/// Puts a new region in the place of one that this process writes. Returns `None` if the path leads elsewhere by now, to be looked at again:
/// it was removed while the new region was made, which may take long, and perhaps given to another one, whose writer must not lose it.
pub(crate) fn put(
    path: &Path,
    policy: OpenPolicy,
    old: &Writable,
    mut new: NewRegion,
) -> Result<Option<Writable>, Error> {
    policy.check(new.claimed.lock.file())?;
    new.name_beside(path)?;
    if !is_at(path, old.lock.file()) || !new.exchange(path, old.lock.file())? {
        return Ok(None);
    }
    old.close_only();
    // The temporary name goes with the rest of `new`.
    Ok(Some(new.claimed))
}

/// Whether there is a file at the path, in whose place another can be put; a symbolic link is an error.
pub(crate) fn may_rename(path: &Path) -> Result<bool, Error> {
    let there = match lstat(path) {
        Ok(there) => there,
        Err(Errno::NOENT) => return Ok(false),
        Err(error) => return Err(io(REPLACING)(error)),
    };
    if FileType::from_raw_mode(there.st_mode) == FileType::Symlink {
        // The link would be replaced, and not what it leads to.
        return Err(ErrorKind::SymbolicLink.into());
    }
    Ok(true)
}

/// Closes and removes what this user's processes have left next to a path by dying in the middle of the steps.
///
/// Whatever else has such a name stays: what is locked belongs to a process that goes on, other users' files are not mapped, links not
/// followed, and a file that has another name, too, is in use by that.
pub(crate) fn sweep(path: &Path) {
    let Ok(entries) = std::fs::read_dir(directory_of(path)) else { return };
    let (prefix, user, policy) = (new_region::prefix(path), rustix::process::geteuid().as_raw(), OpenPolicy::default());
    for entry in entries.flatten().filter(|entry| entry.file_name().as_bytes().starts_with(prefix.as_bytes())) {
        let name = entry.path();
        let is_own = lstat(&name).is_ok_and(|file| {
            FileType::from_raw_mode(file.st_mode) == FileType::RegularFile && (file.st_uid, file.st_nlink) == (user, 1)
        });
        if !is_own || !policy.open(&name, true).is_ok_and(|file| writer_lock::is_free(&file)) {
            continue;
        }
        let _ = match Writable::take_over(&name, policy, &[FORMAT, MAP_FORMAT], |_| Ok(())) {
            Ok(left) => left.close(),
            Err(_) => closing::remove_closed(&name, |_, _| true).map(drop),
        };
    }
}
