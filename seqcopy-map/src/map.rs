//! [`SeqMap`]: lookups, changes and iteration.

use core::fmt;
use core::hash::BuildHasher;

use crate::hasher::{FoldHasher, MapKey};
use crate::iter::Iter;
use crate::primitive::{Relaxed, snooze};
use crate::slot::Cell;
use crate::slot::Hash;
use crate::tables::{Change, Tables, bits_for};
use seqcopy::{ReadError, SeqCopy};

/// A hash map of plain data that threads share. Readers take no lock, no guard and no epoch.
///
/// Keys and values are copied bit by bit, in and out. Each entry has a sequence word of its own, so a value that is
/// read is one that was written, whole. Operations on one key are linearizable with respect to happens-before: a read
/// returns what the last write that happens-before it has left, or what a later one has. A thread that has learnt of a
/// write by a relaxed access only may miss it. Nothing is promised of several keys together: put what belongs together
/// into one value.
///
/// # What other threads see
/// What a writer did before it inserted or updated an entry happens-before the return of every [`get`](Self::get) that
/// finds that value. A key that is absent orders nothing.
///
/// # Progress
/// Readers never wait for the map, only for an entry that is being stored at that moment, and never write to it.
/// Writers ([`insert`](Self::insert), [`update`](Self::update), [`alter`](Self::alter), [`remove`](Self::remove),
/// [`retain`](Self::retain), ..) wait for each other. A closure that is passed to one of them, and `Eq` of the keys,
/// run while other writers wait, and must not write to the same map: that would never end. They may read, and `Hash`,
/// which reads call, must not write to the map either.
///
/// # Panics
/// Panics of `Hash`, `Eq` and closures are passed on, and leave the map as it was. A map that grows beyond the address
/// space panics, and one that finds no memory aborts, as collections of `alloc` do.
///
/// `Hash` and `Eq` must agree, as for every hash map; if they don't, keys are lost or found twice, and nothing worse.
///
/// ```
/// use seqcopy::SeqCopy;
/// use seqcopy_map::SeqMap;
///
/// #[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
/// struct Quote { bid: f64, ask: f64, live: bool }
///
/// let quotes = SeqMap::<[u8; 4], Quote>::with_capacity(1000);
/// quotes.insert(*b"ACME", Quote { bid: 9.5, ask: 9.6, live: true });
/// assert_eq!(quotes.get(b"ACME").map(|quote| quote.ask), Some(9.6));
/// ```
pub struct SeqMap<K, V, S = FoldHasher> {
    pub(crate) tables: Tables<K, V>,
    pub(crate) hasher: S,
}

// The bounds are on the methods, so that a type that is not a key is answered with the message of `MapKey`. Of a bound
// on the impl, rustc only says that the method can't be called.
impl<K, V, S: BuildHasher> SeqMap<K, V, S> {
    /// A copy of the value of a key. Waits while the entry is being stored, and tries again if it was stored meanwhile,
    /// or if the map began or ended to move to another table.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// map.insert(1, 'a');
    /// assert_eq!(map.get(&1), Some('a'));
    /// assert_eq!(map.get(&2), None);
    /// ```
    #[inline]
    pub fn get(&self, key: &K) -> Option<V>
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(key);
        let mut failed = 0;
        loop {
            if let Ok(found) = self.try_get_hashed(hash, key) {
                return found;
            }
            snooze(&mut failed);
        }
    }

    /// [`get`](Self::get) in a single attempt. Wait-free: it looks at each slot of two tables at most once.
    ///
    /// # Errors
    /// [`Busy`](ReadError::Busy) if the entry is being stored, [`Torn`](ReadError::Torn) if it was stored meanwhile, or
    /// if the map began or ended to move to another table.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// map.insert(1, 'a');
    /// assert_eq!(map.try_get(&1), Ok(Some('a')));
    /// ```
    #[inline]
    pub fn try_get(&self, key: &K) -> Result<Option<V>, ReadError>
    where
        K: MapKey,
        V: SeqCopy,
    {
        self.try_get_hashed(self.hash(key), key)
    }

    /// Whether the map has the key. As [`get`](Self::get), without a copy of the value.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// map.insert(1, 'a');
    /// assert!(map.contains_key(&1) && !map.contains_key(&2));
    /// ```
    pub fn contains_key(&self, key: &K) -> bool
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(key);
        let mut failed = 0;
        loop {
            if let Ok(found) = self.tables.try_read(hash, key, |_| ()) {
                return found.is_some();
            }
            snooze(&mut failed);
        }
    }

    /// Stores a value, and returns the one that the key had.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// assert_eq!(map.insert(1, 'a'), None);
    /// assert_eq!(map.insert(1, 'b'), Some('a'));
    /// ```
    #[allow(clippy::needless_pass_by_value)] // moved into the map, as into any other
    pub fn insert(&self, key: K, value: V) -> Option<V>
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(&key);
        let mut change = self.change();
        let place = change.find(hash, &key);
        let old = place.value();
        change.put(&place, &key, &value);
        old
    }

    /// Stores a value if the key has none. Otherwise returns the one that it has, and changes nothing.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// assert_eq!(map.insert_if_absent(1, 'a'), None);
    /// assert_eq!(map.insert_if_absent(1, 'b'), Some('a'));
    /// assert_eq!(map.get(&1), Some('a'));
    /// ```
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn insert_if_absent(&self, key: K, value: V) -> Option<V>
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(&key);
        let mut change = self.change();
        let place = change.find(hash, &key);
        let present = place.value();
        if present.is_none() {
            change.put(&place, &key, &value);
        }
        present
    }

    /// Changes the value of a key in a private copy, which is then stored. `None` if the map does not have the key; the
    /// closure is not called then. If it panics, the value stays as it was.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let hits = SeqMap::new();
    /// hits.insert(5, 0u64);
    /// assert_eq!(hits.update(&5, |count| { *count += 1; *count }), Some(1));
    /// assert_eq!(hits.update(&6, |count| *count += 1), None);
    /// ```
    pub fn update<R>(&self, key: &K, update: impl FnOnce(&mut V) -> R) -> Option<R>
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(key);
        let mut change = self.change();
        let place = change.find(hash, key);
        let mut value = place.value()?;
        let result = update(&mut value);
        change.put(&place, key, &value);
        Some(result)
    }

    /// What an entry of other maps does: passes the value of a key, if there is one, to a closure, and stores what it
    /// returns; for `None` the key is removed. Returns what is stored. Other threads see the old entry or the new one.
    /// If the closure panics, the map stays as it was.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let hits = SeqMap::new();
    /// for page in [3, 5, 3] {
    ///     hits.alter(page, |count| Some(count.unwrap_or(0) + 1));
    /// }
    /// assert_eq!((hits.get(&3), hits.get(&5)), (Some(2), Some(1)));
    /// hits.alter(5, |_| None);
    /// assert!(!hits.contains_key(&5));
    /// ```
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn alter(&self, key: K, alter: impl FnOnce(Option<V>) -> Option<V>) -> Option<V>
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(&key);
        let mut change = self.change();
        let place = change.find(hash, &key);
        let new = alter(place.value());
        match &new {
            Some(value) => change.put(&place, &key, value),
            None => _ = change.take(&place),
        }
        new
    }

    /// Removes a key, and returns the value that it had. Its slot stays the key's until the map moves to another table,
    /// so that keys which come and go make it move now and then.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// map.insert(1, 'a');
    /// assert_eq!(map.remove(&1), Some('a'));
    /// assert_eq!(map.remove(&1), None);
    /// ```
    pub fn remove(&self, key: &K) -> Option<V>
    where
        K: MapKey,
        V: SeqCopy,
    {
        let hash = self.hash(key);
        let mut change = self.change();
        let place = change.find(hash, key);
        let old = place.value()?;
        change.take(&place);
        Some(old)
    }

    /// Copies of all entries, in no particular order, while other threads change the map. Each entry is whole; together
    /// they are of no one moment. A key that the map has from the beginning to the end is given once, one that comes or
    /// goes meanwhile once or not at all.
    ///
    /// Allocates for entries whose hashes begin with the same bits, a few at a time. Tries again where
    /// [`get`](Self::get) does.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// (0..100u32).for_each(|key| _ = map.insert(key, 2 * key));
    /// let mut entries: Vec<_> = map.iter().collect();
    /// entries.sort();
    /// assert_eq!(entries.len(), 100);
    /// assert_eq!(entries[7], (7, 14));
    /// ```
    pub fn iter(&self) -> Iter<'_, K, V>
    where
        K: MapKey,
        V: SeqCopy,
    {
        Iter::new(&self.tables)
    }

    /// Moves all entries to the smallest table that has space for them, and frees all other memory. Exclusive access
    /// shows that no reader is left.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let mut map = SeqMap::with_capacity(1000);
    /// map.insert(1, 'a');
    /// map.shrink_to_fit();
    /// assert!(map.capacity() < 100);
    /// assert_eq!(map.get(&1), Some('a'));
    /// ```
    pub fn shrink_to_fit(&mut self)
    where
        K: MapKey,
        V: SeqCopy,
    {
        let mut smaller = Tables::new(bits_for(self.len()));
        for (key, value) in self.iter() {
            let mut change = smaller.write();
            change.step();
            let place = change.find(self.hash(&key), &key);
            change.put(&place, &key, &value);
        }
        core::mem::swap(&mut self.tables, &mut smaller);
    }
}

/// What the methods share.
impl<K: MapKey, V: SeqCopy, S: BuildHasher> SeqMap<K, V, S> {
    #[inline(always)]
    pub(crate) fn hash(&self, key: &K) -> Hash {
        Hash::new(self.hasher.hash_one(key))
    }

    #[inline(always)]
    fn try_get_hashed(&self, hash: Hash, key: &K) -> Result<Option<V>, ReadError> {
        let found = self.tables.try_read(hash, key, Cell::load)?;
        // SAFETY: the slot's word shows that these are the bits of one value, stored before the slot was full (P21
        // snapshot, I7 checked).
        Ok(found.map(|bits| unsafe { bits.assume_valid() }))
    }

    /// The claim, with this write's share of the growth done.
    #[inline(always)]
    pub(crate) fn change(&self) -> Change<'_, K, V> {
        let mut change = self.tables.write();
        change.step();
        change
    }
}

impl<K, V, S> SeqMap<K, V, S> {
    /// The number of entries, as it was at some time during the call. Orders nothing.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::new();
    /// map.insert(1, 'a');
    /// assert_eq!(map.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.tables.len.load(Relaxed)
    }

    /// Whether there is no entry, as for [`len`](Self::len).
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// assert!(SeqMap::<u32, u32>::new().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many different keys the newest table takes before the map moves to another one.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// assert!(SeqMap::<u32, u32>::with_capacity(100).capacity() >= 100);
    /// ```
    pub fn capacity(&self) -> usize {
        let tables = self.tables.in_use(self.tables.read_begin().count());
        tables.next.unwrap_or(tables.first).limit()
    }

    /// The hasher.
    ///
    /// ```
    /// # use seqcopy_map::{FoldHasher, SeqMap};
    /// let _: &FoldHasher = SeqMap::<u32, u32>::new().hasher();
    /// ```
    pub fn hasher(&self) -> &S {
        &self.hasher
    }
}

impl<K: MapKey + fmt::Debug, V: SeqCopy + fmt::Debug, S: BuildHasher> fmt::Debug for SeqMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

impl<'a, K: MapKey, V: SeqCopy, S: BuildHasher> IntoIterator for &'a SeqMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}
