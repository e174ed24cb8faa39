//! [`MapWriter`] changes a map. Only one process has the writer of a map.

#![allow(clippy::needless_pass_by_value)] // keys and values are given away, as to any map

use crate::sys::Handle;

use core::cell::Cell;
use core::marker::PhantomData;
use std::fmt;
use std::path::Path;

use super::batch::Batch;
use super::commit::Changes;
use super::commit::{Commits, Fate, copy};
use super::key::{MapKey, Query};
use super::place::{plan, slots_of};
use super::reader::check_map_type;
use super::slot::{Entry, Own, Slot, bytes_of};
use super::table::Found;
use super::view::View;
use crate::error::{ChangeError, Error, WriteError};
use crate::handle::{Options, Plan, Region, Writable, WriteHandle};
use crate::life::{MappedRegion, OpenPolicy};
use crate::mapping::MAP_FORMAT;
use crate::schema::Schema;
use seqcopy::{Validate, Version};

/// Changes a map in shared memory, of which it is the only writer. Other processes look up entries with a
/// [`MapReader`](super::MapReader).
///
/// The map has a fixed capacity, and its memory is `buffers` tables, each with up to 16/7 as many slots as that. Each
/// change, or [batch](Self::commit) of changes, is a new *generation*: other processes see all of it or nothing. A
/// commit waits for no reader, makes no system call, and touches the slots that changed in this commit and the
/// `buffers - 1` before it.
///
/// If the process dies, at any instruction, readers go on with the last generation and notice nothing; the next writer
/// can [take over](Self::take_over), and finds that generation too. A writer lock on the file ensures that there is one
/// writer; in a forked process it is inert.
///
/// | choose | for |
/// |---|---|
/// | a map | a table of state that others look up by key: prices, leases, routes, the state of each device |
/// | [`Writer<[Entry; N]>`](crate::Writer) | a few entries that are wanted all at once: up to 4 KiB or so |
/// | LMDB, a server | several writing processes, persistence, range scans |
///
/// ```
/// use seqcopy::{SeqCopy, Validate};
/// use seqcopy_shm::{self as shm, MapReader, MapWriter};
///
/// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
/// #[repr(C)]
/// struct Device { level: f32, online: bool }
///
/// # let path = shm::path_for(&format!("seqcopy-doc-map-writer-{}", std::process::id()));
/// let mut devices = MapWriter::<u64, Device>::create(&path, 1000)?;
/// devices.insert(7, Device { level: 0.5, online: true }).unwrap();
/// devices.update(&7, |device| device.level += 0.25).unwrap();
///
/// drop(devices); // or its process is killed
/// let mut devices = MapWriter::<u64, Device>::take_over(&path)?;
/// devices.insert(8, Device { level: 0.0, online: false }).unwrap();
///
/// let reader = MapReader::<u64, Device>::open(&path)?;
/// assert_eq!(reader.get(&7).unwrap().unwrap().level, 0.75);
/// assert_eq!(reader.view().len(), Ok(2));
/// devices.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct MapWriter<K, V> {
    commits: Commits<Own<K, V>>,
    region: Writable,
    /// `Send`, but not `Sync`: only one thread at a time makes changes.
    one_thread: PhantomData<Cell<(K, V)>>,
}

// The bounds are those of the methods, so that the error message for a type that is not a key explains what a key is.
impl<K, V> MapWriter<K, V> {
    /// Continues a map whose writer has ended, whatever that writer was doing: with the last generation that was
    /// published.
    ///
    /// Looks at every slot, and makes all tables alike, so that later commits are short. With more than two buffers
    /// this publishes the same entries as `buffers - 2` new generations.
    ///
    /// In a directory where other users may create files, as in `/dev/shm`, check the owner: see
    /// [`Options::require_owner`](crate::Options::require_owner).
    ///
    /// # Errors
    /// If the map has a writer, if it was closed, and as for [`MapReader::open`](super::MapReader::open).
    pub fn take_over(path: impl AsRef<Path>) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Self::take_over_at(path.as_ref(), &(), OpenPolicy::default())
    }

    /// Takes over a map by a descriptor that was received or inherited; see
    /// [`Writer::take_over_fd`](crate::Writer::take_over_fd).
    ///
    /// # Errors
    /// The errors of [`take_over`](Self::take_over), and if the file can't be opened for writing, or is sealed against
    /// it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    #[allow(clippy::needless_pass_by_value)] // as for `Writer`
    pub fn take_over_fd(file: Handle) -> Result<Self, Error>
    where
        K: MapKey,
        V: Validate,
    {
        let () = Slot::<K, V>::CHECKED;
        Self::take_over_by_fd(&file, &())
    }
}

impl<K: MapKey, V: Validate> WriteHandle for MapWriter<K, V> {
    type Type = ();
    /// The number of entries.
    type Size = usize;
    const FORMATS: &'static [u32] = &[MAP_FORMAT];

    fn check_type((): &(), there: &Schema) -> Result<(), Error> {
        check_map_type::<K, V>(there)
    }

    fn plan((): &(), capacity: usize, options: &Options) -> Result<Plan, Error> {
        plan(Slot::<K, V>::schema(), slots_of(capacity)?, options)
    }

    unsafe fn copy((): &(), from: &MappedRegion, to: &MappedRegion) -> Result<(), Error> {
        // SAFETY: slots of these types, by this function's contract (I5 one-writer).
        unsafe { copy(&Own::<K, V>::new(), from, to) };
        Ok(())
    }

    fn over(region: Writable, (): &()) -> Result<Self, Error> {
        // SAFETY: the region has a map with this schema, and is kept with the commits (I8 mapping). This process is its
        // writer, and one thread at a time has the `&mut MapWriter` (I5 one-writer, R2 one-protocol).
        let commits = unsafe { Commits::from_region(&region, Own::new()) };
        Ok(MapWriter { commits, region, one_thread: PhantomData })
    }

    fn writable(&self) -> &Writable {
        &self.region
    }

    fn into_writable(self) -> Writable {
        self.region
    }

    fn restore(&mut self) -> Result<bool, Error> {
        // SAFETY: the region of this map, of which this process is the writer (I5 one-writer, I8 mapping).
        unsafe { self.commits.restore(&mut self.region) }
    }
}

impl<K: MapKey, V: Validate> MapWriter<K, V> {
    /// Several changes as one generation: other processes see all of them or none. Returns what `change` returns.
    ///
    /// If `change` panics, no change is made, and the writer goes on. A batch without a change publishes nothing. If a
    /// change is refused ([`ChangeError::Full`]), the others are published all the same;
    /// [`try_commit`](Self::try_commit) drops them.
    ///
    /// Each commit ends one of the generations that readers can still look at.
    ///
    /// # Errors
    /// In a forked process; then `change` is not called, or what it has changed is not published.
    #[inline]
    pub fn commit<R>(&mut self, change: impl FnOnce(&mut Batch<'_, K, V>) -> R) -> Result<R, WriteError> {
        self.batch(|batch| (change(batch), Fate::Publish))
    }

    /// [`commit`](Self::commit), which changes nothing if `change` returns an error.
    ///
    /// # Errors
    /// The errors of `change`, or [`WriteError`].
    ///
    /// ```
    /// use seqcopy_shm::{self as shm, ChangeError, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-try-commit-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u32>::create(&path, 7)?;
    /// let ten = map.try_commit(|batch| {
    ///     for key in 0..10 {
    ///         batch.insert(key, 0)?;
    ///     }
    ///     Ok(())
    /// });
    /// assert_eq!(ten, Err(ChangeError::Full));
    /// assert_eq!(map.len(), 0);
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn try_commit<R, E: From<WriteError>>(
        &mut self,
        change: impl FnOnce(&mut Batch<'_, K, V>) -> Result<R, E>,
    ) -> Result<R, E> {
        let result = self.batch(|batch| {
            let result = change(batch);
            let fate = if result.is_ok() { Fate::Publish } else { Fate::Drop };
            (result, fate)
        });
        result?
    }

    /// Makes changes in the next table, and publishes or discards them. A fork is noticed before the changes.
    /// Afterwards the same byte says whether there was a fork, or the map was truncated.
    #[inline(always)]
    fn batch<R>(&mut self, change: impl FnOnce(&mut Batch<'_, K, V>) -> (R, Fate)) -> Result<R, WriteError> {
        let lock = &self.region.lock;
        lock.check_may_write()?;
        let next = self.commits.begin();
        let (result, fate) = change(&mut Batch { changes: self.commits.changes(next), lock });
        // A child that was forked during the batch has made only a part of the changes, and must not publish them.
        lock.check_may_write()?;
        self.commits.end(next, fate);
        Ok(result)
    }

    /// Sets the value of a key, and returns the one that it had. One commit, also if the value is equal to the old one.
    ///
    /// # Errors
    /// The errors of [`Batch::insert`].
    #[inline]
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>, ChangeError> {
        self.batch(|batch| (batch.changes.insert_value(&key, &value), Fate::Publish))?
    }

    /// Inserts an entry unless the key has one; returns the value that is there already. One commit.
    ///
    /// # Errors
    /// The errors of [`Batch::insert_if_absent`].
    #[inline]
    pub fn insert_if_absent(&mut self, key: K, value: V) -> Result<Option<V>, ChangeError> {
        self.batch(|batch| (batch.changes.insert_if_absent(&key, &value), Fate::Publish))?
    }

    /// Changes the value of a key, in a private copy; returns what `change` returns, and `None` if there is no such
    /// key. One commit.
    ///
    /// # Errors
    /// The errors of [`Batch::update`].
    #[inline]
    pub fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> Result<Option<R>, ChangeError> {
        self.update_found(|changes| changes.find(Query::for_key(bytes_of(key))), change)
    }

    /// Changes the value of an entry as [`update`](Self::update), which is found without a search if it is still where
    /// it was: see [`Entry`](super::Entry). One commit.
    ///
    /// # Errors
    /// The errors of [`Batch::update`].
    #[inline]
    pub fn update_entry<R>(
        &mut self,
        entry: &Entry<K>,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, ChangeError> {
        self.update_found(|changes| changes.find(entry.query()), change)
    }

    #[inline(always)]
    fn update_found<R>(
        &mut self,
        find: impl FnOnce(&Changes<'_, Own<K, V>>) -> Found,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, ChangeError> {
        self.batch(|batch| {
            let (lock, found) = (batch.lock, find(&batch.changes));
            // `change` may fork.
            (batch.changes.update(found, |value| Ok((change(value), lock.check_may_write()?).0)), Fate::Publish)
        })?
    }

    /// Removes a key, and returns its value. One commit. The other tables, and so the file, have the entry until
    /// `buffers - 1` more commits have changed something: see [`Batch::remove`].
    ///
    /// # Errors
    /// The errors of [`Batch::remove`].
    #[inline]
    pub fn remove(&mut self, key: &K) -> Result<Option<V>, ChangeError> {
        self.batch(|batch| (batch.changes.remove(key), Fate::Publish))?
    }

    /// Removes all entries. One commit. The other tables have them for a while, as after [`remove`](Self::remove).
    ///
    /// # Errors
    /// In a forked process.
    #[allow(clippy::redundant_closure_for_method_calls)] // the method is one of a batch of a single lifetime
    pub fn clear(&mut self) -> Result<(), ChangeError> {
        self.commit(|batch| batch.clear())?
    }

    /// The map as it is, which can't be torn: there is no other writer.
    #[must_use]
    pub fn view(&self) -> View<'_, K, V> {
        // SAFETY: the slots of this map are those of its own types (I1 partition).
        unsafe { View::newest(&self.commits.place, None, self.region.mapping()) }
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commits.len
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The most entries: seven eighths of the slots, and at least what was asked for.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.commits.place.capacity()
    }

    /// The region of the map: its header, its type, which is that of a slot, its owner, and whether its path still
    /// leads to it. What it says is as for readers; its writer is this one.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region.region
    }

    /// The number of the newest generation.
    #[must_use]
    pub fn generation(&self) -> Version {
        self.view().generation()
    }

    /// Whether this writer created the map, rather than taking it over.
    #[must_use]
    pub fn was_created(&self) -> bool {
        self.region.was_created
    }

    /// Wakes every thread of every process that [waits](super::MapReader::wait) for this map. A system call
    /// of about 0.5 us, whether or not a thread waits. Without it, a thread that waits finds the change within 500 ms.
    pub fn wake(&self) {
        self.region.wake();
    }

    /// A descriptor to give to another process, which can read but not write by it; see
    /// [`Writer::share`](crate::Writer::share).
    ///
    /// # Errors
    /// If the system refuses.
    pub fn share(&self) -> Result<Handle, Error> {
        self.region.region.share()
    }

    /// Puts the map back if its path leads nowhere any more: see
    /// [`Writer::restore_if_removed`](crate::Writer::restore_if_removed). The new map has the entries of the newest
    /// generation, which goes on, and each the one that set it.
    ///
    /// # Errors
    /// The errors named there.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-map-restore-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u32>::create(&path, 100)?;
    /// map.insert(1, 10).unwrap();
    /// # #[cfg(windows)] // which deletes no file that is mapped
    /// # std::fs::rename(&path, path.with_extension("aside")).unwrap();
    /// # #[cfg(unix)]
    /// std::fs::remove_file(&path).unwrap();
    ///
    /// assert!(map.restore_if_removed()?);
    /// assert_eq!(MapReader::<u32, u32>::open(&path)?.get_versioned(&1), Ok(Some((10, map.generation()))));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn restore_if_removed(&mut self) -> Result<bool, Error> {
        self.restore()
    }

    /// Closes the map: from now on readers get [`ReadValueError::Closed`](crate::ReadValueError::Closed), no writer can
    /// take over, and the path is removed. Dropping a writer does none of this.
    ///
    /// # Errors
    /// If the path can't be removed; see [`Writer::close`](crate::Writer::close).
    pub fn close(self) -> Result<(), Error> {
        self.region.close()
    }
}

impl<K, V> fmt::Debug for MapWriter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MapWriter")
            .field("path", &self.region.region.path)
            .field("len", &self.commits.len)
            .finish_non_exhaustive()
    }
}
