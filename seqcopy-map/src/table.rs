//! [`Table`]: slots, searched by groups of eight, from that which a hash names on; and [`Tags`], a byte for each slot,
//! by which searches find theirs without a look at others.

use alloc::boxed::Box;

use crate::primitive::{AtomicU64, Relaxed, Tracked};
use crate::slot::{Cell, Zeroed};
use crate::slot::{Found, Hash, Slot};
use seqcopy::{ReadError, SeqCopy};

/// How many slots are a group: their tags are one word. The logarithm of 8.
pub(crate) const GROUP_BITS: u32 = 3;
const GROUP: usize = 1 << GROUP_BITS;

const LOWEST_BITS: u64 = u64::MAX / 0xff;
const HIGHEST_BITS: u64 = LOWEST_BITS << 7;

/// The tag of a slot that is not free: seven bits of its hash, which say nothing of its place, below a one. That of a
/// free slot is 0.
#[derive(Clone, Copy)]
pub(crate) struct Tag(u64);

impl Tag {
    #[inline(always)]
    pub(crate) fn of(hash: Hash) -> Self {
        Tag(hash.below_upper() & 0x7f | 0x80)
    }
}

/// The tags of all slots of a table, in words for eight, the first one in the lowest byte. They follow the rule of
/// slots: while the table is in use, they go from free to one hash, and stay.
pub(crate) struct Tags {
    groups: Zeroed<AtomicU64>,
}

impl Tags {
    /// Tags of 2 to the power `bits` free slots.
    pub(crate) fn allocate(bits: u32) -> Self {
        let tags = Tags { groups: Zeroed::allocate(bits.saturating_sub(GROUP_BITS)) };
        // Models have tables of a few slots: what a group has more is not free.
        for index in 1 << bits..GROUP {
            tags.replace(index, 0xff);
        }
        tags
    }

    /// The number of groups.
    #[inline(always)]
    pub(crate) fn groups(&self) -> usize {
        self.groups.len()
    }

    /// All tags of a group.
    #[inline(always)]
    pub(crate) fn group(&self, group: usize) -> Group {
        Group(self.groups.at(group).load(Relaxed))
    }

    /// Stores the tag of a slot: for the thread that has the claim, in a write of that slot.
    #[inline(always)]
    pub(crate) fn set(&self, index: usize, tag: Tag) {
        self.replace(index, tag.0);
    }

    /// The slot is free: as for [`set`](Self::set).
    pub(crate) fn clear(&self, index: usize) {
        self.replace(index, 0);
    }

    #[inline(always)]
    fn replace(&self, index: usize, tag: u64) {
        let (group, at) = (self.groups.at(index / GROUP), index % GROUP * 8);
        // Only the thread that has the claim stores.
        group.store(group.load(Relaxed) & !(0xff << at) | tag << at, Relaxed);
    }
}

/// The tags of a group, all of one moment.
#[derive(Clone, Copy)]
pub(crate) struct Group(u64);

impl Group {
    /// Its free slots, by their numbers in the group.
    #[inline(always)]
    pub(crate) fn free(self) -> Steps {
        Steps(!self.0 & HIGHEST_BITS)
    }

    /// The slots that have this tag. One after such a slot may be named by mistake, if its tag differs in the lowest
    /// bit alone: so it is not a free one, which differs in the highest, too.
    #[inline(always)]
    pub(crate) fn matching(self, tag: Tag) -> Steps {
        let differences = self.0 ^ (tag.0 * LOWEST_BITS);
        Steps(differences.wrapping_sub(LOWEST_BITS) & !differences & HIGHEST_BITS)
    }
}

/// Numbers of slots in a group, in rising order.
pub(crate) struct Steps(u64);

impl Steps {
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl Iterator for Steps {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let step = self.0.trailing_zeros() as usize / 8;
        self.0 &= self.0 - 1;
        Some(step)
    }
}

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

    /// Calls `look` with the slots of a hash's tag, until it returns something. Some may have another tag, but none is
    /// free.
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
        // SAFETY: the same contract; a slot is looked at only if it has a tag, even if that is another one, so it is
        // not free.
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
    /// The contract of [`Slot::set_free`].
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

#[cfg(all(test, not(loom)))]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// Every slot that has the tag is named, and another one only after it; free slots are named exactly.
    #[test]
    fn a_group_names_the_slots_of_a_tag() {
        let tag = Tag(0x81);
        // Tags that differ from it in the lowest and in other bits, and free slots.
        let kinds = [0u64, 0x80, 0x81, 0xff];
        for group in 0..kinds.len().pow(8) {
            let tags: [u64; 8] = core::array::from_fn(|slot| kinds[group >> (2 * slot) & 3]);
            let word = Group(tags.iter().rev().fold(0, |word, tag| word << 8 | tag));
            let is = |kind| move |slot: &usize| tags[*slot] == kind;
            assert!(word.free().eq((0..8).filter(is(0))), "{tags:x?}");
            let named: Vec<_> = word.matching(tag).collect();
            assert!((0..8).filter(is(tag.0)).all(|slot| named.contains(&slot)), "{tags:x?}: {named:?}");
            assert_eq!(named.first(), (0..8).find(is(tag.0)).as_ref(), "{tags:x?}");
            assert!(!named.iter().any(is(0)), "{tags:x?}: {named:?}, of which one is free");
            if cfg!(miri) && group > 300 {
                break;
            }
        }
    }

    #[test]
    fn a_tag_is_that_of_its_slot_alone() {
        let tags = Tags::allocate(5);
        let tag = Tag(0xb7);
        for index in 0..32 {
            tags.set(index, tag);
            assert!(
                (0..32).all(|slot| tags.group(slot / 8).matching(tag).any(|step| step == slot % 8) == (slot <= index))
            );
        }
        tags.clear(9);
        assert!(tags.group(1).free().eq([1]));
        assert!(tags.group(1).matching(tag).eq([0, 2, 3, 4, 5, 6, 7]));
        assert_eq!(tags.groups(), 4);
    }
}
