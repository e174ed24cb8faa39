//! [`Tags`]: a byte for each slot of a table, by which searches find their slot without a look at others.

use crate::primitive::{AtomicU64, Relaxed};
use crate::slot::Hash;
use crate::zeroed::Zeroed;

/// How many slots are a group: their tags are one word. The logarithm of 8.
pub(crate) const GROUP_BITS: u32 = 3;
const GROUP: usize = 1 << GROUP_BITS;

const LOWEST_BITS: u64 = u64::MAX / 0xff;
const HIGHEST_BITS: u64 = LOWEST_BITS << 7;

/// The tag of a slot that is not free: seven bits of its hash, which say nothing of its place, below a one. That of a free slot is 0.
#[derive(Clone, Copy)]
pub(crate) struct Tag(u64);

impl Tag {
    #[inline(always)]
    pub(crate) fn of(hash: Hash) -> Self {
        Tag(hash.below_upper() & 0x7f | 0x80)
    }
}

/// The tags of all slots of a table, in words for eight, the first one in the lowest byte. They follow the rule of slots: while the
/// table is in use, they go from free to one hash, and stay.
pub(crate) struct Tags {
    groups: Zeroed<AtomicU64>,
}

impl Tags {
    /// Those of 2 to the power `bits` free slots.
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

    /// The slots that have this tag. One after such a slot may be named by mistake, if its tag differs in the lowest bit alone: so it
    /// is not a free one, which differs in the highest, too.
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
