//! [`Tables`]: where the word and the tables of a map lie. [`Place`]: the same for code that knows what is in them.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Deref;

use super::key::MapKey;
use super::primitive::LatchWord;
use super::slot::{Own, Parts};
use super::table::{Found, Table};
use crate::header::Control;
use crate::life::mapped_region::MappedRegion;
use seqcopy::{ReadError, Validate};

/// The word and the tables of a map. Valid for as long as the memory is.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    word: *const u64,
    first: *mut u8,
    /// From each table to the next.
    stride: usize,
    /// The number of buffers, a power of two, minus one.
    last_buffer: u64,
    /// The number of slots, a power of two, minus one.
    mask: usize,
    pub(super) seed: u64,
}

// SAFETY: the memory is accessed atomically, by every process that maps it (I8 mapping); keys and values are only copied out of it.
unsafe impl Send for Tables {}
// SAFETY: as above.
unsafe impl Sync for Tables {}

impl Tables {
    /// The map of a mapped region.
    ///
    /// # Safety
    /// The region has a map, and the result is not used after the mapping was dropped.
    pub(super) unsafe fn of(mapping: &MappedRegion) -> Self {
        let layout = &mapping.inspected.header.layout;
        let (offset, stride) = (layout.buffer_layout.offset, layout.buffer_layout.stride);
        // Asserts that all tables lie inside. `RegionLayout` has checked that both numbers are powers of two, and that a table has space
        // for this many slots of this size, which the schema has as well.
        let first = mapping.map.at(offset, stride * layout.buffers as usize);
        let word = mapping.map.at(Control::WORD, 8).cast();
        // SAFETY: this function's contract, and the assertions above (I8 mapping).
        unsafe { Self::new(word, first, stride, layout.buffers, layout.slots, mapping.inspected.header.seed()) }
    }

    /// # Safety
    /// * The word, and from `first` on `buffers` tables of `slots` slots, `stride` bytes apart, lie in memory that is initialised,
    ///   readable for as long as the result is used, and accessed only as by this module. Both numbers are powers of two.
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
        // SAFETY: aligned and mapped, by the contract of `new`; accessed in this width only (P7 from_ptr), relaxed where it is read
        // (P13 read-only).
        unsafe { LatchWord::from_ptr(self.word) }
    }

    /// The index of the buffer of a generation. Any count is allowed: it may come from a hostile process.
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
    pub(super) unsafe fn table<K: MapKey, V: Validate, P: Parts<K, V>>(
        &self,
        parts: P,
        count: u64,
    ) -> Table<'_, K, V, P> {
        // SAFETY: a table of this map, by the contract of `new` and this function's (I2 init).
        unsafe { Table::new(self.start(count), self.mask, parts) }
    }

    /// Where the table of a generation begins.
    #[inline(always)]
    pub(super) fn start(&self, count: u64) -> *mut u8 {
        // SAFETY: there are this many buffers, and all of them lie inside the memory, by the contract of `new` (I8 mapping).
        unsafe { self.first.add(self.buffer(count) * self.stride) }
    }

    /// The number of slots of each table.
    #[inline(always)]
    pub(super) fn slots(&self) -> usize {
        self.mask + 1
    }

    /// The most entries: seven eighths of the slots.
    pub(super) fn capacity(&self) -> usize {
        (self.mask + 1) / 8 * 7
    }

    /// Begins to look at the newest generation.
    #[inline(always)]
    pub(super) fn begin(&self) -> u64 {
        self.latch().count()
    }

    /// Whether all that was loaded from the table of that generation until now belongs to it.
    #[inline(always)]
    pub(super) fn is_readable(&self, count: u64) -> bool {
        self.latch().read_end(count, self.last_buffer - 1)
    }

    /// One attempt at the bits of the value of a key in a generation, with its stamp. If it returns a stamp, every data byte of `buf` is
    /// written.
    ///
    /// # Safety
    /// The slots of this map have these parts.
    #[inline(always)]
    pub(super) unsafe fn find<K: MapKey, V: Validate>(
        &self,
        parts: impl Parts<K, V>,
        count: u64,
        key: &K,
        buf: &mut MaybeUninit<V>,
    ) -> Result<Option<u64>, ReadError> {
        if count == 0 {
            return Err(ReadError::Empty);
        }
        // SAFETY: this function's contract.
        let table = unsafe { self.table(parts, count) };
        let found = match table.find(self.seed, key, || self.is_readable(count)) {
            Found::Key(slot, stamp) => {
                table.value(slot, buf);
                Some(stamp)
            }
            Found::Free(_) | Found::Neither => None,
        };
        if self.is_readable(count) { Ok(found) } else { Err(ReadError::Torn) }
    }
}

/// The word and the tables of a map of these types.
pub(super) struct Place<K, V> {
    tables: Tables,
    /// Their lifetimes can't be exchanged for others.
    types: PhantomData<fn(*mut K, *mut V)>,
}

impl<K, V> Clone for Place<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Place<K, V> {}

impl<K, V> Deref for Place<K, V> {
    type Target = Tables;

    #[inline(always)]
    fn deref(&self) -> &Tables {
        &self.tables
    }
}

impl<K: MapKey, V: Validate> Place<K, V> {
    /// The map of a mapped region.
    ///
    /// # Safety
    /// The region has a map whose schema is that of `K` and `V`, and the result is not used after the mapping was dropped.
    pub(super) unsafe fn of(mapping: &MappedRegion) -> Self {
        // SAFETY: this function's contract (I8 mapping).
        let tables = unsafe { Tables::of(mapping) };
        // SAFETY: this function's contract.
        unsafe { Self::new(tables) }
    }

    /// # Safety
    /// The slots of this map are those of `K` and `V`.
    pub(super) unsafe fn new(tables: Tables) -> Self {
        Place { tables, types: PhantomData }
    }

    /// The table of a generation.
    #[inline(always)]
    pub(super) fn table(&self, count: u64) -> Table<'_, K, V> {
        // SAFETY: the contract of `new`.
        unsafe { self.tables.table(Own, count) }
    }
}
