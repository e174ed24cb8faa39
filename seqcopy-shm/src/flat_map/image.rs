//! [`Image`]: a table of any keys and values in private memory, as bytes: what an untyped writer of a map changes, and copies from.

use super::hash::hash;
use super::table::Found;

/// Where the parts of a slot lie: offset and length.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlotLayout {
    pub(super) size: usize,
    pub(super) key: (usize, usize),
    pub(super) value: (usize, usize),
}

/// A table. Searches and removals are those of [`TableMut`](super::table::TableMut).
#[derive(Debug)]
pub(super) struct Image {
    bytes: Vec<u8>,
    pub(super) slot: SlotLayout,
    /// The number of slots, a power of two, minus one.
    mask: usize,
    seed: u64,
    pub(super) len: usize,
}

impl Image {
    pub(super) fn new(slot: SlotLayout, slots: usize, seed: u64) -> Image {
        Image { bytes: vec![0; slot.size * slots], slot, mask: slots - 1, seed, len: 0 }
    }

    pub(super) fn slots(&self) -> usize {
        self.mask + 1
    }

    /// The most entries: seven eighths of the slots.
    pub(super) fn capacity(&self) -> usize {
        self.slots() / 8 * 7
    }

    fn part(&self, slot: usize, (offset, len): (usize, usize)) -> &[u8] {
        &self.bytes[slot * self.slot.size + offset..][..len]
    }

    fn part_mut(&mut self, slot: usize, (offset, len): (usize, usize)) -> &mut [u8] {
        &mut self.bytes[slot * self.slot.size + offset..][..len]
    }

    /// 0 if the slot is free.
    pub(super) fn stamp(&self, slot: usize) -> u64 {
        self.part(slot, (0, 8)).try_into().map_or(0, u64::from_ne_bytes)
    }

    pub(super) fn key(&self, slot: usize) -> &[u8] {
        self.part(slot, self.slot.key)
    }

    pub(super) fn value(&self, slot: usize) -> &[u8] {
        self.part(slot, self.slot.value)
    }

    #[allow(clippy::cast_possible_truncation)] // the low bits of a hash
    fn home(&self, key: &[u8]) -> usize {
        hash(self.seed, key) as usize & self.mask
    }

    fn find(&self, key: &[u8]) -> Found {
        let home = self.home(key);
        for slot in (0..self.slots()).map(|step| (home + step) & self.mask) {
            match self.stamp(slot) {
                0 => return Found::Free(slot),
                stamp if self.key(slot) == key => return Found::Key(slot, stamp),
                _ => {}
            }
        }
        Found::Neither
    }

    /// The value of a key, and its stamp.
    pub(super) fn get(&self, key: &[u8]) -> Option<(&[u8], u64)> {
        match self.find(key) {
            Found::Key(slot, stamp) if key.len() == self.slot.key.1 => Some((self.value(slot), stamp)),
            _ => None,
        }
    }

    /// Sets the value of a key, unless it is the same. Calls `touch` with the slot that changes. Returns whether there is space.
    pub(super) fn insert(&mut self, key: &[u8], value: &[u8], stamp: u64, mut touch: impl FnMut(usize)) -> bool {
        let slot = match self.find(key) {
            Found::Key(slot, _) if self.value(slot) == value => return true,
            Found::Key(slot, _) => slot,
            Found::Free(slot) if self.len < self.capacity() => {
                self.len += 1;
                slot
            }
            _ => return false,
        };
        touch(slot);
        self.part_mut(slot, (0, 8)).copy_from_slice(&stamp.to_ne_bytes());
        self.part_mut(slot, self.slot.key).copy_from_slice(key);
        self.part_mut(slot, self.slot.value).copy_from_slice(value);
        true
    }

    /// Removes a key, if it is there. Entries after it move back. Calls `touch` with each slot that changes.
    pub(super) fn remove(&mut self, key: &[u8], mut touch: impl FnMut(usize)) {
        let Found::Key(mut hole, _) = self.find(key) else { return };
        let (size, mut slot) = (self.slot.size, hole);
        for _ in 0..self.mask {
            slot = (slot + 1) & self.mask;
            if self.stamp(slot) == 0 {
                break;
            }
            // It may move if its search passes the hole.
            let distance = slot.wrapping_sub(self.home(self.key(slot))) & self.mask;
            if distance >= slot.wrapping_sub(hole) & self.mask {
                touch(hole);
                self.bytes.copy_within(slot * size..(slot + 1) * size, hole * size);
                hole = slot;
            }
        }
        touch(hole);
        self.part_mut(hole, (0, size)).fill(0);
        self.len -= 1;
    }

    /// The keys that are there, copied.
    pub(super) fn keys(&self) -> Vec<Vec<u8>> {
        (0..self.slots()).filter(|&slot| self.stamp(slot) != 0).map(|slot| self.key(slot).to_vec()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    /// Random changes, as in a map of the standard library: every key is found, and what was touched is what differs.
    #[test]
    #[cfg_attr(miri, ignore = "no unsafe code")]
    fn it_is_a_map_and_says_what_it_touches() {
        let slot = SlotLayout { size: 24, key: (8, 2), value: (16, 4) };
        let mut image = Image::new(slot, 64, 7);
        let (mut model, mut copy) = (HashMap::new(), vec![0; 64 * 24]);
        let mut random = 1u64;
        for step in 1..20_000u64 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            #[allow(clippy::cast_possible_truncation)] // below 80; any number will do
            let (key, value) = (((random >> 33) % 80) as u16, step as u32);
            let (key, value) = (key.to_ne_bytes(), value.to_ne_bytes());
            let mut touched = Vec::new();
            if random >> 60 < 9 {
                let fits = image.insert(&key, &value, step, |slot| touched.push(slot));
                assert_eq!(fits, model.contains_key(&key) || model.len() < 56);
                if fits {
                    model.insert(key, value);
                }
            } else {
                image.remove(&key, |slot| touched.push(slot));
                model.remove(&key);
            }
            for slot in touched {
                copy[slot * 24..][..24].copy_from_slice(&image.bytes[slot * 24..][..24]);
            }
            assert_eq!(copy, image.bytes, "a slot has changed that was not named");
            assert_eq!(image.len, model.len());
            for (key, value) in &model {
                let Found::Key(slot, _) = image.find(key) else { panic!("{key:?} is lost") };
                assert_eq!(image.value(slot), value);
            }
        }
    }
}
