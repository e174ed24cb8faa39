//! [`Commits`]: the writer's side of the protocol.
//!
//! ```text
//!     next = count + 1                                            Relaxed
//! l1  fence                                                       Release
//! c1  table of `next`: the slots of its lag := those of `count`   Relaxed
//! c2  table of `next`: the batch, each slot noted in the lag      Relaxed
//! l3  count = next                                                Release
//!     private: the lag of `next` is empty, and the other lags have what the batch has touched
//! ```
//!
//! l1 and l3 are those of the latch (`seq_count/latch.rs`); readers do m1 to m4, with all loads of a view in the place of m2. A writer
//! that dies before l3 has changed only a table that no reader looks at, and its successor's lags list all of it. A batch that panics
//! or is dropped leaves what it has touched in the lag, and nothing else.

use super::batch::Batch;
use super::key::MapKey;
use super::lag::Lag;
use super::place::Place;
use super::table::TableMut;
use crate::WriteError;
use crate::life::mapped_region::MappedRegion;
use crate::life::writer_lock::WriterLock;
use seqcopy::Validate;

/// What the writer of a map knows in addition to the map.
pub(super) struct Commits<K, V> {
    pub(super) place: Place<K, V>,
    /// What each table lacks.
    lags: Vec<Lag>,
    /// The number of entries. Never believed of the region: counted once, and kept.
    pub(super) len: usize,
}

/// What becomes of a batch.
#[derive(Clone, Copy)]
pub(super) enum Fate {
    Publish,
    Drop,
}

/// Copies the newest generation of a map to a new one with more slots, as the same generation. Entries keep their stamps.
///
/// # Safety
/// Both are maps with the schema of `K` and `V`. This process is the only writer of `to`, which no other process can find yet, and none
/// writes `from` (I5 one-writer).
pub(super) unsafe fn copy<K: MapKey, V: Validate>(from: &MappedRegion, to: &MappedRegion) {
    // SAFETY: this function's contract; the mapping outlives it (I8 mapping).
    let from = unsafe { Place::<K, V>::of(from) };
    // SAFETY: as above.
    let place = unsafe { Place::<K, V>::of(to) };
    let count = from.latch().count();
    // SAFETY: writable, since it was created, and this is the only writer (I5 one-writer).
    let table = unsafe { TableMut::new(place.table(count)) };
    table.take_all(place.seed, &from.table(count));
    to.map.set_word(count);
}

impl<K: MapKey, V: Validate> Commits<K, V> {
    /// The writer of a new map, whose count is 1 and whose tables are zeros: the first generation, an empty map.
    ///
    /// # Safety
    /// For as long as the result is used: the memory of the place is mapped and writable, and this is its only writer (I5 one-writer).
    pub(super) unsafe fn of_new(place: Place<K, V>) -> Self {
        Commits { lags: vec![Lag::Slots(Vec::new()); place.buffers()], place, len: 0 }
    }

    /// The writer of a map that had another one, which stopped anywhere: makes all tables alike.
    ///
    /// Only the next table is in no view. So the same map is published again until each was the next, and each publication ends the views
    /// of one older generation, as a commit does. Those of the newest, `count`, are the last that stay readable: there are
    /// `buffers - 2` publications.
    ///
    /// # Safety
    /// As for [`of_new`](Self::of_new), and the end of the previous writer happens-before the call.
    pub(super) unsafe fn of_existing(place: Place<K, V>) -> Self {
        let count = place.latch().count();
        let newest = place.table(count);
        let mut commits = Commits { lags: vec![Lag::All; place.buffers()], len: newest.count(), place };
        commits.lags[place.buffer(count)].clear();
        for left in (0..place.buffers() - 1).rev() {
            let count = commits.catch_up();
            // A map that was never published becomes readable.
            if left > 0 || count == 0 {
                let len = commits.len;
                commits.publish(len);
            }
        }
        commits
    }

    /// l1 and c1: makes the next table like the published one. Returns the published count.
    #[inline]
    fn catch_up(&mut self) -> u64 {
        let latch = self.place.latch();
        let count = latch.count();
        // SAFETY: this is the only writer, by the contract of the constructors (I5 one-writer); the buffer is computed below, for the
        // map's own number of buffers.
        let next = unsafe { latch.write_begin() };
        let newest = self.place.table(count);
        // SAFETY: writable, and this is the only writer, as above (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        let lag = &mut self.lags[self.place.buffer(next)];
        match lag {
            Lag::Slots(slots) => slots.iter().for_each(|&slot| table.take(&newest, slot as usize, slot as usize)),
            Lag::All => (0..table.slots()).for_each(|slot| table.take(&newest, slot, slot)),
        }
        lag.clear();
        count
    }

    /// l3, after [`catch_up`](Self::catch_up) and whatever was changed since: publishes the next table, with this many entries.
    #[inline]
    fn publish(&mut self, len: usize) {
        let latch = self.place.latch();
        let next = latch.count().wrapping_add(1);
        // SAFETY: as in `catch_up` (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        table.set_len(len);
        // SAFETY: this is the only writer; `catch_up` called `write_begin`, and the table is a whole state of the map (I5 one-writer).
        unsafe { latch.write_end(next) };
        self.len = len;
        let target = self.place.buffer(next);
        let slots = table.slots();
        let (before, rest) = self.lags.split_at_mut(target);
        let (touched, after) = rest.split_at_mut(1);
        for lag in before.iter_mut().chain(after) {
            lag.extend(&touched[0], slots);
        }
        touched[0].clear();
    }

    /// Carries out the changes of a batch in the next table, and publishes that if there are any.
    ///
    /// `lock` is the writer's, by which a fork is noticed.
    #[inline(always)]
    pub(super) fn commit<R>(
        &mut self,
        lock: Option<&WriterLock>,
        change: impl FnOnce(&mut Batch<'_, K, V>) -> (R, Fate),
    ) -> Result<R, WriteError> {
        let mut batch = self.begin(lock)?;
        let (result, fate) = change(&mut batch);
        let len = batch.len();
        self.end(lock, len, fate)?;
        Ok(result)
    }

    /// A batch of changes to the next table.
    #[inline(always)]
    pub(super) fn begin<'a>(&'a mut self, lock: Option<&'a WriterLock>) -> Result<Batch<'a, K, V>, WriteError> {
        lock.map_or(Ok(()), WriterLock::check)?;
        let next = self.catch_up().wrapping_add(1);
        // SAFETY: as in `catch_up` (I5 one-writer).
        let table = unsafe { TableMut::new(self.place.table(next)) };
        let lag = &mut self.lags[self.place.buffer(next)];
        Ok(Batch::new(&self.place, table, lag, self.len, next, lock))
    }

    /// What becomes of the changes of the batch that was begun, after which the map has `len` entries.
    #[inline(always)]
    pub(super) fn end(&mut self, lock: Option<&WriterLock>, len: usize, fate: Fate) -> Result<(), WriteError> {
        // The child of a fork inside the batch has made no change after it, and must not publish those from before.
        lock.map_or(Ok(()), WriterLock::check)?;
        let next = self.place.latch().count().wrapping_add(1);
        if matches!(fate, Fate::Publish) && !self.lags[self.place.buffer(next)].is_empty() {
            self.publish(len);
        }
        Ok(())
    }
}
