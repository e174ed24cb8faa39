//! [`Tables`]: which tables are in use, how readers learn of it, and the claim of the one writer.
//!
//! A map is in one phase at a time, which a [`LatchCount`] counts:
//!
//! | phase | tables in use | entries |
//! |---|---|---|
//! | 2n | `places[n % 2]` | all are there |
//! | 2n + 1 | that, the *first*, and `places[(n + 1) % 2]`, the *next* | each is in one of them; new keys go to the next |
//!
//! In an odd phase each write moves some entries from the first table to the next: it fills the slot in the next one,
//! then makes the slot in the first one gone. Readers look into the first table, and if the key is not full there, into
//! the next. When the first has no full slot left, the next even phase begins.
//!
//! ```text
//! writer                                            reader
//! p1  a table that was in use before:               m1  before = phase         Relaxed, fence Acquire
//!       its slots made free   by their words        m2  tables[..]             Acquire
//! p2  places[..] = table      Release               m3  slots                  by their words
//! p3  phase = before + 1      Release               m4  fence Acquire, phase   Relaxed; accept if it is `before`
//! ```
//!
//! p3 pairs with m1: readers of a phase see its tables as they were when it began, or later. If m3 sees a store of p1
//! or of a later phase, then that store is after the release fence of its slot's word, so m4 sees the phase in which it
//! was made, and the read is rejected. p2 pairs with m2: a pointer from a later phase leads to a table that is there,
//! whatever becomes of the read.
//!
//! No table is freed before the map is dropped, or shrunk by its only owner. So a reader may be as late as it likes.

use alloc::vec::Vec;
use core::cell::UnsafeCell;

use crate::primitive::{Acquire, AtomicBool, AtomicPtr, AtomicUsize, Relaxed, Release, snooze};
use crate::slot::Cell;
use crate::slot::Hash;
use crate::table::Table;
use seqcopy::seq_count::{LatchCount, LatchToken};
use seqcopy::{ReadError, SeqCopy};

/// Whether a thread is writing.
pub(crate) struct Claim(AtomicBool);

/// The right to write, until it is dropped.
pub(crate) struct Claimed<'a>(&'a Claim);

impl Claim {
    pub(crate) fn new() -> Self {
        Claim(AtomicBool::new(false))
    }

    /// Waits until no other thread writes.
    #[inline]
    pub(crate) fn acquire(&self) -> Claimed<'_> {
        let mut failed = 0;
        // Pairs with the release in `drop`: what the last writer did happens-before what this one does.
        while self.0.compare_exchange_weak(false, true, Acquire, Relaxed).is_err() {
            snooze(&mut failed);
        }
        Claimed(self)
    }
}

impl Drop for Claimed<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.0.store(false, Release);
    }
}

/// The smallest table: 8 slots.
const LEAST_BITS: u32 = 3;

/// 2 to this power is the number of slots that a map for this many entries begins with.
pub(crate) fn bits_for(capacity: usize) -> u32 {
    // An eighth of the slots stays free.
    let slots = capacity.checked_add(capacity.div_ceil(7)).and_then(usize::checked_next_power_of_two);
    slots.expect("a capacity that fits the address space").ilog2().max(LEAST_BITS)
}

/// A map without its hasher.
pub(crate) struct Tables<K, V> {
    phase: LatchCount<2>,
    places: [AtomicPtr<Table<K, V>>; 2],
    /// The number of entries.
    pub(crate) len: AtomicUsize,
    claim: Claim,
    /// Accessed by the thread that has the claim.
    writer: UnsafeCell<Writer<K, V>>,
}

/// What only the writer knows.
pub(crate) struct Writer<K, V> {
    /// Every table of the map, to be freed with it.
    pub(crate) all: Vec<*mut Table<K, V>>,
    /// How many slots of the table for new keys are not free.
    pub(crate) used: usize,
    /// In an odd phase: how many slots of the first table were dealt with.
    pub(crate) moved: usize,
    /// A table as large as the one in use, to be used next, or null. Its first `freed` slots are free.
    pub(crate) spare: *mut Table<K, V>,
    pub(crate) freed: usize,
}

/// The tables of a phase.
pub(crate) struct InUse<'a, K, V> {
    pub(crate) first: &'a Table<K, V>,
    pub(crate) next: Option<&'a Table<K, V>>,
}

// SAFETY: tables and bits may be dropped by any thread, and keys and values are copies that may be sent (P20 bitwise).
unsafe impl<K: Send, V: Send> Send for Tables<K, V> {}
// SAFETY: shared accesses to slots are atomic (I1 partition), the writer's part is accessed under the claim (I5
// one-writer), and threads pass each other copies of `K` and `V`, which are `Send`; no reference to one is shared.
unsafe impl<K: Send, V: Send> Sync for Tables<K, V> {}

impl<K, V> Tables<K, V> {
    /// Phase 0, with a table of 2 to the power `bits` slots.
    pub(crate) fn new(bits: u32) -> Self {
        let table = Table::allocate(bits);
        Tables {
            phase: LatchCount::new(),
            places: [AtomicPtr::new(table), AtomicPtr::new(core::ptr::null_mut())],
            len: AtomicUsize::new(0),
            claim: Claim::new(),
            writer: UnsafeCell::new(Writer {
                all: [table].into(),
                used: 0,
                moved: 0,
                spare: core::ptr::null_mut(),
                freed: 0,
            }),
        }
    }

    /// m1.
    #[inline(always)]
    pub(crate) fn read_begin(&self) -> LatchToken<2> {
        self.phase.read_begin()
    }

    /// m4.
    #[inline(always)]
    pub(crate) fn read_end(&self, phase: LatchToken<2>) -> bool {
        self.phase.read_end(phase)
    }

    /// m2: the tables of a phase, or of a later one if it has passed.
    #[inline(always)]
    pub(crate) fn in_use(&self, phase: u64) -> InUse<'_, K, V> {
        let first = self.place(phase / 2);
        let next = (phase % 2 == 1).then(|| self.place(phase / 2 + 1));
        InUse { first, next }
    }

    #[inline(always)]
    fn place(&self, number: u64) -> &Table<K, V> {
        let pointer = self.places[(number % 2) as usize].load(Acquire);
        // SAFETY: not null: a place is filled before the first phase that names it begins (p2, p3), and is never
        // emptied. A table is not freed before the map is dropped or exclusively borrowed, and the acquire load sees it
        // made (I10 handle).
        let table = unsafe { &*pointer };
        table.look();
        table
    }

    /// The phase, for the writer.
    #[inline(always)]
    fn phase(&self) -> u64 {
        self.phase.count()
    }

    /// Waits for the claim.
    #[inline]
    pub(crate) fn write(&self) -> Change<'_, K, V> {
        Change { _claimed: self.claim.acquire(), tables: self }
    }
}

impl<K: SeqCopy + Eq, V: SeqCopy> Tables<K, V> {
    /// One attempt to find a key, and to load something of its value.
    #[inline(always)]
    pub(crate) fn try_read<R>(
        &self,
        hash: Hash,
        key: &K,
        load: impl Fn(&Cell<V>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let phase = self.read_begin();
        let tables = self.in_use(phase.count());
        let mut found = tables.first.read(hash, key, &load)?;
        if let (None, Some(next)) = (&found, tables.next) {
            found = next.read(hash, key, &load)?;
        }
        if self.read_end(phase) { Ok(found) } else { Err(ReadError::Torn) }
    }
}

impl<K, V> Drop for Tables<K, V> {
    fn drop(&mut self) {
        for table in self.writer.get_mut().all.drain(..) {
            // SAFETY: each table is listed once, and no other thread has the map (I4 private).
            unsafe { Table::free(table) };
        }
    }
}

/// A map that this thread may change.
pub(crate) struct Change<'a, K, V> {
    _claimed: Claimed<'a>,
    pub(crate) tables: &'a Tables<K, V>,
}

impl<'a, K, V> Change<'a, K, V> {
    #[inline(always)]
    pub(crate) fn writer(&mut self) -> &mut Writer<K, V> {
        // SAFETY: this thread has the claim, and `self`, exclusively borrowed, is the only way to this (I5 one-writer).
        unsafe { &mut *self.tables.writer.get() }
    }

    /// The tables of the present phase.
    #[inline(always)]
    pub(crate) fn in_use(&self) -> InUse<'a, K, V> {
        self.tables.in_use(self.tables.phase())
    }

    /// p2 and p3: begins the next phase. From an even one to an odd one with the next table.
    pub(crate) fn next_phase(&mut self, next: Option<*mut Table<K, V>>) {
        let phase = self.tables.phase();
        // SAFETY: this thread has the claim (I5 one-writer).
        unsafe { self.tables.phase.write_begin() };
        if let Some(next) = next {
            let place = ((phase / 2 + 1) % 2) as usize;
            self.tables.places[place].store(next, Release);
        }
        // SAFETY: begun above, by the only writer (I5 one-writer); the tables of the phase are in their places (P21
        // snapshot).
        unsafe { self.tables.phase.write_end() };
    }

    /// The pointer to the first table of the present phase.
    pub(crate) fn first(&self) -> *mut Table<K, V> {
        let place = (self.tables.phase() / 2 % 2) as usize;
        self.tables.places[place].load(Relaxed)
    }

    /// Adds to the number of entries, which others may look at.
    #[inline(always)]
    pub(crate) fn add_len(&mut self, more: isize) {
        let len = self.tables.len.load(Relaxed);
        self.tables.len.store(len.wrapping_add_signed(more), Relaxed);
    }
}
