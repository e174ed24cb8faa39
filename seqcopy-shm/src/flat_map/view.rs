//! A [`View`] is one generation of a map.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::fmt;

use super::by_fields::OtherSlots;
use super::key::{MapKey, Query};
use super::place::Tables;
use super::slot::{Own, PartsOf, bytes_of};
use crate::error::ReadValueError;
use crate::life::MappedRegion;
use crate::value::validated;
use seqcopy::{MaybeInvalid, ReadError, Validate, Version};

/// One generation of a map: what it returns is of that generation, whatever the writer does meanwhile, or an error.
///
/// The view is one into the past as soon as the writer commits again, and stays readable until `buffers - 1` later
/// commits have ended: with two buffers until the next one, with 16 until the 15th. Then its methods return
/// [`ReadError::Torn`](seqcopy::ReadError::Torn): take a new view, or let [`MapReader::read`](super::MapReader::read)
/// do that. Each call is checked by itself; what was returned before stays true of the generation.
///
/// Every call is a single attempt, wait-free, with at most as many steps as there are slots, whatever the bits of the
/// region are.
///
/// ```
/// use seqcopy_shm::{self as shm, Options, MapReader};
/// # let path = shm::path_for(&format!("seqcopy-doc-view-{}", std::process::id()));
/// let mut map = Options::new().buffers(4).create_map::<u32, u32>(&path, 100)?;
/// map.insert(1, 10).unwrap();
///
/// let reader = MapReader::<u32, u32>::open(&path)?;
/// let view = reader.view();
/// map.insert(1, 11).unwrap();
/// assert_eq!((view.get(&1), reader.get(&1)), (Ok(Some(10)), Ok(Some(11))));
/// assert!(!view.is_current() && view.is_readable());
/// map.insert(1, 12).unwrap();
/// map.insert(1, 13).unwrap();
/// assert!(!view.is_readable());
/// assert!(view.get(&1).is_err());
/// # map.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct View<'a, K, V> {
    tables: &'a Tables,
    /// Present if the slots have other parts than those of `K` and `V`.
    others: Option<&'a OtherSlots<K, V>>,
    mapping: &'a MappedRegion,
    /// Which generation this is.
    count: u64,
    /// Invariant, so that lifetimes in the types can't be exchanged for others.
    types: PhantomData<fn(*mut K, *mut V)>,
}

impl<K, V> Clone for View<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for View<'_, K, V> {}

impl<'a, K: MapKey, V: Validate> View<'a, K, V> {
    /// The newest generation.
    ///
    /// # Safety
    /// The slots of this map are those of `K` and `V`, or the others, which were made for these types.
    #[inline(always)]
    pub(super) unsafe fn newest(
        tables: &'a Tables,
        others: Option<&'a OtherSlots<K, V>>,
        mapping: &'a MappedRegion,
    ) -> Self {
        View { tables, others, mapping, count: tables.begin(), types: PhantomData }
    }

    /// Which generation this is: commits are counted, and the first, an empty map, is 1.
    #[must_use]
    pub fn generation(&self) -> Version {
        Version::from_bits(self.count)
    }

    /// Whether no later generation is published. By the time it returns, one may be.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.tables.latch().count() == self.count
    }

    /// Whether the generation can still be read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.count != 0 && self.tables.is_readable(self.count)
    }

    /// The value of a key; `None` if it had none in this generation.
    ///
    /// # Errors
    /// If the generation can't be read any more, if the map was closed, or if the value is not valid.
    #[inline]
    pub fn get(&self, key: &K) -> Result<Option<V>, ReadValueError> {
        let found = self.find(Query::for_key(bytes_of(key)), |bits, _| Ok(bits.validate()?));
        found.map_err(|miss| self.mapping.explain(miss))?.transpose()
    }

    /// The value of a key, and the generation that set it.
    ///
    /// # Errors
    /// The errors of [`get`](Self::get).
    #[inline]
    pub fn get_versioned(&self, key: &K) -> Result<Option<(V, Version)>, ReadValueError> {
        let found =
            self.find(Query::for_key(bytes_of(key)), |bits, stamp| Ok((bits.validate()?, Version::from_bits(stamp))));
        found.map_err(|miss| self.mapping.explain(miss))?.transpose()
    }

    /// Whether the key had a value in this generation. The value is not validated.
    ///
    /// # Errors
    /// If the generation can't be read any more, or the map was closed.
    #[inline]
    pub fn contains_key(&self, key: &K) -> Result<bool, ReadValueError> {
        let found = self.find(Query::for_key(bytes_of(key)), |_, _| ());
        found.map(|found| found.is_some()).map_err(|miss| self.mapping.explain(miss))
    }

    /// The number of entries, as the writer has counted them: at most as many as there are slots.
    ///
    /// # Errors
    /// The errors of [`contains_key`](Self::contains_key).
    pub fn len(&self) -> Result<usize, ReadValueError> {
        let len = match self.others {
            // SAFETY: the contract of `newest`.
            None => unsafe { self.tables.len(&Own::<K, V>::new(), self.count) },
            // SAFETY: the others, which were made for these types, by the contract of `newest` (I1 partition).
            Some(others) => unsafe { self.tables.len(others, self.count) },
        };
        len.map_err(|miss| self.mapping.explain(miss))
    }

    /// Whether there is no entry, by the writer's count.
    ///
    /// # Errors
    /// The errors of [`contains_key`](Self::contains_key).
    pub fn is_empty(&self) -> Result<bool, ReadValueError> {
        Ok(self.len()? == 0)
    }

    /// All entries, in no order. Looks at every slot.
    ///
    /// An entry that is not valid is an error, after which the iteration goes on. If the generation can't be read any
    /// more, it ends with that error: then the entries before it are of the generation, but not all.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter, ReadValueError};
    /// # let path = shm::path_for(&format!("seqcopy-doc-iter-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u32>::create(&path, 100)?;
    /// map.commit(|batch| (0..10).for_each(|key| _ = batch.insert(key, key * key))).unwrap();
    /// let reader = MapReader::<u32, u32>::open(&path)?;
    /// let sum = reader.read(|view| {
    ///     let mut sum = 0;
    ///     for entry in view.iter() {
    ///         let (_key, value) = entry?;
    ///         sum += value;
    ///     }
    ///     Ok(sum)
    /// });
    /// assert_eq!(sum, Ok(285));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = Result<(K, V), ReadValueError>> {
        self.changed_since(Version::NEVER).map(|entry| entry.map(|(key, value, _)| (key, value)))
    }

    /// The entries that were inserted or changed after the generation `since`, with the generation that did. Looks at
    /// every slot.
    ///
    /// Removed keys are not among them. A reader that must learn of removals keeps the keys that it knows and asks
    /// [`contains_key`](Self::contains_key) for each in the same view, or the writer marks values as removed before it
    /// removes them.
    ///
    /// ```
    /// # use seqcopy_shm::{self as shm, MapReader, MapWriter};
    /// # let path = shm::path_for(&format!("seqcopy-doc-changed-since-{}", std::process::id()));
    /// let mut map = MapWriter::<u32, u32>::create(&path, 100)?;
    /// let reader = MapReader::<u32, u32>::open(&path)?;
    /// map.insert(1, 10).unwrap();
    /// let known = reader.generation();
    /// map.insert(2, 20).unwrap();
    /// let changed: Result<Vec<_>, _> = reader.view().changed_since(known).collect();
    /// assert_eq!(changed, Ok(vec![(2, 20, reader.generation())]));
    /// # map.close()?;
    /// # Ok::<(), shm::Error>(())
    /// ```
    pub fn changed_since(&self, since: Version) -> impl Iterator<Item = Result<(K, V, Version), ReadValueError>> {
        // After `NEVER`, whose successor is 0, all entries are returned.
        Entries { view: *self, slot: 0, least: since.to_bits().wrapping_add(1).max(1) }
    }

    /// Attempts once to find a key, like [`Tables::find`], and calls `found` with the bits of its value and its stamp.
    #[inline(always)]
    pub(super) fn find<R>(
        &self,
        query: Query<'_>,
        found: impl FnOnce(MaybeInvalid<V>, u64) -> R,
    ) -> Result<Option<R>, ReadError> {
        let Some(others) = self.others else {
            // SAFETY: there are no others, as that contract asks (I1 partition).
            return unsafe { self.find_own(query, found) };
        };
        let mut buf = MaybeUninit::uninit();
        // SAFETY: the others, which were made for these types, by the contract of `newest` (I1 partition).
        let stamp = unsafe { others.find(self.tables, self.count, query, &mut buf) }?;
        // SAFETY: it was found, so the attempt wrote every data byte (I6 maybe-invalid).
        Ok(stamp.map(|stamp| found(unsafe { MaybeInvalid::assume_written(buf) }, stamp)))
    }

    /// Does the same as [`find`](Self::find), in slots of the view's own types. The address of the buffer never leaves
    /// this function, so a value need not be in memory.
    /// # Safety
    /// The view has no others, so the slots are those of `K` and `V`.
    #[inline(always)]
    pub(super) unsafe fn find_own<R>(
        &self,
        query: Query<'_>,
        found: impl FnOnce(MaybeInvalid<V>, u64) -> R,
    ) -> Result<Option<R>, ReadError> {
        let mut buf = MaybeUninit::<V>::uninit();
        // SAFETY: slots of one's own, by this function's contract (I1 partition).
        let stamp = unsafe { self.tables.find(&Own::<K, V>::new(), self.count, query, buf.as_mut_ptr().cast()) }?;
        // SAFETY: it was found, so the attempt wrote every data byte (I6 maybe-invalid).
        Ok(stamp.map(|stamp| found(unsafe { MaybeInvalid::assume_written(buf) }, stamp)))
    }

    /// Whether everything that was loaded so far belongs to the generation.
    #[inline(always)]
    fn check_not_torn(&self) -> Result<(), ReadValueError> {
        let miss = match self.count {
            0 => ReadError::Empty,
            _ if self.tables.is_readable(self.count) => return Ok(()),
            _ => ReadError::Torn,
        };
        Err(self.mapping.explain(miss))
    }
}

/// The entries of a view whose stamps are at least `least`.
struct Entries<'a, K, V> {
    view: View<'a, K, V>,
    /// The next slot. More than the number of slots after the iteration has ended.
    slot: usize,
    least: u64,
}

impl<K: MapKey, V: Validate> Iterator for Entries<'_, K, V> {
    type Item = Result<(K, V, Version), ReadValueError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.view.others {
            // SAFETY: the contract of `View::newest`.
            None => unsafe { self.next_of(&Own::new()) },
            // SAFETY: the others, which were made for these types, by the contract of `newest` (I1 partition).
            Some(others) => unsafe { self.next_of(others) },
        }
    }
}

impl<K: MapKey, V: Validate> Entries<'_, K, V> {
    /// # Safety
    /// The slots have these parts.
    unsafe fn next_of<P: PartsOf<K, V>>(&mut self, parts: &P) -> Option<Result<(K, V, Version), ReadValueError>> {
        let table = same_contract!(self.view.tables.table(parts, self.view.count));
        if self.slot > table.slots() {
            return None;
        }
        while self.slot < table.slots() {
            let slot = self.slot;
            self.slot += 1;
            let stamp = table.stamp(slot);
            if stamp < self.least {
                // An overtaken generation is noticed soon, even if there are few entries.
                if self.slot % 64 == 0 && self.view.check_not_torn().is_err() {
                    break;
                }
                continue;
            }
            let (mut key, mut value) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            table.key(slot, &mut key);
            table.value(slot, &mut value);
            if self.view.check_not_torn().is_err() {
                break;
            }
            let entry = || {
                // SAFETY: the table's load wrote every data byte (I6 maybe-invalid).
                let key = unsafe { validated(key) }?;
                // SAFETY: as for the key (I6 maybe-invalid).
                let value = unsafe { validated(value) }?;
                Ok((key, value, Version::from_bits(stamp)))
            };
            return Some(entry());
        }
        self.slot = usize::MAX;
        // The skipped slots must belong to the generation, too.
        self.view.check_not_torn().err().map(Err)
    }
}

impl<K: MapKey, V: Validate> fmt::Debug for View<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("View").field("generation", &self.count).finish_non_exhaustive()
    }
}
