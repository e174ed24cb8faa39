//! What a program does at its start with a path that may already have a region: it takes the region over, replaces it,
//! or creates one. Also how a writer puts its region back after the file was removed.
//!
//! Replacing a region at the same path, by one of another type or a larger one, and putting it back, have steps after
//! each of which the process may die.
//!
//! | step | if the process dies after it |
//! |---|---|
//! | it becomes the writer of the old region | The system releases the lock: nothing has changed. |
//! | the new region is complete, with what it keeps of the old one, and has a temporary name in the same directory | The same. [`sweep`] removes that name. |
//! | the two names are exchanged | The path leads to the new one. Readers of the old one go on with it until [`sweep`] closes it. |
//! | the old region is closed | Its readers get `Closed`, and find the new one. [`sweep`] removes the name. |
//! | the temporary name is removed | Done. |
//!
//! On Windows the exchange has two steps (`sys/windows/name.rs`): a process that dies between them leaves no file at the
//! path, and both files have hidden names, which [`sweep`] removes. Elsewhere, at any moment the path leads to one of
//! them, open and whole. The next program that may replace the region sweeps
//! when it starts, and each that creates one does where files have names from the beginning. Where the file system
//! can't exchange two names, the old region has none after the third step: readers that a process leaves by dying there
//! learn it by `is_removed` only. Whatever may fail, such as too little space, is done before that. The writer lock of
//! the old region keeps two processes from doing this at once: the second one finds that the path leads elsewhere, and
//! looks at what is there now.
//!
//! | step | if the process dies after it |
//! |---|---|
//! | a new region is complete, with the last value, and has no name yet, or a temporary one | Nothing has changed; [`sweep`](super::replacement::sweep) removes that name. |
//! | the new one is linked at the path | The path leads to it. Readers of the old one learn by `is_removed` that there is another. |
//! | the old region is closed | Its readers get `Closed`, and find the new one. |
//!
//! A name that another file has got meanwhile stays that file's.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, MAKING, io};
use crate::handle::writable::{NewRegion, Plan, ROUNDS, Writable, exists};
use crate::life::{self, Inspected, MappedRegion, OpenPolicy, WAIT};
use crate::mapping::{FORMAT, MAP_FORMAT};
use crate::schema::{Schema, VersionError};
use crate::sys::file::{Kind, Status, status};
use crate::sys::name::{Name, is_missing};
use crate::sys::process::effective_user;
use crate::sys::{Handle, file as files, lock as file_lock, prefix};

/// Replaces the region at a path if it has another type. Returns `None` if another file is there by now, which has to
/// be looked at.
pub(crate) fn replace(
    name: &Name,
    policy: OpenPolicy,
    check: impl Fn(&Schema) -> Result<(), Error>,
    prepare: impl Fn(&Name) -> Result<NewRegion, Error>,
) -> Result<Option<Writable>, Error> {
    // A symbolic link can't be replaced, because the region that it leads to would stay.
    let old = match Writable::take_over_at(name, policy.by_name(), &[FORMAT, MAP_FORMAT], |_| Ok(())) {
        Ok(old) => old,
        // Only the name of the region is left.
        Err(error) if matches!(error.kind(), ErrorKind::Closed) => {
            return life::remove_closed(name, |file, _| policy.check_policy(file).is_ok()).map(|_| None);
        }
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    if check(old.region.schema()).is_ok() {
        return Ok(None);
    }
    put(name, policy, &old, prepare(name)?)
}

/// Replaces a region that this process writes by a new one. Returns `None` if another file is at the path by now, which
/// has to be looked at. Making the new region may take long. Meanwhile the path may have been removed, and given to
/// another region, whose writer must not lose it.
pub(crate) fn put(
    name: &Name,
    policy: OpenPolicy,
    old: &Writable,
    mut new: NewRegion,
) -> Result<Option<Writable>, Error> {
    policy.check_policy(new.claimed.file())?;
    // A file with a second name is also the region at that name, and must stay a region.
    match policy.by_name().wait(old.file()) {
        Err(error) if error.is_not_found() => return Ok(None),
        result => result?,
    }
    new.name_beside(name)?;
    if !name.is_of(old.file()) || !new.exchange(name, old.file())? {
        return Ok(None);
    }
    old.close_only();
    // The drop of `new` removes the temporary name.
    Ok(Some(new.claimed))
}

/// Closes and removes leftovers of this user's processes next to a name. Each of these processes died in the middle of
/// the steps. It has left a region, or a file that was going to be one (such a file is locked as soon as it exists), or
/// a second name of the same file.
///
/// All other files with such a name stay. A locked file belongs to a live process, other users' files are not mapped,
/// links are not followed, and a file with another name is in use under that name. All this is checked on the open
/// file.
pub(crate) fn sweep(name: &Name) {
    let (prefix, user, policy) = (prefix(name), effective_user(), OpenPolicy::default().by_name());
    let is_own = |status: std::io::Result<Status>| {
        status.is_ok_and(|file| file.kind == Kind::File && (file.owner, file.names) == (user, 1))
    };
    for left in name.all().filter(|left| left.as_bytes().starts_with(prefix.as_bytes())) {
        let is_second_name = |left: &Status| name.lstat().is_ok_and(|there| there.is_same(left));
        if left.lstat().is_ok_and(|left| is_second_name(&left)) {
            let _ = left.unlink();
        }
        if !is_own(left.lstat()) {
            continue;
        }
        let Ok(file) = policy.open(&left, true) else { continue };
        if !is_own(status(&file)) || !life::is_free(&file) {
            continue;
        }
        if is_unfinished(&file) {
            // A live process would hold the lock.
            if file_lock::try_write(&file).is_ok_and(|locked| locked) && is_unfinished(&file) && left.is_of(&file) {
                let _ = left.unlink();
            }
            continue;
        }
        let _ = match Writable::claim(file, &[FORMAT, MAP_FORMAT], |_| Ok(()), policy.mark) {
            Ok(region) if left.is_of(region.file()) => {
                region.close_only();
                life::remove(&left, region.file())
            }
            Ok(_) => Ok(()),
            Err(_) => life::remove_closed(&left, |file, _| is_own(status(file))).map(drop),
        };
    }
}

/// Whether the beginning of the file, which is written last, is empty.
fn is_unfinished(file: &Handle) -> bool {
    matches!(life::bytes_at(file, 0), Ok(first) if first == [0; 8]) || status(file).is_ok_and(|file| file.len == 0)
}

impl Writable {
    /// Puts the region back at its path if no file is there. `copy` copies the contents to the new region.
    pub(crate) fn restore(&mut self, copy: impl FnOnce(&MappedRegion, &MappedRegion)) -> Result<bool, Error> {
        let Some(path) = self.region.path.clone() else { return Ok(false) };
        let restored = self.restored(copy).map_err(|error| error.at(&path))?;
        let Some(mut new) = restored else { return Ok(false) };
        new.was_created = self.was_created;
        let old = core::mem::replace(self, new);
        old.close_only();
        Ok(true)
    }

    fn restored(&self, copy: impl FnOnce(&MappedRegion, &MappedRegion)) -> Result<Option<Writable>, Error> {
        let Some(path) = &self.region.path else { return Ok(None) };
        if self.lock.is_forked() {
            return Ok(None);
        }
        let here = files::status(self.file()).map_err(io("query its status"))?;
        let name = OpenPolicy::default().by_name().name(path, MAKING)?;
        match name.stat() {
            Ok(there) if there.is_same(&here) => return Ok(None),
            Ok(_) => return Err(exists(&name)),
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(io("look for its name")(error)),
        }
        let header = self.region.header();
        if self.mapping().map.is_truncated() {
            let found = here.len;
            return Err(ErrorKind::Truncated { expected: header.size(), found }.into());
        }
        let schema = self.region.schema().clone();
        let plan = Plan { layout: header.layout, schema, seed: header.seed(), mark: self.lock.mark() };
        // Other users may not read the new region before it has the old one's permissions.
        let new = plan.at(&name, 0o600)?;
        let file = new.claimed.file();
        // Another user may have put a directory of their own at the path. A file in such a directory must not be given
        // to another owner.
        if self.name.as_ref().is_some_and(|own| own.is_beside(&name)) {
            files::set_owner(file, &here).map_err(io("give it the owner that it had"))?;
        } else if !files::status(file).is_ok_and(|new| new.has_owner_of(&here)) {
            let doing = "give it the owner that it had, as its directory is another one by now";
            return Err(io(doing)(files::error(std::io::ErrorKind::PermissionDenied)));
        }
        files::set_mode(file, here.mode).map_err(io("set its permissions"))?;
        copy(self.mapping(), new.claimed.mapping());
        if new.link(&name)? { Ok(Some(new.claimed)) } else { Err(exists(&name)) }
    }
}

/// Creates a larger region with the contents of one that was taken over, if that one is too small.
pub(crate) type Larger<'a> = Option<&'a dyn Fn(&Name, &Writable) -> Result<Option<NewRegion>, Error>>;

/// Takes over the region at a path, if there is one whose writer has ended. Replaces a region of another type if it
/// `may_replace` it, and creates a missing region. `check` decides whether a region has the right type.
pub(crate) fn open_or_create(
    path: &Path,
    policy: OpenPolicy,
    formats: &'static [u32],
    check: impl Fn(&Schema) -> Result<(), Error>,
    may_replace: bool,
    prepare: impl Fn(&Name) -> Result<NewRegion, Error>,
    larger: Larger<'_>,
) -> Result<Writable, Error> {
    let replaces = may_replace || larger.is_some();
    let of_directory = if replaces { policy.by_name() } else { policy };
    let name = &of_directory.name(path, MAKING).map_err(|error| error.at(path))?;
    if replaces {
        sweep(name);
    }
    let mut closed_since = None;
    let (mut created, mut replaced, mut enlargements) = (0, 0, 0);
    // A region that is too small is replaced. The new region counts as taken over.
    let enlarged = |old: Writable| {
        let new = larger.map_or(Ok(None), |larger| larger(name, &old))?;
        let Some(new) = new else { return Ok(Some(old)) };
        if name.is_link() {
            // A symbolic link can't be replaced, because the region that it leads to would stay.
            return Err(ErrorKind::SymbolicLink.into());
        }
        let Some(mut new) = put(name, policy, &old, new)? else { return Ok(None) };
        new.was_created = false;
        Ok(Some(new))
    };
    loop {
        let error = match Writable::take_over_at(name, policy, formats, &check) {
            Ok(old) => match enlarged(old).map_err(|error: Error| error.at(path))? {
                Some(claimed) => return Ok(claimed),
                // Another process changes the path each time.
                None if enlargements == ROUNDS => return Err(exists(name).at(path)),
                None => {
                    enlargements += 1;
                    continue;
                }
            },
            Err(error) => error,
        };
        match error.kind() {
            _ if error.is_not_found() && created < ROUNDS => {
                created += 1;
                let create = || create_unless_exists(name, policy, prepare(name)?);
                if let Some(claimed) = create().map_err(|error| error.at(path))? {
                    return Ok(claimed);
                }
            }
            // Another process may do the same and create the next region in between. The loop then looks at that
            // region.
            ErrorKind::Closed if closed_since.get_or_insert_with(Instant::now).elapsed() < WAIT => {
                let may_remove = |file: &Handle, region: &Inspected| {
                    check(&region.schema).is_ok() && policy.check_policy(file).is_ok()
                };
                if !life::remove_closed(name, may_remove).map_err(|error| error.at(path))? {
                    sleep(Duration::from_millis(1));
                }
            }
            ErrorKind::Type(_) | ErrorKind::Version(VersionError::Format { found: FORMAT | MAP_FORMAT, .. })
                if may_replace && replaced < ROUNDS =>
            {
                replaced += 1;
                if let Some(claimed) = replace(name, policy, &check, &prepare).map_err(|error| error.at(path))? {
                    return Ok(claimed);
                }
            }
            _ => return Err(error),
        }
    }
}

/// Links a region that satisfies the policy. `None` if the name is taken by now.
fn create_unless_exists(name: &Name, policy: OpenPolicy, new: NewRegion) -> Result<Option<Writable>, Error> {
    policy.check_policy(new.claimed.file())?;
    if new.link(name)? {
        return Ok(Some(new.claimed));
    }
    // A symbolic link without a target is in the way, and stays there.
    if name.is_link() && name.stat().is_err_and(|error| is_missing(&error)) { Err(exists(name)) } else { Ok(None) }
}
