//! [`Table`] and [`TableMut`]: one hash table of a map, read or changed. The code is sequential, over relaxed atomic
//! accesses. The sequence word of the latch orders them.
//!
//! Any bits may be found here, in a table that is being changed or that another process has overwritten. So every index
//! is masked, and no search takes more steps than there are slots.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::sync::atomic::Ordering::Relaxed;

use super::key::{MapKey, Query, hash};
use super::primitive::AtomicU64;
use super::slot::{KeyPart, Part, PartMut, Parts, PartsMut, PartsOf};

use seqcopy::{MaybeInvalid, Validate};

/// The number of slots after which a reader's search asks whether the table still has its generation.
pub(super) const STEPS: usize = 64;

/// The result of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The key, in this slot, with this stamp.
    Key(usize, u64),
    /// A free slot, where the key would be.
    Free(usize),
    /// All slots contain other keys, or the caller gave up.
    Neither,
}

/// The slot in which the search for a key begins, in a table with this mask.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // the low bits of a hash
pub(super) fn home(seed: u64, key: &[u8], mask: usize) -> usize {
    hash(seed, key) as usize & mask
}

/// Slots to search, read in any way.
pub(super) trait Slots {
    type Found;

    /// Looks at a slot, after `steps` other slots. Returns the result that ends the search, or `None` to continue.
    fn look(&mut self, slot: usize, steps: usize) -> Option<Self::Found>;
}

impl<R, F: FnMut(usize, usize) -> Option<R>> Slots for F {
    type Found = R;

    fn look(&mut self, slot: usize, steps: usize) -> Option<R> {
        self(slot, steps)
    }
}

/// The search in every map. It looks at one slot after another until one ends the search, or all were looked at.
#[inline(always)]
pub(super) fn search<S: Slots>(home: usize, mask: usize, mut slots: S) -> Option<S::Found> {
    let (mut slot, all) = (home, mask + 1);
    for steps in 0..all {
        if let Some(found) = slots.look(slot, steps) {
            return Some(found);
        }
        slot = (slot + 1) & mask;
    }
    None
}

/// A search for one key in a table. A closure would not be inlined, and the call costs 8 ns a look-up.
struct SlotsFor<'t, 'm, P, F> {
    table: &'t Table<'m, P>,
    wanted: &'t [u8],
    /// Called after each [`STEPS`] slots.
    keep_searching: F,
}

impl<P: Parts, F: FnMut() -> bool> Slots for SlotsFor<'_, '_, P, F> {
    type Found = Found;

    #[inline(always)]
    fn look(&mut self, slot: usize, steps: usize) -> Option<Found> {
        let found = self.table.look(slot, self.wanted);
        let gives_up = found.is_none() && steps % STEPS == STEPS - 1 && !(self.keep_searching)();
        if gives_up { Some(Found::Neither) } else { found }
    }
}

/// One table, for as long as `'m`.
pub(super) struct Table<'m, P> {
    /// The number of entries, followed by the slots.
    start: *mut u8,
    /// The number of slots, a power of two, minus one.
    mask: usize,
    parts: &'m P,
    memory: PhantomData<&'m AtomicU64>,
}

impl<P> Clone for Table<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Table<'_, P> {}

impl<'m, P: Parts> Table<'m, P> {
    /// # Safety
    /// * At `start` lies a table of a map whose slots have these parts, with `mask + 1` slots, a power of two, aligned
    ///   for its slots and to 64 bytes, in memory that is initialised and readable during `'m`.
    /// * Whatever else accesses it does so by the parts of its slots, atomically, as this type does.
    #[inline(always)]
    pub(super) unsafe fn new(start: *mut u8, mask: usize, parts: &'m P) -> Self {
        Table { start, mask, parts, memory: PhantomData }
    }

    #[inline(always)]
    pub(super) fn parts(&self) -> &'m P {
        self.parts
    }

    /// The address of a slot. Any index is allowed.
    #[inline(always)]
    fn slot(&self, slot: usize) -> *mut u8 {
        let at = self.parts.first() + (slot & self.mask) * self.parts.size();
        // SAFETY: inside the table, which is there by the contract of `new`: the index is masked (I8 mapping).
        unsafe { self.start.add(at) }
    }

    #[inline(always)]
    fn stamp_word(&self, slot: usize) -> &'m AtomicU64 {
        // SAFETY: in the table, at a multiple of 8, only accessed as a `u64` (P7 from_ptr), relaxed (P13 read-only).
        unsafe { &*self.slot(slot).cast() }
    }

    #[inline(always)]
    fn len_word(&self) -> &'m AtomicU64 {
        // SAFETY: the first 8 bytes of the table, aligned, and accessed as a `u64` only (P7 from_ptr, P13 read-only).
        unsafe { &*self.start.cast() }
    }

    /// The number of slots.
    #[inline(always)]
    pub(super) fn slots(&self) -> usize {
        self.mask + 1
    }

    /// The number of entries that the table has stored. At most the number of slots.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.len_word().load(Relaxed)).map_or(self.slots(), |len| len.min(self.slots()))
    }

    /// The generation that last changed the entry of a slot. 0 if the slot is free.
    #[inline(always)]
    pub(super) fn stamp(&self, slot: usize) -> u64 {
        self.stamp_word(slot).load(Relaxed)
    }

    /// Passes on the bytes of a key.
    #[inline(always)]
    pub(super) fn with_key<R>(&self, slot: usize, look: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: a slot of this table, by the contract of `new` (I1 partition, I2 init, I8 mapping).
        unsafe { self.parts.key().with(self.slot(slot), look) }
    }

    /// Loads the bits of a key to `to`.
    ///
    /// # Safety
    /// `to` is space for a key, as [`Parts`] has it, which this thread alone has (I4 private).
    #[inline(always)]
    pub(super) unsafe fn load_key(&self, slot: usize, to: *mut u8) {
        // SAFETY: a slot of this table, and the contracts of `new` and of this (I1 partition, I2 init, I8 mapping).
        unsafe { self.parts.key().load_part(self.slot(slot), to) };
    }

    /// Loads the bits of a value to `to`.
    ///
    /// # Safety
    /// The contract of [`load_key`](Self::load_key), of a value.
    #[inline(always)]
    pub(super) unsafe fn load_value(&self, slot: usize, to: *mut u8) {
        // SAFETY: a slot of this table, and the contracts of `new` and of this (I1 partition, I2 init, I8 mapping).
        unsafe { self.parts.value().load_part(self.slot(slot), to) };
    }

    /// Searches for a key, first where it was found last. `keep_searching` is called after each [`STEPS`] slots.
    #[inline(always)]
    pub(super) fn find(&self, seed: u64, query: Query<'_>, keep_searching: impl FnMut() -> bool) -> Found {
        if let Some(last) = query.last {
            let slot = last.get() & self.mask;
            if let Some(Found::Key(slot, stamp)) = self.look(slot, query.key) {
                return Found::Key(slot, stamp);
            }
            if query.is_only_there {
                return Found::Neither;
            }
        }
        let found = self.search(seed, query.key, keep_searching);
        if let (Some(last), Found::Key(slot, _)) = (query.last, found) {
            last.set(slot);
        }
        found
    }

    #[inline(always)]
    fn search(&self, seed: u64, wanted: &[u8], keep_searching: impl FnMut() -> bool) -> Found {
        let slots = SlotsFor { table: self, wanted, keep_searching };
        search(home(seed, wanted, self.mask), self.mask, slots).unwrap_or(Found::Neither)
    }

    /// The result of looking at one slot, if it is free or has this key.
    #[inline(always)]
    fn look(&self, slot: usize, wanted: &[u8]) -> Option<Found> {
        // Checked first, because a free slot contains a key of zeros.
        let stamp = self.stamp(slot);
        if stamp == 0 {
            return Some(Found::Free(slot));
        }
        self.with_key(slot, |key| are_equal(key, wanted)).then_some(Found::Key(slot, stamp))
    }

    /// The slot in which the search for the key of a slot begins, in a table with this mask.
    fn home(&self, seed: u64, slot: usize, mask: usize) -> usize {
        self.with_key(slot, |key| home(seed, key, mask))
    }

    /// The slots that are not free.
    pub(super) fn taken(&self) -> impl Iterator<Item = usize> {
        (0..self.slots()).filter(|&slot| self.stamp(slot) != 0)
    }

    /// The bits of a key.
    #[inline(always)]
    pub(super) fn key<'b, K, V>(&self, slot: usize, buf: &'b mut MaybeUninit<K>) -> &'b mut MaybeInvalid<K>
    where
        K: MapKey,
        P: PartsOf<K, V>,
    {
        // SAFETY: the parts were made for a `K` (I4 private).
        unsafe { self.load_key(slot, buf.as_mut_ptr().cast()) };
        // SAFETY: every data byte is written (I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written_mut(buf) }
    }

    /// The bits of a value.
    #[inline(always)]
    pub(super) fn value<'b, K, V>(&self, slot: usize, buf: &'b mut MaybeUninit<V>) -> &'b mut MaybeInvalid<V>
    where
        V: Validate,
        P: PartsOf<K, V>,
    {
        // SAFETY: the parts were made for a `V` (I4 private).
        unsafe { self.load_value(slot, buf.as_mut_ptr().cast()) };
        // SAFETY: every data byte is written (I6 maybe-invalid).
        unsafe { MaybeInvalid::assume_written_mut(buf) }
    }
}

/// Compares words. `==` calls `memcmp`, whose loads are wider than the stores just before, and wait for these.
#[inline(always)]
fn are_equal(left: &[u8], right: &[u8]) -> bool {
    let word = |bytes: &[u8]| bytes.first_chunk().map(|word| u64::from_ne_bytes(*word));
    let (words, others) = (left.chunks_exact(8), right.chunks_exact(8));
    let mut ends = words.remainder().iter().zip(others.remainder());
    left.len() == right.len()
        && ends.all(|(byte, other)| byte == other)
        && words.zip(others).all(|(bytes, others)| word(bytes) == word(others))
}

/// A table that this process changes.
pub(super) struct TableMut<'m, P>(Table<'m, P>);

impl<'m, P> core::ops::Deref for TableMut<'m, P> {
    type Target = Table<'m, P>;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'m, P: PartsMut> TableMut<'m, P> {
    /// # Safety
    /// The table is writable, and this thread is its only writer (I5 one-writer).
    #[inline(always)]
    pub(super) unsafe fn new(table: Table<'m, P>) -> Self {
        TableMut(table)
    }

    #[inline(always)]
    fn set_stamp(&self, slot: usize, stamp: u64) {
        self.stamp_word(slot).store(stamp, Relaxed);
    }

    pub(super) fn set_len(&self, len: usize) {
        self.len_word().store(len as u64, Relaxed);
    }

    /// Stores the value of an entry.
    ///
    /// # Safety
    /// At `value` lies one, as [`Parts`] has it (I4 private).
    #[inline(always)]
    pub(super) unsafe fn set_value(&self, slot: usize, stamp: u64, value: *const u8) {
        // SAFETY: a slot that this thread writes, by `new` and this contract (I1 partition, I5 one-writer).
        unsafe { self.parts.value().store_part(value, self.slot(slot)) };
        self.set_stamp(slot, stamp);
    }

    /// Stores an entry into a free slot.
    ///
    /// # Safety
    /// At `key` and at `value` lies one, as [`Parts`] has them (I4 private).
    #[inline(always)]
    pub(super) unsafe fn put(&self, slot: usize, stamp: u64, key: *const u8, value: *const u8) {
        // SAFETY: a slot of this table, which this thread writes, and a key (I1 partition, I5 one-writer).
        unsafe { self.parts.key().store_part(key, self.slot(slot)) };
        // SAFETY: a value, by this function's contract (I4 private).
        unsafe { self.set_value(slot, stamp, value) };
    }

    /// Makes a slot free. Key and value become zeros, because they may be a secret, and a file may be kept for years.
    #[inline(always)]
    pub(super) fn free(&self, slot: usize) {
        // SAFETY: a slot that this thread writes, by the contract of `new` (I1 partition, I5 one-writer).
        unsafe { self.parts.value().clear(self.slot(slot)) };
        // SAFETY: the same slot (I1 partition, I5 one-writer).
        unsafe { self.parts.key().clear(self.slot(slot)) };
        self.set_stamp(slot, 0);
    }

    /// Copies slot `from` of a table, which may be this table, to slot `to`. The bits need not be valid. A free slot is
    /// only marked as free, because a hostile process may have written its other bytes.
    #[inline(always)]
    pub(super) fn take(&self, table: &Table<'_, P>, from: usize, to: usize) {
        let stamp = table.stamp(from);
        if stamp == 0 {
            return self.free(to);
        }
        let (from, slot) = (table.slot(from), self.slot(to));
        // SAFETY: a slot of each; this thread writes one, by the contracts of `new` (I1 partition, I5 one-writer).
        unsafe { self.parts.value().copy(from, slot) };
        // SAFETY: the same slots (I1 partition, I5 one-writer).
        unsafe { self.parts.key().copy(from, slot) };
        self.set_stamp(to, stamp);
    }

    /// Copies all entries of a table with at most as many slots to this one, which is empty. Bits need not be valid.
    pub(super) fn take_all(&self, seed: u64, table: &Table<'_, P>) {
        let mask = self.0.mask;
        for from in table.taken() {
            let home = table.home(seed, from, mask);
            let free = (0..=mask).map(|step| (home + step) & mask).find(|&slot| self.stamp(slot) == 0);
            if let Some(to) = free {
                self.take(table, from, to);
            }
        }
        self.set_len(table.taken().count());
    }

    /// Removes the entry of a slot. Later entries move back, so that no search for them ends at the freed slot. So
    /// there are no tombstones, and removals do not make searches longer. `touch` is called with each slot before it
    /// changes.
    pub(super) fn remove(&self, seed: u64, slot: usize, mut touch: impl FnMut(usize)) {
        let mask = self.0.mask;
        let mut hole = slot & mask;
        let mut slot = hole;
        for _ in 0..mask {
            slot = (slot + 1) & mask;
            if self.stamp(slot) == 0 {
                break;
            }
            // An entry may move if its search passes the hole, because its home is at the hole or before.
            let distance = slot.wrapping_sub(self.home(seed, slot, mask)) & mask;
            if distance >= slot.wrapping_sub(hole) & mask {
                touch(hole);
                self.take(&self.0, slot, hole);
                hole = slot;
            }
        }
        touch(hole);
        self.free(hole);
    }
}

#[cfg(test)]
mod tests {
    use super::are_equal;

    #[test]
    fn keys_are_equal_if_all_of_their_bytes_are() {
        for len in 0..20 {
            let bytes: Vec<u8> = (0..len).collect();
            assert!(are_equal(&bytes, &bytes.clone()));
            assert!(!are_equal(&bytes, &[&bytes[..], &[0]].concat()));
            for at in 0..bytes.len() {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                assert!(!are_equal(&bytes, &other), "{at} of {len}");
            }
        }
    }
}
