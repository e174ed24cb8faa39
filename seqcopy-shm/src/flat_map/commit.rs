//! The writer's side of a map. [`Commits`] publishes generations, [`Changes`] makes the changes of one batch, and
//! [`Touched`] remembers which slots a generation has changed.
//!
//! ```text
//!     next = count + 1                                              Relaxed
//! l1  fence                                                         Release
//! c1  table of `next`: the slots that it lacks := those of `count`  Relaxed
//! c2  table of `next`: the batch, each slot noted as touched        Relaxed
//! l3  count = next                                                  Release
//! ```
//!
//! The table of `next` was that of the generation `next - buffers`, so it lacks what the generations since then have
//! touched: those of the other tables, each of which is noted with its table until that is made again.
//!
//! l1 and l3 are those of the latch (`seq_count/latch.rs`); readers do m1 to m4, with all loads of a view in the place
//! of m2. A writer that dies before l3 has changed only a table that no reader looks at, and its successor makes all
//! tables alike. A batch that panics or is dropped leaves what it has touched noted with the next table, and nothing
//! else: the next batch takes back those slots alone.

use super::key::Query;
use super::place::{Place, Tables};
use super::slot::PartsMut;
use super::table::{Found, TableMut};
use crate::error::{ChangeError, Error};
use crate::handle::Writable;
use crate::life::MappedRegion;

/// The slots in which the table of a generation may differ from the one before it.
#[derive(Debug, Clone)]
pub(super) enum Touched {
    /// These slots. A slot may occur more than once.
    Slots(Vec<u32>),
    /// Any slot.
    All,
}

impl Touched {
    pub(super) const NOTHING: Touched = Touched::Slots(Vec::new());

    /// Adds a slot. A list as long as the table has no advantage over `All`.
    #[allow(clippy::cast_possible_truncation)] // there are at most 2^32 slots
    #[inline(always)]
    pub(super) fn add(&mut self, slot: usize, slots: usize) {
        match self {
            Touched::Slots(list) if list.len() < slots => list.push(slot as u32),
            _ => *self = Touched::All,
        }
    }

    /// Empties the list, and keeps its memory.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        match self {
            Touched::Slots(list) => list.clear(),
            Touched::All => *self = Touched::NOTHING,
        }
    }

    /// The slots, or `None` if it may be any slot.
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

/// Changes the next table, and notes each slot that it changes.
pub(super) struct Changes<'a, P> {
    pub(super) table: TableMut<'a, P>,
    pub(super) touched: &'a mut Touched,
    /// The number of entries.
    pub(super) len: &'a mut usize,
    /// The generation of the next table.
    pub(super) generation: u64,
    pub(super) seed: u64,
    pub(super) capacity: usize,
}

impl<P: PartsMut> Changes<'_, P> {
    #[inline(always)]
    pub(super) fn find(&self, query: Query<'_>) -> Found {
        self.table.find(self.seed, query, || true)
    }

    /// Inserts an entry at `there`, which a search for its key has returned. If the key has an entry, `found` is called
    /// with its slot. It decides what is returned, and whether the value is set.
    ///
    /// # Safety
    /// The key is the one that was looked for, and at `value` lies one, as [`Parts`](super::slot::Parts) has them (I4
    /// private).
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

    /// Removes the entries that `keep` refuses. `keep` is called once for each entry. The first error ends this.
    pub(super) fn retain<E>(&mut self, mut keep: impl FnMut(&mut Self, usize) -> Result<bool, E>) -> Result<(), E> {
        let slots = self.table.slots();
        // Goes backwards from a free slot. An entry that moves to a freed slot was already examined, and no entry moves
        // past the free slot. If there is no free slot, another program wrote this table.
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

    /// The stamp of changed entries. It is never 0, which would mean that the slot is free. (A count wraps if another
    /// process overwrites the word.)
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

/// The state of a map's writer that is not in the map.
#[derive(Debug)]
pub(super) struct Commits<P> {
    pub(super) place: Place<P>,
    /// The slots that the generation in each table has changed. For the next table, the slots that unpublished batches
    /// have changed.
    touched: Vec<Touched>,
    /// The number of entries. It is counted once and then kept here, because the number in the region can't be trusted.
    pub(super) len: usize,
    /// The number of entries of the next table, since [`begin`](Self::begin).
    pub(super) next_len: usize,
    /// The number of the next table if [`begin`](Self::begin) has already made it equal to the published one, and
    /// nothing was published since. It then differs only in slots that unpublished batches have changed, so batches
    /// that change nothing cost little.
    like_newest: Option<u64>,
}

/// What happens to a batch when it ends.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    Publish,
    Drop,
}

/// Copies the newest generation of a map to a new map with at least as many slots. The copy has the same generation,
/// and entries keep their stamps.
/// # Safety
/// The slots of both have these parts. This process is the only writer of `to`, which no other process can find yet,
/// and none writes `from` (I5 one-writer).
pub(super) unsafe fn copy<P: PartsMut>(parts: &P, from: &MappedRegion, to: &MappedRegion) {
    // SAFETY: this function's contract; the mapping outlives it (I8 mapping).
    let from = unsafe { Tables::from_mapping(from) };
    // SAFETY: a map with such slots as well, whose mapping outlives the call (I8 mapping).
    let tables = unsafe { Tables::from_mapping(to) };
    let count = from.begin();
    // SAFETY: this function's contract: the parts, and one writer (I5 one-writer).
    unsafe { from.copy_table(parts, &tables, count) };
    to.map.set_word(count);
}

impl<P: PartsMut> Commits<P> {
    /// The writer of a new map. The count is 1 and the tables are zeros, which is the first generation, an empty map.
    /// # Safety
    /// For as long as the result is used: the memory of the place is mapped and writable, and this is its only writer
    /// (I5 one-writer).
    pub(super) unsafe fn of_new(place: Place<P>) -> Self {
        Commits { touched: vec![Touched::NOTHING; place.buffers()], place, len: 0, next_len: 0, like_newest: None }
    }

    /// The writer of a map whose previous writer may have stopped anywhere. It makes all tables equal.
    ///
    /// No view may use the next table, so only that table may change. Therefore the same map is published again until
    /// each table has been the next one. Each publication ends the views of one older generation, as any commit does.
    /// There are `buffers - 2` publications, after which views of the newest generation, `count`, are still readable.
    ///
    /// # Safety
    /// The contract of [`of_new`](Self::of_new), and the end of the previous writer happens-before the call.
    pub(super) unsafe fn of_existing(place: Place<P>) -> Self {
        let count = place.latch().count();
        let len = place.table(count).taken().count();
        let mut commits =
            Commits { touched: vec![Touched::All; place.buffers()], place, len, next_len: len, like_newest: None };
        for left in (0..commits.place.buffers() - 1).rev() {
            commits.touched.fill(Touched::All);
            let next = commits.begin();
            // A map that was never published becomes readable.
            if left > 0 || next == 1 {
                commits.publish(next);
            }
        }
        commits.touched.fill(Touched::NOTHING);
        commits
    }

    /// The writer of a map that is new, or that had another writer.
    ///
    /// # Safety
    /// The region has a map with slots of these parts, this process is its writer, and the result is not used after it.
    pub(super) unsafe fn from_region(region: &Writable, parts: P) -> Self {
        let place = same_contract!(Place::from_mapping(region.mapping(), parts));
        if region.was_created {
            // SAFETY: new memory, writable, and this function's contract (I5 one-writer).
            unsafe { Self::of_new(place) }
        } else {
            // SAFETY: a writer's map is writable, and the lock orders this process after the previous writer; the rest
            // is this function's contract (I5 one-writer).
            unsafe { Self::of_existing(place) }
        }
    }

    /// The writer of a copy of this map that no other process can find yet. The copy has the newest generation, and the
    /// unpublished changes since.
    ///
    /// # Safety
    /// The contract of [`of_new`](Self::of_new); the region was created for a map with slots of these parts, and as
    /// many of them.
    unsafe fn moved_to(&self, to: &MappedRegion) -> Self
    where
        P: Clone,
    {
        let place = same_contract!(Place::from_mapping(to, self.place.parts.clone()));
        let (count, mut touched) = (self.place.begin(), vec![Touched::All; place.buffers()]);
        let next = count.wrapping_add(1);
        for table in [count, next] {
            // SAFETY: both have these parts, and this is the only writer of both (I5 one-writer).
            unsafe { self.place.copy_table(&place.parts, &place, table) };
        }
        if self.touched[self.place.buffer(next)].is_empty() {
            touched[place.buffer(next)].clear();
        }
        to.map.set_word(count);
        Commits { place, touched, ..*self }
    }

    /// Puts the map back at its path, if no file is there any more, and continues in the new region. Returns whether it
    /// did.
    ///
    /// # Safety
    /// The region is that of this map, and this process is its writer (I5 one-writer).
    pub(super) unsafe fn restore(&mut self, region: &mut Writable) -> Result<bool, Error>
    where
        P: Clone,
    {
        let mut moved = None;
        let restored = region.restore(|_, to| {
            // SAFETY: created with this schema; this process writes it, and no other process can find it (I5
            // one-writer).
            moved = Some(unsafe { self.moved_to(to) });
        })?;
        if let Some(moved) = moved.filter(|_| restored) {
            *self = moved;
        }
        Ok(restored)
    }

    /// The number of the next table.
    #[inline(always)]
    pub(super) fn next(&self) -> u64 {
        self.place.latch().count().wrapping_add(1)
    }

    /// Steps l1 and c1: makes the next table equal to the published one, for [`changes`](Self::changes). Returns its
    /// number.
    #[inline(always)]
    pub(super) fn begin(&mut self) -> u64 {
        let latch = self.place.latch();
        // SAFETY: this is the only writer, by the contract of the constructors (I5 one-writer); the buffer is computed
        // below, for the map's own number of buffers.
        let next = unsafe { latch.write_begin() };
        let newest = self.place.table(next.wrapping_sub(1));
        // SAFETY: writable, and this is the only writer, by the contract of the constructors (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        let mut is_known = true;
        // Copies the slots that may differ. If the last batch was not published, these are the slots that it has
        // changed.
        let lists = if self.like_newest == Some(next) {
            core::slice::from_ref(&self.touched[self.place.buffer(next)])
        } else {
            &self.touched[..]
        };
        for touched in lists {
            match touched {
                Touched::Slots(slots) => {
                    for &slot in slots {
                        table.take(&newest, slot as usize, slot as usize);
                    }
                }
                Touched::All => is_known = false,
            }
        }
        if !is_known {
            self.take_newest(next);
        }
        self.touched[self.place.buffer(next)].clear();
        (self.next_len, self.like_newest) = (self.len, Some(next));
        next
    }

    /// Step c1, if any slot may differ.
    #[cold]
    #[inline(never)]
    fn take_newest(&self, next: u64) {
        // SAFETY: writable, and this is the only writer, by the contract of the constructors (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        let newest = self.place.table(next.wrapping_sub(1));
        (0..table.slots()).for_each(|slot| table.take(&newest, slot, slot));
    }

    /// Step c2: changes the next table, after [`begin`](Self::begin).
    #[inline(always)]
    pub(super) fn changes(&mut self, next: u64) -> Changes<'_, P> {
        // SAFETY: writable, and this is the only writer, by the contract of the constructors (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        Changes {
            seed: self.place.seed,
            capacity: self.place.capacity(),
            table,
            touched: &mut self.touched[self.place.buffer(next)],
            len: &mut self.next_len,
            generation: next,
        }
    }

    /// Decides about the changes since [`begin`](Self::begin).
    #[inline(always)]
    pub(super) fn end(&mut self, next: u64, fate: Fate) {
        if matches!(fate, Fate::Publish) && !self.touched[self.place.buffer(next)].is_empty() {
            self.publish(next);
        }
    }

    /// Step l3: publishes the next table, after [`begin`](Self::begin) and the changes.
    #[inline]
    fn publish(&mut self, next: u64) {
        let latch = self.place.latch();
        // SAFETY: as in `begin` (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        table.set_len(self.next_len);
        // SAFETY: this is the only writer; `begin` called `write_begin`, and the table is a whole state of the map (I5
        // one-writer).
        unsafe { latch.write_end(next) };
        (self.len, self.like_newest) = (self.next_len, None);
        // All other tables have these changes by now, so the list is emptied for the next table.
        self.touched[self.place.buffer(next.wrapping_add(1))].clear();
    }

    /// Makes changes in the next table, and publishes them if there are any.
    #[inline(always)]
    pub(super) fn commit<R>(&mut self, change: impl FnOnce(&mut Changes<'_, P>) -> (R, Fate)) -> R {
        let next = self.begin();
        let (result, fate) = change(&mut self.changes(next));
        self.end(next, fate);
        result
    }
}
