//! [`Iter`]: the entries of a map, while it changes.
//!
//! Entries are visited by their hashes, in rising order of the upper bits, because these decide where an entry is in a
//! table of any size: in one with this many bits, those with the upper bits *b* lie from the group of slot *b* on,
//! before the next free slot. So a map that moves to another table neither repeats nor loses an entry.

use alloc::vec;

use seqcopy::{ReadError, SeqCopy, seq_count::LatchToken};

use crate::primitive::snooze;
use crate::slot::Hash;
use crate::table::Table;
use crate::tables::Tables;

/// The entries of a map; see [`SeqMap::iter`](crate::SeqMap::iter).
pub struct Iter<'a, K, V> {
    tables: &'a Tables<K, V>,
    /// Entries of hashes that were visited, still to be given out.
    pub(crate) ready: vec::IntoIter<(K, V)>,
    /// How far the visit is: `done` of 2 to the power `bits` ranges of hashes.
    done: u64,
    bits: u32,
}

impl<'a, K: SeqCopy + Eq, V: SeqCopy> Iter<'a, K, V> {
    pub(crate) fn new(tables: &'a Tables<K, V>) -> Self {
        Iter { tables, ready: vec::Vec::new().into_iter(), done: 0, bits: 0 }
    }

    /// One attempt to visit the next range, as wide as a slot of the first table.
    pub(crate) fn visit(&mut self) -> Result<(), ReadError> {
        self.visit_in(self.tables.read_begin())
    }

    /// The rest of that, in a phase that may have passed. Then each table may be of a later one, by itself.
    pub(crate) fn visit_in(&mut self, phase: LatchToken<2>) -> Result<(), ReadError> {
        let tables = self.tables.in_use(phase.count());
        let bits = tables.first.bits();
        // Tables only become larger while the map is shared, so the range that comes next begins where the last one
        // ended.
        let Some(more) = bits.checked_sub(self.bits) else { return Err(ReadError::Torn) };
        let at = self.done << more;
        let mut entries = vec::Vec::new();
        collect(tables.first, at, bits, &mut entries)?;
        if let Some(next) = tables.next {
            // Entries that were moved meanwhile, and are listed already.
            let listed = entries.len();
            let mut moved = vec::Vec::new();
            // Sizes are equal or twice as large; others show that the phase has passed.
            let Some(more @ 0..=1) = next.bits().checked_sub(bits) else { return Err(ReadError::Torn) };
            for at in (at << more)..((at + 1) << more) {
                collect(next, at, next.bits(), &mut moved)?;
            }
            moved.retain(|(key, _)| entries[..listed].iter().all(|(known, _)| known != key));
            entries.append(&mut moved);
        }
        if !self.tables.read_end(phase) {
            return Err(ReadError::Torn);
        }
        (self.done, self.bits) = (at + 1, bits);
        self.ready = entries.into_iter();
        Ok(())
    }
}

/// Adds the entries of a table whose hashes begin with the bits `upper`.
fn collect<K: SeqCopy, V: SeqCopy>(
    table: &Table<K, V>,
    upper: u64,
    bits: u32,
    entries: &mut vec::Vec<(K, V)>,
) -> Result<(), ReadError> {
    for slot in table.used(Hash::from_upper(upper, bits)) {
        if slot.meta().hash().upper(bits) as u64 != upper {
            continue;
        }
        if let Some((hash, key, value)) = slot.read_entry()? {
            if hash.upper(bits) as u64 == upper {
                entries.push((key, value));
            }
        }
    }
    Ok(())
}

impl<K: SeqCopy + Eq, V: SeqCopy> Iterator for Iter<'_, K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        let mut failed = 0;
        loop {
            if let Some(entry) = self.ready.next() {
                return Some(entry);
            }
            if self.done >> self.bits != 0 {
                return None;
            }
            if self.visit().is_err() {
                snooze(&mut failed);
            }
        }
    }
}

impl<K, V> core::fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Iter").finish_non_exhaustive()
    }
}
