//! [`Tables`] has the addresses of a map's sequence word and tables, and attempts to look a key up. [`Place`] adds the
//! types of the slots. This file also computes how many slots a map needs for a number of entries.

use core::ops::Deref;
use std::hash::{BuildHasher, Hasher, RandomState};

use super::key::Query;
use super::primitive::LatchWord;
use super::slot::{Parts, PartsMut};
use super::table::{Found, Table, TableMut};
use crate::error::{Error, mismatch};
use crate::handle::{Options, Plan};
use crate::life::MappedRegion;
use crate::mapping::{Control, RegionLayout};
use crate::schema::Schema;
use seqcopy::ReadError;

/// The word and the tables of a map. Valid for as long as the memory is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables {
    word: *const u64,
    first: *mut u8,
    /// The distance from one table to the next, in bytes.
    stride: usize,
    /// The number of buffers, a power of two, minus one.
    last_buffer: u64,
    /// The number of slots, a power of two, minus one.
    mask: usize,
    pub(super) seed: u64,
}

// SAFETY: the memory is accessed atomically, by every process that maps it (I8 mapping); keys and values are only
// copied out of it.
unsafe impl Send for Tables {}
// SAFETY: accessed atomically, whichever threads do so at once (I8 mapping).
unsafe impl Sync for Tables {}

impl Tables {
    /// The map of a mapped region.
    ///
    /// # Safety
    /// The region has a map, and the result is not used after the mapping was dropped.
    pub(super) unsafe fn from_mapping(mapping: &MappedRegion) -> Self {
        let layout = &mapping.inspected.header.layout;
        let (offset, stride) = (layout.buffer_layout.offset, layout.buffer_layout.stride);
        // Asserts that all tables are inside of the mapping. `RegionLayout` has checked that both numbers are powers of
        // two, and that a table has space for this many slots of the size that the schema has.
        let first = mapping.map.at(offset, stride * layout.buffers as usize);
        let word = mapping.map.at(Control::WORD, 8).cast();
        // SAFETY: the region has a map, and the assertions above (I8 mapping).
        unsafe { Self::new(word, first, stride, layout.buffers, layout.slots, mapping.inspected.header.seed()) }
    }

    /// # Safety
    /// * The word, and from `first` on `buffers` tables of `slots` slots, `stride` bytes apart, lie in memory that is
    ///   initialised, readable for as long as the result is used, and accessed only as by this module. Both numbers are
    ///   powers of two.
    /// * Word and tables are aligned: to 8, and to 64 and the alignment of a slot.
    #[allow(clippy::cast_possible_truncation)] // 64-bit targets
    pub(super) unsafe fn new(
        word: *const u64,
        first: *mut u8,
        stride: usize,
        buffers: u32,
        slots: u64,
        seed: u64,
    ) -> Self {
        let (last_buffer, mask) = (u64::from(buffers) - 1, slots as usize - 1);
        Tables { word, first, stride, last_buffer, mask, seed }
    }

    #[inline(always)]
    pub(super) fn latch(&self) -> &LatchWord<u64> {
        // SAFETY: aligned and mapped, by the contract of `new`; accessed in this width only (P7 from_ptr), relaxed
        // where it is read (P13 read-only).
        unsafe { LatchWord::from_ptr(self.word) }
    }

    /// The index of the buffer of a generation. Any count is allowed, because it may come from a hostile process.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // masked
    pub(super) fn buffer(&self, count: u64) -> usize {
        (count & self.last_buffer) as usize
    }

    pub(super) fn buffers(&self) -> usize {
        self.buffer(self.last_buffer) + 1
    }

    /// The table of a generation.
    ///
    /// # Safety
    /// The slots of this map have these parts.
    #[inline(always)]
    pub(super) unsafe fn table<'m, P: Parts>(&'m self, parts: &'m P, count: u64) -> Table<'m, P> {
        // SAFETY: there are this many buffers, and all of them lie inside the memory, by the contract of `new` (I8
        // mapping).
        let start = unsafe { self.first.add(self.buffer(count) * self.stride) };
        // SAFETY: a table of this map, by the contract of `new` and this function's (I2 init).
        unsafe { Table::new(start, self.mask, parts) }
    }

    /// Copies the table of one generation to the table of the same generation in another map, which has at least as
    /// many slots. The number of entries is not copied.
    /// # Safety
    /// The slots of both have these parts. This process is the only writer of `to`, and none writes the table here (I5
    /// one-writer).
    pub(super) unsafe fn copy_table<P: PartsMut>(&self, parts: &P, to: &Tables, count: u64) {
        let old = same_contract!(self.table(parts, count));
        let new = same_contract!(to.table(parts, count));
        // SAFETY: writable, since it was created, and this is the only writer (I5 one-writer).
        let new = unsafe { TableMut::new(new) };
        new.take_all(to.seed, &old);
    }

    /// The maximum number of entries: seven eighths of the slots.
    pub(super) fn capacity(&self) -> usize {
        (self.mask + 1) / 8 * 7
    }

    /// Begins to read the newest generation.
    #[inline(always)]
    pub(super) fn begin(&self) -> u64 {
        self.latch().count()
    }

    /// Whether everything that was loaded from the table of this generation so far belongs to it.
    #[inline(always)]
    pub(super) fn is_readable(&self, count: u64) -> bool {
        self.latch().read_end(count, self.last_buffer - 1)
    }

    /// Attempts once to call `look` with the table of a generation.
    ///
    /// # Safety
    /// The slots of this map have these parts.
    #[inline(always)]
    pub(super) unsafe fn attempt<P: Parts, R>(
        &self,
        parts: &P,
        count: u64,
        look: impl FnOnce(&Table<'_, P>) -> R,
    ) -> Result<R, ReadError> {
        if count == 0 {
            return Err(ReadError::Empty);
        }
        let found = look(&same_contract!(self.table(parts, count)));
        if self.is_readable(count) { Ok(found) } else { Err(ReadError::Torn) }
    }

    /// The number of entries of a generation, which its writer has counted.
    ///
    /// # Safety
    /// The slots of this map have these parts.
    pub(super) unsafe fn len<P: Parts>(&self, parts: &P, count: u64) -> Result<usize, ReadError> {
        #[allow(clippy::redundant_closure_for_method_calls)] // the method is one of a table of a single lifetime
        // SAFETY: this function's contract.
        unsafe {
            self.attempt(parts, count, |table| table.len())
        }
    }

    /// Attempts once to load the value and the stamp of a key in a generation. If it returns a stamp, every data byte
    /// of the value is written.
    ///
    /// # Safety
    /// The slots of this map have these parts; `to` is space for a value, as [`Parts`] has it, which this thread alone
    /// has (I4 private).
    #[inline(always)]
    pub(super) unsafe fn find<P: Parts>(
        &self,
        parts: &P,
        count: u64,
        query: Query<'_>,
        to: *mut u8,
    ) -> Result<Option<u64>, ReadError> {
        if count == 0 {
            return Err(ReadError::Empty);
        }
        let table = same_contract!(self.table(parts, count));
        let found = match table.find(self.seed, query, || self.is_readable(count)) {
            Found::Key(slot, stamp) => {
                // SAFETY: space for a value, by this function's contract (I4 private).
                unsafe { table.load_value(slot, to) };
                Some(stamp)
            }
            Found::Free(_) | Found::Neither => None,
        };
        // Not with `attempt`: a closure of this size may remain a call, which takes as long as the look-up.
        if self.is_readable(count) { Ok(found) } else { Err(ReadError::Torn) }
    }
}

/// The word and the tables of a map, with the types of its slots.
#[derive(Debug, Clone)]
pub(super) struct Place<P> {
    tables: Tables,
    pub(super) parts: P,
}

impl<P> Deref for Place<P> {
    type Target = Tables;

    #[inline(always)]
    fn deref(&self) -> &Tables {
        &self.tables
    }
}

impl<P: Parts> Place<P> {
    /// The map of a mapped region.
    ///
    /// # Safety
    /// The region has a map whose slots have these parts, and the result is not used after the mapping was dropped.
    pub(super) unsafe fn from_mapping(mapping: &MappedRegion, parts: P) -> Self {
        let tables = same_contract!(Tables::from_mapping(mapping));
        same_contract!(Self::new(tables, parts))
    }

    /// # Safety
    /// The slots of this map have these parts.
    pub(super) unsafe fn new(tables: Tables, parts: P) -> Self {
        Place { tables, parts }
    }

    /// The table of a generation.
    #[inline(always)]
    pub(super) fn table(&self, count: u64) -> Table<'_, P> {
        // SAFETY: the contract of `new`.
        unsafe { self.tables.table(&self.parts, count) }
    }
}

/// The plan of a new map with this schema and this many slots.
pub(super) fn plan(schema: Schema, slots: u64, options: &Options) -> Result<Plan, Error> {
    let ((size, align), len) = (schema.size_and_align(), schema.as_bytes().len());
    let layout = RegionLayout::of_map(size, align, options.buffers, slots, len)?;
    Ok(Plan { layout, schema, seed: options.seed.unwrap_or_else(random), mark: options.policy.mark })
}

/// The number of slots for a map with that many entries, or why there can't be such a map.
pub(super) fn slots_of(capacity: usize) -> Result<u64, Error> {
    slots_for(capacity).ok_or_else(|| mismatch("capacity", "from 1 to 3758096384", capacity))
}

/// The smallest number of slots of which seven eighths are at least that many entries.
pub(super) fn slots_for(capacity: usize) -> Option<u64> {
    let slots = (capacity as u64).checked_mul(8)?.div_ceil(7).max(8).checked_next_power_of_two()?;
    (capacity > 0 && slots <= 1 << 32).then_some(slots)
}

/// A number that other processes can't predict.
fn random() -> u64 {
    // `RandomState` takes its keys from the system's random numbers.
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::slots_for;

    #[test]
    #[cfg_attr(miri, ignore = "only computes")]
    fn there_are_slots_for_the_capacity_and_not_twice_as_many_as_needed() {
        for capacity in (1..10_000).chain([114_688, 114_689, 3_758_096_384]) {
            let slots = slots_for(capacity).unwrap();
            assert!(slots.is_power_of_two() && slots >= 8);
            assert!(slots / 8 * 7 >= capacity as u64, "{capacity}");
            assert!(slots == 8 || slots / 16 * 7 < capacity as u64, "{capacity}");
        }
        assert_eq!((slots_for(0), slots_for(3_758_096_385), slots_for(usize::MAX)), (None, None, None));
    }
}
