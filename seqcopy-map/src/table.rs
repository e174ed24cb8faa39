//! [`Table`]: slots, searched by groups of eight, from that which a hash names on.

use alloc::boxed::Box;

use seqcopy::{ReadError, SeqCopy};

use crate::cell::Cell;
use crate::primitive::Tracked;
use crate::slot::{Found, Hash, Slot};
use crate::tags::{GROUP_BITS, Group, Tag, Tags};
use crate::zeroed::Zeroed;

/// A number of slots that is a power of two. Its own fields never change; the slots change by their words.
pub(crate) struct Table<K, V> {
    slots: Zeroed<Slot<K, V>>,
    tags: Tags,
    bits: u32,
    tracked: Tracked,
}

impl<K, V> Table<K, V> {
    /// A table of 2 to the power `bits` free slots, to be freed by [`free`](Self::free).
    ///
    /// # Panics
    /// If it is too large for the address space.
    pub(crate) fn allocate(bits: u32) -> *mut Self {
        let slots = Zeroed::allocate(bits);
        Box::into_raw(Box::new(Table { slots, tags: Tags::allocate(bits), bits, tracked: Tracked::new() }))
    }

    /// # Safety
    /// The table is from [`allocate`](Self::allocate), and no thread uses it any more.
    pub(crate) unsafe fn free(table: *mut Self) {
        // SAFETY: made by `Box::into_raw`, and given up by the caller (I4 private).
        drop(unsafe { Box::from_raw(table) });
    }

    /// For loom: that the table was made before this look.
    #[inline(always)]
    pub(crate) fn look(&self) {
        self.tracked.look();
    }

    #[inline(always)]
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// The number of slots.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// How many slots may be used before the table is replaced.
    pub(crate) fn limit(&self) -> usize {
        // An eighth, rounded, stays free: models have less than eight.
        self.len() - (self.len() + 4) / 8
    }

    #[inline(always)]
    pub(crate) fn slot(&self, index: usize) -> &Slot<K, V> {
        self.slots.at(index)
    }

    /// The group in which the search for a hash begins.
    #[inline(always)]
    fn home(&self, hash: Hash) -> usize {
        hash.upper(self.bits) >> GROUP_BITS
    }

    /// The groups in which a hash may be, with their tags, in the order of the search.
    #[inline(always)]
    fn probe(&self, hash: Hash) -> impl Iterator<Item = (usize, Group)> {
        let home = self.home(hash);
        (0..self.tags.groups()).map(move |step| (home + step, self.tags.group(home + step)))
    }

    /// The slots in which a hash may be that are not free, in the order of the search.
    pub(crate) fn used(&self, hash: Hash) -> impl Iterator<Item = &Slot<K, V>> {
        let begin = self.home(hash) << GROUP_BITS;
        (0..self.len()).map(move |step| self.slot(begin + step)).take_while(|slot| !slot.meta().is_free())
    }

    /// Calls `look` with the slots of a hash's tag, until it returns something. Some may have another tag, but none is free.
    #[inline(always)]
    fn search<'a, R>(&'a self, hash: Hash, mut look: impl FnMut(&'a Slot<K, V>) -> Option<R>) -> Option<R> {
        let tag = Tag::of(hash);
        for (group, tags) in self.probe(hash) {
            for step in tags.matching(tag) {
                let found = look(self.slot((group << GROUP_BITS) + step));
                if found.is_some() {
                    return found;
                }
            }
            if !tags.free().is_empty() {
                break;
            }
        }
        None
    }
}

impl<K: SeqCopy + Eq, V: SeqCopy> Table<K, V> {
    /// One attempt to find a key, for readers.
    #[inline(always)]
    pub(crate) fn read<R>(&self, hash: Hash, key: &K, load: &impl Fn(&Cell<V>) -> R) -> Result<Option<R>, ReadError> {
        let found = self.search(hash, |slot| match slot.read(hash, key, load) {
            Ok(Found::Full(found)) => Some(Ok(Some(found))),
            Ok(Found::Gone) => Some(Ok(None)),
            Ok(Found::Other) => None,
            Err(error) => Some(Err(error)),
        });
        found.unwrap_or(Ok(None))
    }

    /// The slot of a key, full or gone.
    ///
    /// # Safety
    /// The caller holds the claim.
    #[inline(always)]
    pub(crate) unsafe fn find(&self, hash: Hash, key: &K) -> Option<&Slot<K, V>> {
        // SAFETY: the same contract; a slot is looked at only if it has a tag, even if that is another one, so it is not free.
        self.search(hash, |slot| (slot.meta().hash() == hash && unsafe { slot.key() } == *key).then_some(slot))
    }
}

impl<K: SeqCopy, V: SeqCopy> Table<K, V> {
    /// Fills a free slot, for a key that has none in this table.
    ///
    /// # Panics
    /// If no slot is free. Then the limit was not heeded.
    ///
    /// # Safety
    /// The caller holds the claim.
    pub(crate) unsafe fn add(&self, hash: Hash, key: &K, value: &V) {
        let index = self.free_slot(hash);
        // SAFETY: the same contract; this slot is free.
        unsafe { self.slot(index).fill(hash, key, value, || self.tags.set(index, Tag::of(hash))) };
    }

    /// Makes a slot free.
    ///
    /// # Safety
    /// As for [`Slot::set_free`].
    pub(crate) unsafe fn set_free(&self, index: usize) {
        // SAFETY: the same contract.
        unsafe { self.slot(index).set_free(|| self.tags.clear(index)) };
    }
}

impl<K, V> Table<K, V> {
    /// The number of the first free slot in the order of a search.
    fn free_slot(&self, hash: Hash) -> usize {
        let free = self.probe(hash).find_map(|(group, tags)| Some((group << GROUP_BITS) + tags.free().next()?));
        free.expect("a table is replaced before it is full") & (self.len() - 1)
    }
}
