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

use crate::header::{FORMAT, MAP_FORMAT};
use crate::life::closing;
use crate::life::open_policy::OpenPolicy;
use crate::life::writer_lock;
use crate::sys::file::{Kind, Status, status};
use crate::sys::name::Name;
use crate::sys::user;
use crate::writable::Writable;
use crate::writable::new_region::{self, NewRegion};
use crate::{Error, ErrorKind, Schema};

/// Replaces the region at a path if its type is another. Returns `None` if there is something else by now, to be looked at again.
pub(crate) fn replace(
    name: &Name,
    policy: OpenPolicy,
    check: impl Fn(&Schema) -> Result<(), Error>,
    prepare: impl Fn(&Name) -> Result<NewRegion, Error>,
) -> Result<Option<Writable>, Error> {
    // A link would be replaced, and not what it leads to.
    let old = match Writable::take_over_at(name, policy.by_name(), &[FORMAT, MAP_FORMAT], |_| Ok(())) {
        Ok(old) => old,
        // Nothing but its name is left of it.
        Err(error) if matches!(error.kind(), ErrorKind::Closed) => {
            return closing::remove_closed(name, |file, _| policy.check(file).is_ok()).map(|_| None);
        }
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    if check(old.region.schema()).is_ok() {
        return Ok(None);
    }
    put(name, policy, &old, prepare(name)?)
}

/// Puts a new region in the place of one that this process writes. Returns `None` if the path leads elsewhere by now, to be looked at again:
/// it was removed while the new region was made, which may take long, and perhaps given to another one, whose writer must not lose it.
pub(crate) fn put(
    name: &Name,
    policy: OpenPolicy,
    old: &Writable,
    mut new: NewRegion,
) -> Result<Option<Writable>, Error> {
    policy.check(new.claimed.file())?;
    // One that has another name is a region there as well.
    match policy.by_name().wait(old.file()) {
        Err(error) if error.is_not_found() => return Ok(None),
        result => result?,
    }
    new.name_beside(name)?;
    if !name.is_of(old.file()) || !new.exchange(name, old.file())? {
        return Ok(None);
    }
    old.close_only();
    // The temporary name goes with the rest of `new`.
    Ok(Some(new.claimed))
}

/// Closes and removes what this user's processes have left next to a name by dying in the middle of the steps.
///
/// Whatever else has such a name stays: what is locked belongs to a process that goes on, other users' files are not mapped, links not
/// followed, and a file that has another name, too, is in use by that. All this is asked of the file that is open then.
pub(crate) fn sweep(name: &Name) {
    let (prefix, user, policy) = (new_region::prefix(name), user::effective(), OpenPolicy::default().by_name());
    let is_own = |status: std::io::Result<Status>| {
        status.is_ok_and(|file| file.kind == Kind::File && (file.owner, file.names) == (user, 1))
    };
    for left in name.all().filter(|left| left.as_bytes().starts_with(prefix.as_bytes())) {
        if !is_own(left.lstat()) {
            continue;
        }
        let Ok(file) = policy.open(&left, true) else { continue };
        if !is_own(status(&file)) || !writer_lock::is_free(&file) {
            continue;
        }
        let _ = match Writable::claim(file, &[FORMAT, MAP_FORMAT], |_| Ok(()), policy.mark) {
            Ok(region) if left.is_of(region.file()) => {
                region.close_only();
                closing::remove(&left, region.file())
            }
            Ok(_) => Ok(()),
            Err(_) => closing::remove_closed(&left, |file, _| is_own(status(file))).map(drop),
        };
    }
}
