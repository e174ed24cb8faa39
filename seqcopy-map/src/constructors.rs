//! How a [`SeqMap`] is made.

use core::hash::BuildHasher;

use seqcopy::SeqCopy;

use crate::hasher::FoldHasher;
use crate::key::MapKey;
use crate::map::SeqMap;
use crate::tables::{Tables, bits_for};

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
