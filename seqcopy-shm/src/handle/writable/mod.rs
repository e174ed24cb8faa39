//! [`Writable`] is a mapped region with the right to write it. A region is created as a whole or not at all. Whenever a
//! process dies, the next one finds a state from which it can continue.
//!
//! A [`NewRegion`] is a file that becomes a region. Other processes find it only when it is complete.

mod replacement;

use std::io::ErrorKind as IoKind;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use seqcopy::Version;

use crate::error::{Error, ErrorKind, MAKING, NAMING, OPENING, REPLACING, Uid, WriteError, io, mismatch};
use crate::handle::region::Region;
use crate::life::{self, Inspected, MappedRegion, OpenPolicy, WriterLock};
use crate::mapping::{Control, FORMAT, Header, LEAST, MAP_FORMAT, Mmap, RegionLayout, State};
use crate::schema::Schema;
use crate::sys::name::{Exchanged, Name, is_file, kept};
use crate::sys::{AsHandle, Handle, file as files, hidden, lock as file_lock};
use crate::value::Mapped;

pub(crate) use replacement::open_or_create;

/// A region that this process may write. Its drop records that the process has stopped writing, and releases the lock.
#[derive(Debug)]
pub(crate) struct Writable {
    /// The region. Its path is the one at which it was created or opened, and which `close` removes.
    pub(crate) region: Region,
    pub(crate) lock: WriterLock,
    /// Whether this process created it.
    pub(crate) was_created: bool,
    /// The name of the region in its directory, which stays open. Kept together with the path of the region.
    pub(crate) name: Option<Name>,
}

impl Writable {
    pub(crate) fn new(file: Arc<Handle>, mapping: MappedRegion, lock: WriterLock) -> Writable {
        Writable {
            region: Region::of_writer(Mapped { mapping, file, is_held: true }),
            lock,
            was_created: false,
            name: None,
        }
    }

    #[inline(always)]
    pub(crate) fn mapping(&self) -> &MappedRegion {
        &self.region.source.mapping
    }

    pub(crate) fn file(&self) -> &Handle {
        &self.region.source.file
    }

    pub(crate) fn version(&self) -> Version {
        self.region.version()
    }

    pub(crate) fn wake(&self) {
        self.mapping().wake();
    }

    /// Takes over the region at a path, if it has one of these formats and the right type.
    pub(crate) fn take_over(
        path: &Path,
        policy: OpenPolicy,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
    ) -> Result<Writable, Error> {
        let name = policy.name(path, OPENING).map_err(|error| error.at(path))?;
        Self::take_over_at(&name, policy, formats, check)
    }

    /// Does the same as [`take_over`](Self::take_over), for a name in an open directory.
    pub(crate) fn take_over_at(
        name: &Name,
        policy: OpenPolicy,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
    ) -> Result<Writable, Error> {
        let take = || loop {
            let claimed = Self::claim(policy.open(name, true)?, formats, &check, policy.mark)?;
            // Between opening and locking the file, another process may have removed or renamed it and created another
            // one.
            if name.leads_to(claimed.file()) {
                return Ok(claimed);
            }
        };
        let mut claimed: Writable = take().map_err(|error: Error| error.at(name.path()))?;
        claimed.keep(name);
        Ok(claimed)
    }

    /// Keeps the name at which the region was opened or is created.
    fn keep(&mut self, name: &Name) {
        self.region.path = kept(name.path());
        self.name = self.region.path.as_ref().map(|_| name.clone());
    }

    /// Takes over a region through a descriptor that another process sent.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn take_over_fd(
        file: &Handle,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
    ) -> Result<Writable, Error> {
        crate::life::check_length(file)?;
        Self::claim(life::reopen(file, true)?, formats, check, 0)
    }

    /// Takes over the region in an open file.
    pub(crate) fn claim(
        file: Handle,
        formats: &'static [u32],
        check: impl Fn(&Schema) -> Result<(), Error>,
        mark: u64,
    ) -> Result<Writable, Error> {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        crate::life::check_writable(&file)?;
        let mapping = MappedRegion::new(&file, Inspected::from_file(&file, formats)?, true)?;
        check(&mapping.inspected.schema)
            .map_err(|error| if life::is_free(&file) { error.with_dead_writer() } else { error })?;
        let file = Arc::new(file);
        let lock = WriterLock::claim(Arc::clone(&file), &mapping.map, false, mark)?;
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
    pub(crate) fn check_may_write(&self) -> Result<(), WriteError> {
        self.lock.check_may_write()
    }

    /// The byte that is 1 while this process may write.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn may_write(&self) -> &core::sync::atomic::AtomicU8 {
        self.lock.may_write()
    }

    /// Closes the region, but does not remove its path.
    pub(crate) fn close_only(&self) {
        self.close_rest();
        life::close(&self.mapping().map);
        self.mapping().wake();
    }

    /// Closes the rest of a region that was truncated. Otherwise readers that have lost no page would read its last
    /// value forever. It uses a new mapping of the file, because the existing one has private pages by now. If nothing
    /// is left of the file, the new one has them, too.
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
        let Some(name) = &self.name else { return Ok(()) };
        life::remove(name, self.file()).map_err(|error| error.at(name.path()))
    }
}

impl Drop for Writable {
    fn drop(&mut self) {
        self.lock.clear_writer(&self.mapping().map);
        self.close_rest();
    }
}

/// How often [`open_or_create`](crate::handle::writable::open_or_create) creates a region and finds that another
/// process was faster, and that the other region is gone again. This is enough unless a process does it on purpose.
pub(crate) const ROUNDS: u32 = 16;

/// What a new region will contain.
pub(crate) struct Plan {
    pub(crate) layout: RegionLayout,
    pub(crate) schema: Schema,
    /// The seed of a map's hash. 0 for other regions.
    pub(crate) seed: u64,
    /// The mark of the writer's program: see [`Options::mark`](crate::Options::mark).
    pub(crate) mark: u64,
}

/// A region that will be linked at its path.
pub(crate) struct NewRegion {
    pub(crate) claimed: Writable,
    /// The temporary name. It is removed in any case, because the region gets its own path.
    name: Option<Temporary>,
}

/// A name that is removed when this is dropped.
struct Temporary(Name);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = self.0.unlink();
    }
}

/// Refuses a mode with bits other than permissions. Such a mode is usually a decimal number: 644 is `0o1204`, with
/// which the owner can't read the file.
fn permissions(mode: u32) -> Result<u32, Error> {
    if mode > 0o777 {
        let found = format!("{mode:o} in octal");
        return Err(mismatch("permissions", "at most 777 in octal, such as `Options::mode(0o644)`", found));
    }
    Ok(mode)
}

impl Plan {
    /// Creates a complete region that is not yet at its path.
    pub(crate) fn at(self, at: &Name, mode: u32) -> Result<NewRegion, Error> {
        let (file, name) = new_file(at, permissions(mode)?)?;
        let mut claimed = self.build(file, name.is_some())?;
        claimed.keep(at);
        Ok(NewRegion { claimed, name })
    }

    /// Creates a region without a path.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn memfd(self, name: &str, mode: u32, take_over_fd: bool) -> Result<Writable, Error> {
        let mode = permissions(mode)?;
        let file = crate::sys::linux::memfd(name).map_err(io(crate::error::MEMFD))?;
        // The system creates a memfd with all permissions for all users.
        files::set_mode(&file, mode).map_err(io("set its permissions"))?;
        let claimed = self.build(file, false)?;
        life::seal(claimed.file(), take_over_fd)?;
        Ok(claimed)
    }

    /// Makes a file a region. It fills the file, locks it, marks it as open and records this process as its writer, all
    /// before other processes can find the region. A file with a temporary name `is_locked` already.
    fn build(self, file: Handle, is_locked: bool) -> Result<Writable, Error> {
        let Plan { layout, schema, seed, mark } = self;
        check_space(&file, layout.size)?;
        // Writes every page, so that a full file system causes an error here and not a SIGBUS later. Reserving space
        // does not guarantee that on every file system.
        let zeros = vec![0; layout.size.min(1 << 20)];
        let mut at = 0;
        while at < layout.size {
            let len = zeros.len().min(layout.size - at);
            files::write_all_at(&file, &zeros[..len], at as u64).map_err(io("fill it"))?;
            at += len;
        }
        files::write_all_at(&file, schema.as_bytes(), layout.schema_offset as u64).map_err(io("fill it"))?;
        if layout.slots != 0 {
            // A map begins with its first generation, the empty map.
            files::write_all_at(&file, &1u64.to_ne_bytes(), Control::WORD as u64).map_err(io("fill it"))?;
        }
        let file = Arc::new(file);
        let map = Mmap::new(&file, layout.size, true)?;
        // Locks the file before it becomes a region. `replacement::sweep` treats an unlocked file with a temporary name
        // as a leftover of a dead process.
        let lock = WriterLock::claim(Arc::clone(&file), &map, is_locked, mark)?;
        let raw = Header::raw(&layout, schema.fingerprint(), seed, SystemTime::now());
        map.set_header(&raw);
        map.set_state(State::OPEN);
        let header = Header::parse(&raw, layout.size as u64, &[FORMAT, MAP_FORMAT])?;
        let uid = Uid::of(files::status(&*file).map_err(io("query its status"))?.owner);
        let mapping = MappedRegion::from_map(map, Inspected { header, schema, is_closed: false, uid });
        lock.record_writer(&mapping.map);
        let mut claimed = Writable::new(file, mapping, lock);
        claimed.was_created = true;
        Ok(claimed)
    }
}

impl NewRegion {
    /// Prepares a region and links it at the path.
    pub(crate) fn create(path: &Path, prepare: impl Fn(&Name) -> Result<NewRegion, Error>) -> Result<Writable, Error> {
        let create = || {
            let name = Name::from_path(path).map_err(io(MAKING))?;
            let new = prepare(&name)?;
            let mut removed = 0;
            while !new.link(&name)? {
                // A writer may have died after closing the region and before removing its path. Such a region can't be
                // taken over, so its path is removed.
                if removed == ROUNDS || !life::remove_closed(&name, |_, _| true)? {
                    return Err(exists(&name));
                }
                removed += 1;
            }
            Ok(new.claimed)
        };
        create().map_err(|error: Error| error.at(path))
    }

    /// Gives the region a temporary name in the same directory, unless it has one.
    pub(crate) fn name_beside(&mut self, other: &Name) -> Result<(), Error> {
        if self.name.is_none() {
            let name = hidden(other);
            if !self.link(&name)? {
                return Err(io(NAMING)(files::error(IoKind::AlreadyExists)));
            }
            self.name = Some(Temporary(name));
        }
        Ok(())
    }

    /// Exchanges the temporary name and the name of another file. If the file system can't exchange names, the other
    /// file has no name afterwards. Returns whether the other file was `old`. If it was not, it has its name again.
    pub(crate) fn exchange(&mut self, at: &Name, old: impl AsHandle) -> Result<bool, Error> {
        let Some(Temporary(name)) = &self.name else { return Err(io(REPLACING)(files::error(IoKind::NotFound))) };
        let exchanged = name.exchange(at, self.claimed.file(), old).map_err(io(REPLACING))?;
        if exchanged == Exchanged::Over {
            self.name = None;
        }
        Ok(exchanged != Exchanged::Not)
    }

    /// Links the file at its name. Returns `false` if the name is taken.
    pub(crate) fn link(&self, at: &Name) -> Result<bool, Error> {
        let temporary = self.name.as_ref().map(|Temporary(name)| name);
        at.link(self.claimed.file(), temporary).map_err(io(NAMING))
    }
}

/// Creates a file that has no name, or a temporary name that is returned with it.
fn new_file(at: &Name, mode: u32) -> Result<(Handle, Option<Temporary>), Error> {
    if let Some(file) = at.make_nameless(mode).map_err(io(MAKING))? {
        return Ok((file, None));
    }
    replacement::sweep(at);
    for _ in 0..ROUNDS {
        let name = hidden(at);
        let file = name.make(mode).map_err(io(MAKING))?;
        let name = Temporary(name);
        // Until the file is locked, `sweep` in another process may take it for a leftover and remove it.
        if file_lock::try_write(&file).map_err(io("lock it"))? && name.0.is_of(&file) {
            return Ok((file, Some(name)));
        }
    }
    Err(io(MAKING)(files::error(IoKind::AlreadyExists)))
}

/// Refuses a region that does not fit, before any of it is written. On a tmpfs, writing takes memory from other
/// processes.
fn check_space(file: impl AsHandle, size: usize) -> Result<(), Error> {
    match files::free_space(file) {
        Some(free) if free < size as u64 => Err(io("fill it")(files::error(IoKind::StorageFull))),
        _ => Ok(()),
    }
}

/// The error for a name that is taken.
pub(crate) fn exists(name: &Name) -> Error {
    let owner = name.lstat().ok().map(|stat| Uid::of(stat.owner));
    let inspect = || Inspected::from_file(&OpenPolicy::default().open(name, false)?, &[FORMAT, MAP_FORMAT]);
    let there = name.stat();
    let is_region = (there.is_err() || is_file(there)) && !inspect().is_err_and(|error| error.is_no_region());
    ErrorKind::Exists { is_region, owner }.into()
}
