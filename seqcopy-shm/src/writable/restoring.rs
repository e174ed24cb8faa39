//! Putting a region back whose file was removed while its writer lives, in steps after each of which the process may die.
//!
//! | step | if the process dies after it |
//! |---|---|
//! | a new region is complete, with the last value, and has no name yet, or a temporary one | Nothing has changed; [`sweep`](super::replacement::sweep) removes that name. |
//! | the new one is linked at the path | The path leads to it. Readers of the old one learn by `is_removed` that there is another. |
//! | the old region is closed | Its readers get `Closed`, and find the new one. |
//!
//! A name that another file has got meanwhile stays that file's.

use crate::error::{MAKING, io};
use crate::life::mapped_region::MappedRegion;
use crate::sys::file as files;
use crate::sys::name::{Name, is_missing};
use crate::writable::Writable;
use crate::writable::new_region::{Plan, exists};
use crate::{Error, ErrorKind};

impl Writable {
    /// Puts the region back at its path if that leads nowhere. `copy` copies what is in it to the new one.
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
        let name = Name::of(path).map_err(io(MAKING))?;
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
        // Readable by no other user before it is as the old one was.
        let new = plan.at(&name, 0o600)?;
        let file = new.claimed.file();
        files::set_owner(file, &here).map_err(io("give it the owner that it had"))?;
        files::set_mode(file, here.mode).map_err(io("set its permissions"))?;
        copy(self.mapping(), new.claimed.mapping());
        if new.link(&name)? { Ok(Some(new.claimed)) } else { Err(exists(&name)) }
    }
}
