//! [`Entry`]: a handle to an entry, in a small file, as nothing of it knows a table: readers and writers look where it says.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::fmt;

use super::key::MapKey;
use super::slot::bytes_of;

/// A handle to an entry: a key, and where its entry was found last. [`MapReader::read_entry`](super::MapReader::read_entry) and
/// [`MapWriter::update_entry`](super::MapWriter::update_entry) look there first, which takes less time than a search (the guide [`maps`](crate::guide::maps) has figures).
/// They search, as [`get`](super::MapReader::get) does, if another key is there now: after removals entries move.
///
/// A handle is no more than a key and a guess, and belongs to no map: what it finds is right in every state of every map with such keys. So it
/// outlives readers and writers, and goes on after [`reopen_if_removed`](super::MapReader::reopen_if_removed). For a key that has no entry there
/// is nothing to remember, so each look is a search; after the key is inserted, the first look is.
///
/// Several threads may use one; each stores where it has found the entry, so the same handle for the readers of different maps would search
/// each time.
///
/// ```
/// use seqcopy_shm::{self as shm, Entry, MapReader, MapWriter};
/// # let path = shm::path_for(&format!("seqcopy-doc-entry-{}", std::process::id()));
/// let mut prices = MapWriter::<u32, u64>::create(&path, 1000)?;
/// let of_seven = Entry::new(7);
/// prices.insert(7, 700).unwrap();
/// assert_eq!(prices.update_entry(&of_seven, |price| *price += 5), Ok(Some(())));
///
/// // Usually in another process, with a handle of its own:
/// let (reader, of_seven) = (MapReader::<u32, u64>::open(&path)?, Entry::new(7));
/// assert_eq!(reader.read_entry(&of_seven), Ok(Some(705)));
/// prices.remove(&7).unwrap();
/// assert_eq!(reader.read_entry(&of_seven), Ok(None));
/// prices.insert(7, 710).unwrap();
/// assert_eq!(reader.read_entry(&of_seven), Ok(Some(710)));
/// # prices.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Entry<K> {
    key: K,
    last: LastSlot,
}

/// The slot in which a key was found last. Any number will do: it is masked, and the slot is looked at.
#[derive(Debug, Default)]
pub(super) struct LastSlot(AtomicUsize);

impl LastSlot {
    #[inline(always)]
    pub(super) fn get(&self) -> usize {
        self.0.load(Relaxed)
    }

    #[inline(always)]
    pub(super) fn set(&self, slot: usize) {
        self.0.store(slot, Relaxed);
    }
}

impl<K: MapKey> Entry<K> {
    /// A handle to the entry of a key, which need not have one yet. Looks at nothing.
    #[must_use]
    pub fn new(key: K) -> Self {
        Entry { key, last: LastSlot::default() }
    }

    /// Its key, and the slot to look at first.
    #[inline(always)]
    pub(super) fn parts(&self) -> (&[u8], &LastSlot) {
        (bytes_of(&self.key), &self.last)
    }
}

impl<K> Entry<K> {
    /// Its key.
    ///
    /// ```
    /// assert_eq!(seqcopy_shm::Entry::new(7u32).key(), &7);
    /// ```
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }
}

impl<K: Clone> Clone for Entry<K> {
    fn clone(&self) -> Self {
        Entry { key: self.key.clone(), last: LastSlot(AtomicUsize::new(self.last.get())) }
    }
}

impl<K: fmt::Debug> fmt::Debug for Entry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("key", &self.key).finish_non_exhaustive()
    }
}
