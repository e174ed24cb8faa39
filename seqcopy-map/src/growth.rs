//! What a writer does: entries put in and taken out, and the steps by which a map moves to another table.

use seqcopy::SeqCopy;

use crate::primitive::Relaxed;
use crate::slot::{Hash, Slot};
use crate::table::Table;
use crate::tables::Change;

/// How many entries one write moves at most: all but one by a step of the growth, and that of its own key.
pub(crate) const MOVES: usize = 64;

/// How many slots of a table that is out of use one write makes free, at most.
const FREED: usize = 64;

/// Where the writer found a key.
pub(crate) struct Place<'a, K, V> {
    hash: Hash,
    /// Its slot in the first table of an odd phase, if it is full: then the entry must be moved.
    from: Option<&'a Slot<K, V>>,
    /// Its slot in the table for new keys, full or gone.
    to: Option<&'a Slot<K, V>>,
}

impl<K: SeqCopy, V: SeqCopy> Place<'_, K, V> {
    /// The key's value.
    pub(crate) fn value(&self) -> Option<V> {
        let slot = self.from.or(self.to).filter(|slot| slot.meta().is_full())?;
        // SAFETY: full, and a place is made and used under the claim (I5 one-writer).
        Some(unsafe { slot.value() })
    }
}

impl<'a, K: SeqCopy + Eq, V: SeqCopy> Change<'a, K, V> {
    /// Looks for a key. Calls its `Eq`, which may panic: nothing has changed then.
    #[inline(always)]
    pub(crate) fn find(&self, hash: Hash, key: &K) -> Place<'a, K, V> {
        let tables = self.in_use();
        // SAFETY: this thread has the claim (I5 one-writer).
        let found = unsafe { tables.first.find(hash, key) };
        match tables.next {
            None => Place { hash, from: None, to: found },
            Some(next) => {
                let from = found.filter(|slot| slot.meta().is_full());
                // SAFETY: this thread has the claim, which is that of both tables (I5 one-writer).
                let to = if from.is_none() { unsafe { next.find(hash, key) } } else { None };
                Place { hash, from, to }
            }
        }
    }

    /// Stores the value of a key that was looked for.
    #[inline]
    pub(crate) fn put(&mut self, place: &Place<'a, K, V>, key: &K, value: &V) {
        match place.to {
            // SAFETY: this thread has the claim (I5 one-writer).
            Some(slot) if slot.meta().is_full() => unsafe { slot.set_value(value) },
            _ => self.put_more(place, key, value),
        }
    }

    /// The rest of that: an entry that is not in the table for new keys.
    #[inline(never)]
    fn put_more(&mut self, place: &Place<'a, K, V>, key: &K, value: &V) {
        if let Some(slot) = place.to {
            // SAFETY: this thread has the claim; this is the key's slot (I5 one-writer).
            unsafe { slot.fill(place.hash, key, value, || ()) };
            self.add_len(1);
            return;
        }
        if self.in_use().next.is_none() && self.writer().used >= self.in_use().first.limit() {
            self.grow();
        }
        let tables = self.in_use();
        // SAFETY: this thread has the claim (I5 one-writer).
        unsafe { tables.next.unwrap_or(tables.first).add(place.hash, key, value) };
        self.writer().used += 1;
        if let Some(from) = place.from {
            // Behind the store to the next table: readers who find the key gone here look there.
            // SAFETY: this thread has the claim, and the slot is full (I5 one-writer).
            unsafe { from.set_gone() };
        } else {
            self.add_len(1);
        }
    }

    /// Removes the entry that was looked for. Returns whether there was one.
    pub(crate) fn take(&mut self, place: &Place<'a, K, V>) -> bool {
        let Some(slot) = place.from.or(place.to).filter(|slot| slot.meta().is_full()) else { return false };
        // SAFETY: this thread has the claim; the slot is full (I5 one-writer).
        unsafe { slot.set_gone() };
        self.add_len(-1);
        true
    }

    /// What each write does first for the map: moves some entries, or makes some slots of the spare table free.
    #[inline]
    pub(crate) fn step(&mut self) {
        let tables = self.in_use();
        if let Some(next) = tables.next {
            self.move_some(tables.first, next);
        } else if !self.writer().spare.is_null() && self.writer().freed < tables.first.len() {
            // The spare table is as large as the first.
            self.free_some(FREED);
        }
    }

    /// Moves the entries of the next slots of the first table. Behind its last one, the first table is out of use.
    #[cold]
    fn move_some(&mut self, first: &Table<K, V>, next: &Table<K, V>) {
        let begin = self.writer().moved;
        let end = first.len().min(begin + MOVES - 1);
        for index in begin..end {
            let from = first.slot(index);
            let meta = from.meta();
            if !meta.is_full() {
                continue;
            }
            // SAFETY: this thread has the claim; the slot is full (I5 one-writer).
            let key = unsafe { from.key() };
            // SAFETY: this thread has the claim; the slot is full (I5 one-writer).
            let value = unsafe { from.value() };
            // The key is full in the first table, so it has no slot in the next one, and need not be looked for.
            // SAFETY: this thread has the claim, and the key is not in that table yet (I5 one-writer).
            unsafe { next.add(meta.hash(), &key, &value) };
            // Behind the store to the next table: readers who find the key gone here look there.
            // SAFETY: this thread has the claim, and the slot is full (I5 one-writer).
            unsafe { from.set_gone() };
            self.writer().used += 1;
        }
        self.writer().moved = end;
        if end == first.len() {
            let old = self.first();
            self.next_phase(None);
            let same = first.len() == next.len();
            let writer = self.writer();
            // A smaller table is not used again.
            writer.spare = if same { old } else { core::ptr::null_mut() };
            writer.freed = 0;
        }
    }

    /// Makes the next slots of the spare table free.
    #[cold]
    fn free_some(&mut self, slots: usize) {
        let writer = self.writer();
        // SAFETY: a table of this map, not freed while it is borrowed (I10 handle).
        let spare = unsafe { &*writer.spare };
        let end = spare.len().min(writer.freed + slots);
        for index in writer.freed..end {
            // SAFETY: this thread has the claim; the table's last phase has ended before it became the spare one (I5
            // one-writer).
            unsafe { spare.set_free(index) };
        }
        writer.freed = end;
    }

    /// Begins to move to another table: twice as large, or of the same size if most slots belong to keys that are gone.
    #[cold]
    fn grow(&mut self) {
        let first = self.in_use().first;
        let len = self.tables.len.load(Relaxed);
        // While entries move, keys are added: one for each step. With at most 3/8 of the slots the table has space for
        // them.
        let bits = if len * 8 < first.len() * 3 { first.bits() } else { first.bits() + 1 };
        let next = if bits == first.bits() && !self.writer().spare.is_null() {
            // Usually nothing is left to do: it takes many more inserts to fill a table than to free one.
            self.free_some(first.len());
            self.writer().spare
        } else {
            // First the list, so that no table is lost if there is no memory.
            self.writer().all.reserve(1);
            let next = Table::allocate(bits);
            self.writer().all.push(next);
            next
        };
        let writer = self.writer();
        writer.spare = core::ptr::null_mut();
        writer.used = 0;
        writer.moved = 0;
        self.next_phase(Some(next));
    }
}
