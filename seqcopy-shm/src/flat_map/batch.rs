//! A [`Batch`] contains the changes of one commit.

#![allow(clippy::needless_pass_by_value)] // keys and values are given away, as to any map

use core::mem::MaybeUninit;
use std::fmt;

use super::commit::Changes;
use super::key::{MapKey, Query};
use super::slot::{Entry, Own, bytes_of};
use super::table::Found;
use crate::error::ChangeError;
use crate::life::WriterLock;
use seqcopy::{InvalidValue, MaybeInvalid, Validate, Version};

/// Changes of a map that other processes see all at once, when [`MapWriter::commit`](super::MapWriter::commit) returns,
/// or not at all.
///
/// Its methods see the changes that were made before. They make no system call and wait for nothing; now and then the
/// writer's list of changed slots needs memory.
///
/// ```
/// use seqcopy_shm::{self as shm, MapReader, MapWriter};
/// # let path = shm::path_for(&format!("seqcopy-doc-batch-{}", std::process::id()));
/// let mut accounts = MapWriter::<u32, i64>::create(&path, 100)?;
/// let reader = MapReader::<u32, i64>::open(&path)?;
/// let total = || reader.read(|view| view.iter().map(|entry| Ok(entry?.1)).sum::<Result<i64, _>>());
///
/// accounts.commit(|batch| [batch.insert(1, 70), batch.insert(2, 30)]).unwrap();
/// // No reader sees the money in both accounts, nor in neither.
/// accounts.commit(|batch| {
///     batch.update(&1, |money| *money -= 20).unwrap();
///     assert_eq!(total(), Ok(100));
///     batch.update(&2, |money| *money += 20).unwrap();
/// }).unwrap();
/// assert_eq!((reader.get(&1), reader.get(&2), total()), (Ok(Some(50)), Ok(Some(50)), Ok(100)));
/// # accounts.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Batch<'a, K, V> {
    pub(super) changes: Changes<'a, Own<K, V>>,
    /// Tells whether this process was forked since.
    pub(super) lock: &'a WriterLock,
}

impl<K: MapKey, V: Validate> Batch<'_, K, V> {
    /// Sets the value of a key, and returns the one that it had.
    ///
    /// # Errors
    /// [`ChangeError::Full`] if the key is new and there are [`capacity`](super::MapWriter::capacity) entries: then
    /// nothing is changed, and the earlier changes of the batch stay in it
    /// ([`MapWriter::try_commit`](super::MapWriter::try_commit) drops them). In a forked process.
    /// [`ChangeError::Invalid`] if the old value is not valid; the new one is set all the same.
    #[inline(always)]
    pub fn insert(&mut self, key: K, value: V) -> Result<Option<V>, ChangeError> {
        self.check_may_write()?;
        self.changes.insert_value(&key, &value)
    }

    /// Inserts an entry unless the key has one; returns the value that is there already.
    ///
    /// There is one writer, so no other process can insert the key meanwhile.
    ///
    /// # Errors
    /// The errors of [`insert`](Self::insert). Nothing is changed then.
    #[inline]
    pub fn insert_if_absent(&mut self, key: K, value: V) -> Result<Option<V>, ChangeError> {
        self.check_may_write()?;
        self.changes.insert_if_absent(&key, &value)
    }

    /// Changes the value of a key, in a private copy; returns what `change` returns, and `None` if there is no such
    /// key.
    ///
    /// # Errors
    /// If the value is not valid, and in a forked process. Nothing is changed then.
    #[inline]
    pub fn update<R>(&mut self, key: &K, change: impl FnOnce(&mut V) -> R) -> Result<Option<R>, ChangeError> {
        self.check_may_write()?;
        let lock = self.lock;
        let found = self.changes.find(Query::for_key(bytes_of(key)));
        // `change` may fork.
        self.changes.update(found, |value| Ok((change(value), lock.check_may_write()?).0))
    }

    /// Changes the value of an entry as [`update`](Self::update), which is found without a search if it is still where
    /// it was: see [`Entry`].
    ///
    /// # Errors
    /// The errors of [`update`](Self::update).
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, Entry, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-batch-entry-{}", std::process::id()));
    /// let mut counts = MapWriter::<u32, u64>::create(&path, 100)?;
    /// counts.commit(|batch| (1..=3).for_each(|key| _ = batch.insert(key, 0))).unwrap();
    /// let entries = [1, 2, 3].map(Entry::new);
    /// counts.commit(|batch| entries.each_ref().map(|entry| batch.update_entry(entry, |count| *count += 1))).unwrap();
    /// assert_eq!(counts.view().get(&2), Ok(Some(1)));
    /// # counts.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    #[inline]
    pub fn update_entry<R>(
        &mut self,
        entry: &Entry<K>,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>, ChangeError> {
        self.check_may_write()?;
        let lock = self.lock;
        let found = self.changes.find(entry.query());
        // `change` may fork.
        self.changes.update(found, |value| Ok((change(value), lock.check_may_write()?).0))
    }

    /// Removes a key, and returns its value.
    ///
    /// Entries after it may move to other slots. Readers don't notice: they look at other tables.
    ///
    /// Its key and its value become zeros in each table when that is the next one: so the file has nothing of them any
    /// more when the batch was published, and `buffers - 1` later ones, or when another writer has taken over. The same
    /// is true of a value that [`insert`](Self::insert) or [`update`](Self::update) replaces.
    /// [`guide::guarantees`](crate::guide::guarantees) has the rest ("What stays in a region").
    ///
    /// # Errors
    /// In a forked process. [`ChangeError::Invalid`] if the value is not valid; the entry is removed all the same.
    #[inline]
    pub fn remove(&mut self, key: &K) -> Result<Option<V>, ChangeError> {
        self.check_may_write()?;
        self.changes.remove(key)
    }

    /// Removes the entries that `keep` refuses. It is asked once about each entry that is valid; others stay. Looks at
    /// every slot.
    ///
    /// # Errors
    /// In a forked process. [`ChangeError::Invalid`] if an entry is not valid; the others are removed or kept all the
    /// same.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-retain-{}", std::process::id()));
    /// let mut leases = MapWriter::<u32, u64>::create(&path, 100)?;
    /// leases.commit(|batch| {
    ///     (1..10).for_each(|host| _ = batch.insert(host, u64::from(host) * 100));
    ///     batch.retain(|_, expires| *expires >= 500).unwrap();
    /// }).unwrap();
    /// assert_eq!(leases.len(), 5);
    /// # leases.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) -> Result<(), ChangeError> {
        self.check_may_write()?;
        let (lock, mut result) = (self.lock, Ok(()));
        self.changes.retain(|changes, slot| match changes.entry(slot) {
            Ok((key, value)) => {
                let keeps = keep(&key, &value);
                // `keep` may have forked.
                lock.check_may_write()?;
                Ok(keeps)
            }
            Err(error) => {
                result = result.and(Err(error.into()));
                Ok::<_, ChangeError>(true)
            }
        })?;
        result
    }

    /// Removes all entries. Looks at every slot. Keys and values become zeros as by [`remove`](Self::remove).
    ///
    /// # Errors
    /// In a forked process.
    pub fn clear(&mut self) -> Result<(), ChangeError> {
        self.check_may_write()?;
        self.changes.clear();
        Ok(())
    }

    /// The value of a key, with the changes of this batch.
    ///
    /// # Errors
    /// If the value is not valid.
    #[inline]
    pub fn get(&self, key: &K) -> Result<Option<V>, ChangeError> {
        match self.changes.find(Query::for_key(bytes_of(key))) {
            Found::Key(slot, _) => Ok(Some(self.changes.bits(slot).validate()?)),
            _ => Ok(None),
        }
    }

    /// Whether there is an entry for a key, with the changes of this batch.
    #[must_use]
    pub fn contains_key(&self, key: &K) -> bool {
        matches!(self.changes.find(Query::for_key(bytes_of(key))), Found::Key(..))
    }

    /// The number of entries, with the changes of this batch.
    #[must_use]
    pub fn len(&self) -> usize {
        *self.changes.len
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The generation that the batch becomes if it is published.
    #[must_use]
    pub fn generation(&self) -> Version {
        Version::from_bits(self.changes.generation)
    }

    #[inline(always)]
    fn check_may_write(&self) -> Result<(), ChangeError> {
        Ok(self.lock.check_may_write()?)
    }
}

/// These functions do not check for a fork. Their callers do.
impl<K: MapKey, V: Validate> Changes<'_, Own<K, V>> {
    #[inline(always)]
    pub(super) fn insert_value(&mut self, key: &K, value: &V) -> Result<Option<V>, ChangeError> {
        let (there, key) = (self.find(Query::for_key(bytes_of(key))), bytes_of(key));
        // SAFETY: a key and a value (I4 private).
        let old = unsafe { self.insert(there, key, (&raw const *value).cast(), |this, slot| (this.bits(slot), true)) };
        Ok(old?.map(MaybeInvalid::validate).transpose()?)
    }

    #[inline(always)]
    pub(super) fn insert_if_absent(&mut self, key: &K, value: &V) -> Result<Option<V>, ChangeError> {
        let (there, key) = (self.find(Query::for_key(bytes_of(key))), bytes_of(key));
        // SAFETY: a key and a value (I4 private).
        let old = unsafe { self.insert(there, key, (&raw const *value).cast(), |this, slot| (this.bits(slot), false)) };
        Ok(old?.map(MaybeInvalid::validate).transpose()?)
    }

    #[inline(always)]
    pub(super) fn update<R>(
        &mut self,
        found: Found,
        change: impl FnOnce(&mut V) -> Result<R, ChangeError>,
    ) -> Result<Option<R>, ChangeError> {
        let Found::Key(slot, _) = found else { return Ok(None) };
        let mut value = self.bits(slot).validate()?;
        let result = change(&mut value)?;
        // SAFETY: a value (I4 private).
        unsafe { self.set(slot, (&raw const value).cast()) };
        Ok(Some(result))
    }

    #[inline(always)]
    pub(super) fn remove(&mut self, key: &K) -> Result<Option<V>, ChangeError> {
        let Found::Key(slot, _) = self.find(Query::for_key(bytes_of(key))) else { return Ok(None) };
        let old = self.bits(slot);
        self.remove_at(slot);
        Ok(Some(old.validate()?))
    }

    /// The bits of a value. Only this process writes here, unless another one breaks the rules.
    #[inline(always)]
    fn bits(&self, slot: usize) -> MaybeInvalid<V> {
        let mut buf = MaybeUninit::uninit();
        self.table.value(slot, &mut buf);
        // SAFETY: the load wrote every data byte (I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written(buf) }
    }

    /// An entry that was validated.
    fn entry(&self, slot: usize) -> Result<(K, V), InvalidValue> {
        let mut buf = MaybeUninit::uninit();
        self.table.key(slot, &mut buf);
        // SAFETY: the load wrote every data byte (I6 maybe-invalid).
        let key = unsafe { MaybeInvalid::assume_written(buf) };
        Ok((key.validate()?, self.bits(slot).validate()?))
    }
}

impl<K, V> fmt::Debug for Batch<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("generation", &self.changes.generation)
            .field("len", &*self.changes.len)
            .finish_non_exhaustive()
    }
}
