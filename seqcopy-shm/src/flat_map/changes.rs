//! [`Changes`]: what is changed in the next table of a map, whatever its types are; and [`Touched`]: which slots a generation has changed, a list for
//! each table, from which what a table lacks follows.

use super::entry::LastSlot;
use super::slot::PartsMut;
use super::table::{Found, TableMut};
use crate::error::ChangeError;

/// The slots in which the table of a generation may differ from the one before it.
#[derive(Debug, Clone)]
pub(super) enum Touched {
    /// These, some perhaps more than once.
    Slots(Vec<u32>),
    /// Any of them.
    All,
}

impl Touched {
    /// None.
    pub(super) const NOTHING: Touched = Touched::Slots(Vec::new());

    /// Adds a slot. A list as long as the table is no better than `All`.
    #[allow(clippy::cast_possible_truncation)] // there are at most 2^32 slots
    #[inline(always)]
    pub(super) fn add(&mut self, slot: usize, slots: usize) {
        match self {
            Touched::Slots(list) if list.len() < slots => list.push(slot as u32),
            _ => *self = Touched::All,
        }
    }

    /// Forgets them. Keeps the memory of the list.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        match self {
            Touched::Slots(list) => list.clear(),
            Touched::All => *self = Touched::NOTHING,
        }
    }

    /// The slots; `None` if it may be any.
    #[inline(always)]
    pub(super) fn slots(&self) -> Option<&[u32]> {
        match self {
            Touched::Slots(list) => Some(list),
            Touched::All => None,
        }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.slots().is_some_and(<[u32]>::is_empty)
    }
}

/// Changes of the next table. Each slot that changes is noted.
pub(super) struct Changes<'a, P> {
    pub(super) table: TableMut<'a, P>,
    pub(super) touched: &'a mut Touched,
    /// The number of entries.
    pub(super) len: &'a mut usize,
    /// The number that the table gets.
    pub(super) generation: u64,
    pub(super) seed: u64,
    pub(super) capacity: usize,
}

impl<P: PartsMut> Changes<'_, P> {
    #[inline(always)]
    pub(super) fn find(&self, key: &[u8]) -> Found {
        self.table.find(self.seed, key, || true)
    }

    /// Searches a key, where it was found last before anything else.
    #[inline(always)]
    pub(super) fn find_again(&self, (key, last): (&[u8], &LastSlot)) -> Found {
        let slot = last.get() & (self.table.slots() - 1);
        if let Some(stamp) = self.table.has(slot, key) {
            return Found::Key(slot, stamp);
        }
        let found = self.find(key);
        if let Found::Key(slot, _) = found {
            last.set(slot);
        }
        found
    }

    /// Inserts an entry `there`, where its key was found, or was not. If it has one, `found` is passed its slot, and says what is returned and
    /// whether its value is set.
    ///
    /// # Safety
    /// The key is the one that was looked for, and at `value` lies one, as [`Parts`](super::slot::Parts) has them (I4 private).
    #[inline(always)]
    pub(super) unsafe fn insert<R>(
        &mut self,
        there: Found,
        key: &[u8],
        value: *const u8,
        found: impl FnOnce(&Self, usize) -> (R, bool),
    ) -> Result<Option<R>, ChangeError> {
        match there {
            Found::Key(slot, _) => {
                let (result, sets) = found(self, slot);
                if sets {
                    // SAFETY: a value, by this function's contract (I4 private).
                    unsafe { self.set(slot, value) };
                }
                Ok(Some(result))
            }
            // SAFETY: a value, by this function's contract (I4 private).
            Found::Free(slot) => unsafe { self.put(slot, key, value) }.map(|()| None),
            Found::Neither => Err(ChangeError::Full),
        }
    }

    /// Removes the entry of a slot.
    pub(super) fn remove_at(&mut self, slot: usize) {
        let slots = self.table.slots();
        let touched = &mut *self.touched;
        self.table.remove(self.seed, slot, |slot| touched.add(slot, slots));
        *self.len = self.len.saturating_sub(1);
    }

    /// Removes the entries whose slots `keep` refuses. Each is asked about once. Ends with its first error.
    pub(super) fn retain<E>(&mut self, mut keep: impl FnMut(&mut Self, usize) -> Result<bool, E>) -> Result<(), E> {
        let slots = self.table.slots();
        // Backwards from a free slot: what moves to a slot that becomes free was asked about before, and nothing moves past that one.
        // A table without a free slot was not written by this crate.
        let free = (0..slots).find(|&slot| self.table.stamp(slot) == 0).unwrap_or(0);
        for slot in (1..=slots).map(|step| free.wrapping_sub(step) & (slots - 1)) {
            if self.table.stamp(slot) != 0 && !keep(self, slot)? {
                self.remove_at(slot);
            }
        }
        Ok(())
    }

    /// Removes all entries.
    pub(super) fn clear(&mut self) {
        for slot in 0..self.table.slots() {
            if self.table.stamp(slot) != 0 {
                self.touched.add(slot, self.table.slots());
                self.table.free(slot);
            }
        }
        *self.len = 0;
    }

    /// The stamp of what changes. Never 0, which would make the slot free: counts wrap where another process overwrites the word.
    #[inline(always)]
    fn stamp(&self) -> u64 {
        self.generation.max(1)
    }

    /// Sets the value of the entry of a slot.
    ///
    /// # Safety
    /// The contract of [`insert`](Self::insert).
    #[inline(always)]
    pub(super) unsafe fn set(&mut self, slot: usize, value: *const u8) {
        self.touched.add(slot, self.table.slots());
        // SAFETY: a value, by this function's contract (I4 private).
        unsafe { self.table.set_value(slot, self.stamp(), value) };
    }

    /// # Safety
    /// The contract of [`insert`](Self::insert).
    #[inline(never)]
    unsafe fn put(&mut self, slot: usize, key: &[u8], value: *const u8) -> Result<(), ChangeError> {
        if *self.len >= self.capacity {
            return Err(ChangeError::Full);
        }
        self.touched.add(slot, self.table.slots());
        // SAFETY: a key that is borrowed, and a value, by this function's contract (I4 private).
        unsafe { self.table.put(slot, self.stamp(), key.as_ptr(), value) };
        *self.len += 1;
        Ok(())
    }
}
