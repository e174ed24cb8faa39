//! How a [`SeqMap`] is made, and what it does with all of its entries.

use core::hash::BuildHasher;

use crate::hasher::{FoldHasher, MapKey};
use crate::map::SeqMap;
use crate::tables::{Tables, bits_for};
use seqcopy::SeqCopy;

impl<K, V> SeqMap<K, V> {
    /// An empty map.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::<u32, u32>::new();
    /// assert!(map.is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self
    where
        K: MapKey,
        V: SeqCopy,
    {
        Self::with_capacity(0)
    }

    /// Creates an empty map that can hold at least this number of keys without growing.
    ///
    /// # Panics
    /// If that is more than fits the address space.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map = SeqMap::<u32, u32>::with_capacity(1000);
    /// assert!(map.capacity() >= 1000);
    /// ```
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self
    where
        K: MapKey,
        V: SeqCopy,
    {
        Self::with_capacity_and_hasher(capacity, FoldHasher::default())
    }
}

impl<K, V, S: BuildHasher> SeqMap<K, V, S> {
    /// An empty map with a hasher of your choice. All 64 bits of the hash are used.
    ///
    /// ```
    /// use std::hash::RandomState;
    /// # use seqcopy_map::SeqMap;
    ///
    /// // Keys that come from outside want a hasher whose collisions can't be foreseen.
    /// let map = SeqMap::<[u8; 16], u64, _>::with_hasher(RandomState::new());
    /// # let _ = map;
    /// ```
    #[must_use]
    pub fn with_hasher(hasher: S) -> Self
    where
        K: MapKey,
        V: SeqCopy,
    {
        Self::with_capacity_and_hasher(0, hasher)
    }

    /// [`with_capacity`](SeqMap::with_capacity) and [`with_hasher`](Self::with_hasher) in one.
    ///
    /// # Panics
    /// If the capacity is more than fits the address space.
    ///
    /// ```
    /// # use seqcopy_map::{FoldHasher, SeqMap};
    /// let map = SeqMap::<u32, u32>::with_capacity_and_hasher(100, FoldHasher::with_seed(1));
    /// assert!(map.capacity() >= 100);
    /// ```
    #[must_use]
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self
    where
        K: MapKey,
        V: SeqCopy,
    {
        SeqMap { tables: Tables::new(bits_for(capacity)), hasher }
    }
}

impl<K: MapKey, V: SeqCopy, S: BuildHasher + Default> Default for SeqMap<K, V, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K, V, S: BuildHasher> SeqMap<K, V, S> {
    /// Removes the entries that `keep` refuses. It is asked about each entry as it is at that moment, while other
    /// writers wait, and must not write to this map; between two entries they go on. About entries that come or go
    /// meanwhile it is asked once or not at all.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let leases: SeqMap<u32, u64> = (0..10).map(|key| (key, u64::from(key) * 100)).collect();
    /// leases.retain(|_, expires| *expires >= 500);
    /// assert_eq!(leases.len(), 5);
    /// assert_eq!(leases.get(&4), None);
    /// ```
    pub fn retain(&self, mut keep: impl FnMut(&K, &V) -> bool)
    where
        K: MapKey,
        V: SeqCopy,
    {
        for (key, _) in self {
            let hash = self.hash(&key);
            let mut change = self.change();
            let place = change.find(hash, &key);
            if place.value().is_some_and(|value| !keep(&key, &value)) {
                change.take(&place);
            }
        }
    }

    /// Removes all entries, one after another: as by [`retain`](Self::retain), those that others insert meanwhile may
    /// stay.
    ///
    /// ```
    /// # use seqcopy_map::SeqMap;
    /// let map: SeqMap<u32, u32> = [(1, 2), (3, 4)].into_iter().collect();
    /// map.clear();
    /// assert!(map.is_empty());
    /// ```
    pub fn clear(&self)
    where
        K: MapKey,
        V: SeqCopy,
    {
        self.retain(|_, _| false);
    }
}

/// Inserts entries into a map that other threads may use meanwhile.
impl<K: MapKey, V: SeqCopy, S: BuildHasher> Extend<(K, V)> for &SeqMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: MapKey, V: SeqCopy, S: BuildHasher> Extend<(K, V)> for SeqMap<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        (&*self).extend(entries);
    }
}

impl<K: MapKey, V: SeqCopy, S: BuildHasher + Default> FromIterator<(K, V)> for SeqMap<K, V, S> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let entries = entries.into_iter();
        let mut map = Self::with_capacity_and_hasher(entries.size_hint().0, S::default());
        map.extend(entries);
        map
    }
}

/// Copies the entries as [`iter`](SeqMap::iter) does: each is whole, and together they are of no one moment if others
/// write meanwhile.
impl<K: MapKey, V: SeqCopy, S: BuildHasher + Clone> Clone for SeqMap<K, V, S> {
    fn clone(&self) -> Self {
        let mut map = Self::with_capacity_and_hasher(self.len(), self.hasher().clone());
        map.extend(self);
        map
    }
}

/// Whether both have the same keys with equal values, whatever their hashers. Looks at one entry after another: of maps
/// that others write meanwhile the answer is of no one moment.
impl<K: MapKey, V: SeqCopy + PartialEq, S: BuildHasher, R: BuildHasher> PartialEq<SeqMap<K, V, R>> for SeqMap<K, V, S> {
    fn eq(&self, other: &SeqMap<K, V, R>) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(&key).is_some_and(|there| there == value))
    }
}

impl<K: MapKey, V: SeqCopy + Eq, S: BuildHasher> Eq for SeqMap<K, V, S> {}
