//! What a program does with a path that is started again and again: takes over, replaces, or creates.

use crate::sys::Handle;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::error::{MAKING, io};
use crate::header::{FORMAT, MAP_FORMAT};
use crate::life::closing;
use crate::life::inspect::Inspected;
use crate::life::open_policy::OpenPolicy;
use crate::life::writer_lock::WAIT;
use crate::sys::name::{Name, is_missing};
use crate::writable::Writable;
use crate::writable::new_region::{NewRegion, ROUNDS, exists};
use crate::writable::replacement::{put, replace, sweep};
use crate::{Error, ErrorKind, Schema, VersionError};

/// What makes a new region, with what is in one that was taken over, if that is too small.
pub(crate) type Larger<'a> = Option<&'a dyn Fn(&Name, &Writable) -> Result<Option<NewRegion>, Error>>;

/// Takes over the region at a path if there is one whose writer has ended, replaces one of another type if it `may_replace` it, and
/// creates it otherwise. `check` decides whether a region is of this type.
pub(crate) fn open_or_create(
    path: &Path,
    policy: OpenPolicy,
    formats: &'static [u32],
    check: impl Fn(&Schema) -> Result<(), Error>,
    may_replace: bool,
    prepare: impl Fn(&Name) -> Result<NewRegion, Error>,
    larger: Larger<'_>,
) -> Result<Writable, Error> {
    let name = &Name::of(path).map_err(io(MAKING)).map_err(|error| error.at(path))?;
    if may_replace || larger.is_some() {
        sweep(name);
    }
    let mut closed_since = None;
    let (mut created, mut replaced, mut enlargements) = (0, 0, 0);
    // One that is too small is replaced, and counts as taken over.
    let enlarged = |old: Writable| {
        let new = larger.map_or(Ok(None), |larger| larger(name, &old))?;
        let Some(new) = new else { return Ok(Some(old)) };
        if name.is_link() {
            // The link would be replaced, and not what it leads to.
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
                // Another process puts something else there each time.
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
            // Another process may do the same, and create the next region in between: then that one is looked at.
            ErrorKind::Closed if closed_since.get_or_insert_with(Instant::now).elapsed() < WAIT => {
                let may_remove =
                    |file: &Handle, region: &Inspected| check(&region.schema).is_ok() && policy.check(file).is_ok();
                if !closing::remove_closed(name, may_remove).map_err(|error| error.at(path))? {
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

/// Links a region that satisfies the policy; `None` if the name is taken by then.
fn create_unless_exists(name: &Name, policy: OpenPolicy, new: NewRegion) -> Result<Option<Writable>, Error> {
    policy.check(new.claimed.file())?;
    if new.link(name)? {
        return Ok(Some(new.claimed));
    }
    // A symbolic link that leads nowhere is in the way, and stays there.
    if name.is_link() && name.stat().is_err_and(|error| is_missing(&error)) { Err(exists(name)) } else { Ok(None) }
}
