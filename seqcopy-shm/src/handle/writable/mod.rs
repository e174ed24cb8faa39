//! [`Writable`]: a mapped region, value or map, and the right to write it. It is created complete or not at all, replaced or put back. Whichever
//! process dies, and when, the next one finds a state from which it can go on.

mod new_region;
mod replacement;

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, OPENING, WriteError, io};
use crate::handle::region::Region;
use crate::life::{self, Inspected, MappedRegion, OpenPolicy, WriterLock};
use crate::mapping::{LEAST, Mmap};
use crate::schema::Schema;
use crate::sys::name::{Name, kept};
use crate::sys::{Handle, file as files};
use crate::value::Mapped;

pub(crate) use new_region::{NewRegion, Plan};
pub(crate) use replacement::open_or_create;

/// A region that this process writes. On drop it records that it has stopped writing, and releases the lock.
#[derive(Debug)]
pub(crate) struct Writable {
    /// With the path by which it was created or opened, which `close` removes.
    pub(crate) region: Region,
    pub(crate) lock: WriterLock,
    /// Whether this process created it.
    pub(crate) was_created: bool,
}

impl Writable {
    pub(crate) fn new(file: Arc<Handle>, mapping: MappedRegion, lock: WriterLock) -> Writable {
        Writable { region: Region::of_writer(Mapped { mapping, file, is_held: true }), lock, was_created: false }
    }

    #[inline(always)]
    pub(crate) fn mapping(&self) -> &MappedRegion {
        &self.region.source.mapping
    }

    pub(crate) fn file(&self) -> &Handle {
        &self.region.source.file
    }

    /// Takes over the region at a path, if it has one of these formats and passes the check of its type.
    pub(crate) fn take_over(
        path: &Path,
        policy: OpenPolicy,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
    ) -> Result<Writable, Error> {
        let name = Name::of(path).map_err(io(OPENING)).map_err(|error| error.at(path))?;
        Self::take_over_at(&name, policy, formats, check)
    }

    /// [`take_over`](Self::take_over), in a directory that is open.
    pub(crate) fn take_over_at(
        name: &Name,
        policy: OpenPolicy,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
    ) -> Result<Writable, Error> {
        let take = || loop {
            let claimed = Self::claim(policy.open(name, true)?, formats, &check, policy.mark)?;
            // Between opening and locking it may have been removed or renamed, and another one created.
            if name.leads_to(claimed.file()) {
                return Ok(claimed);
            }
        };
        let mut claimed: Writable = take().map_err(|error: Error| error.at(name.path()))?;
        claimed.region.path = kept(name.path());
        Ok(claimed)
    }

    /// [`reopened`](Self::reopened), for a descriptor that came from elsewhere.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn take_over_fd(
        file: &Handle,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
    ) -> Result<Writable, Error> {
        crate::life::check_length(file)?;
        Self::claim(life::reopen(file, true)?, formats, check, 0)
    }

    /// Taking over a file that is open.
    pub(crate) fn claim(
        file: Handle,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
        mark: u64,
    ) -> Result<Writable, Error> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        crate::life::check_writable(&file)?;
        let mapping = MappedRegion::new(&file, Inspected::of(&file, formats)?, true)?;
        check(&mapping.inspected.schema)
            .map_err(|error| if life::is_free(&file) { error.with_dead_writer() } else { error })?;
        let file = Arc::new(file);
        let lock = WriterLock::claim(Arc::clone(&file), &mapping.map, mark)?;
        if mapping.is_closed() {
            return Err(ErrorKind::Closed.into());
        }
        life::undo_close(&mapping.map);
        // The previous writer may have been killed between a write and its `wake`.
        mapping.wake();
        lock.record_writer(&mapping.map);
        if mapping.map.is_truncated() {
            let found = files::status(&*file).map_or(0, |status| status.len);
            return Err(ErrorKind::Truncated { expected: mapping.inspected.header.size(), found }.into());
        }
        Ok(Self::new(file, mapping, lock))
    }

    #[inline(always)]
    pub(crate) fn check(&self) -> Result<(), WriteError> {
        self.lock.check()
    }

    /// The byte that is 1 as long as it may.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn may_write(&self) -> &core::sync::atomic::AtomicU8 {
        self.lock.may_write()
    }

    /// Closes the region, and leaves its path alone.
    pub(crate) fn close_only(&self) {
        self.close_rest();
        life::close(&self.mapping().map);
        self.mapping().wake();
    }

    /// Closes what is left of a region that was truncated: readers that have lost no page would read its last value forever. In a new map of
    /// the file, since the other one has private pages by now; so has this one if nothing is left.
    fn close_rest(&self) {
        if self.mapping().map.is_truncated() && !self.lock.is_forked() {
            if let Ok(map) = Mmap::new(self.file(), LEAST, true) {
                life::close(&map);
                map.wake();
            }
        }
    }

    /// Closes the region, and removes its path. Does nothing in a forked process.
    pub(crate) fn close(self) -> Result<(), Error> {
        if self.lock.is_forked() {
            return Ok(());
        }
        self.close_only();
        let Some(path) = &self.region.path else { return Ok(()) };
        match Name::of(path).map_err(io(OPENING)) {
            // Its directory is gone.
            Err(error) if error.is_not_found() => Ok(()),
            name => name.and_then(|name| life::remove(&name, self.file())).map_err(|error| error.at(path)),
        }
    }
}

impl Drop for Writable {
    fn drop(&mut self) {
        self.lock.clear_writer(&self.mapping().map);
        self.close_rest();
    }
}
