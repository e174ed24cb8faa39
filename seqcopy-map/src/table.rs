//! [`Table`]: slots in one allocation, searched by linear probing.

use alloc::boxed::Box;

use seqcopy::{ReadError, SeqCopy};

use crate::cell::Cell;
use crate::primitive::Tracked;
use crate::slot::{Found, Hash, Slot};

/// A number of slots that is a power of two. Its own fields never change; the slots change by their words.
pub(crate) struct Table<K, V> {
    slots: *mut Slot<K, V>,
    bits: u32,
    tracked: Tracked,
}

impl<K, V> Table<K, V> {
    /// A table of 2 to the power `bits` free slots, to be freed by [`free`](Self::free).
    ///
    /// # Panics
    /// If it is too large for the address space.
    pub(crate) fn allocate(bits: u32) -> *mut Self {
        let slots = allocate_slots(bits);
        Box::into_raw(Box::new(Table { slots, bits, tracked: Tracked::new() }))
    }

    /// # Safety
    /// The table is from [`allocate`](Self::allocate), and no thread uses it any more.
    pub(crate) unsafe fn free(table: *mut Self) {
        // SAFETY: made by `Box::into_raw`, and given up by the caller (I4 private).
        let table = unsafe { Box::from_raw(table) };
        // SAFETY: as above, of this length.
        unsafe { free_slots(table.slots, table.bits) };
    }

    /// For loom: that the table was made before this look.
    #[inline(always)]
    pub(crate) fn look(&self) {
        self.tracked.look();
    }

    #[inline(always)]
    pub(crate) fn bits(&self) -> u32 {
        self.bits
    }

    /// The number of slots.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        1 << self.bits
    }

    /// How many slots may be used before the table is replaced.
    pub(crate) fn limit(&self) -> usize {
        self.len() - self.len() / 4
    }

    #[inline(always)]
    pub(crate) fn slot(&self, index: usize) -> &Slot<K, V> {
        // SAFETY: the index is masked, so it lies in the allocation, whose slots live as long as the table (P10 raw-place).
        let slot = unsafe { self.slots.add(index & (self.len() - 1)) };
        // SAFETY: zeroed in place, so it is initialised, and changed only through its atomics (I2 init, P18 shared-ref).
        unsafe { &*slot }
    }

    /// The slots in which a hash may be, in the order of the search.
    #[inline(always)]
    pub(crate) fn probe(&self, hash: Hash) -> impl Iterator<Item = &Slot<K, V>> {
        let home = hash.upper(self.bits);
        (0..self.len()).map(move |step| self.slot(home.wrapping_add(step)))
    }
}

impl<K: SeqCopy + Eq, V: SeqCopy> Table<K, V> {
    /// One attempt to find a key, for readers.
    #[inline(always)]
    pub(crate) fn read<R>(&self, hash: Hash, key: &K, load: &impl Fn(&Cell<V>) -> R) -> Result<Option<R>, ReadError> {
        for slot in self.probe(hash) {
            let meta = slot.meta();
            if meta.is_free() {
                break;
            }
            if meta.hash() != hash {
                continue;
            }
            match slot.read(hash, key, load)? {
                Found::Full(found) => return Ok(Some(found)),
                Found::Gone => break,
                Found::Other => {}
            }
        }
        Ok(None)
    }

    /// The slot of a key, full or gone.
    ///
    /// # Safety
    /// The caller holds the claim.
    pub(crate) unsafe fn find(&self, hash: Hash, key: &K) -> Option<&Slot<K, V>> {
        for slot in self.probe(hash) {
            let meta = slot.meta();
            if meta.is_free() {
                break;
            }
            // SAFETY: the same contract; not free.
            if meta.hash() == hash && unsafe { slot.key() } == *key {
                return Some(slot);
            }
        }
        None
    }
}

impl<K, V> Table<K, V> {
    /// The slot for a key that has none in this table.
    ///
    /// # Panics
    /// If no slot is free. Then the limit was not heeded.
    pub(crate) fn free_slot(&self, hash: Hash) -> &Slot<K, V> {
        self.probe(hash).find(|slot| slot.meta().is_free()).expect("a table is replaced before it is full")
    }
}

#[cfg(not(loom))]
fn allocate_slots<K, V>(bits: u32) -> *mut Slot<K, V> {
    use alloc::alloc::{Layout, alloc_zeroed, handle_alloc_error};

    let layout = Layout::array::<Slot<K, V>>(1 << bits).expect("a capacity that fits the address space");
    // SAFETY: a slot has a word, so the size is not zero (P9 layout).
    let slots = unsafe { alloc_zeroed(layout) };
    if slots.is_null() {
        handle_alloc_error(layout);
    }
    slots.cast()
}

/// # Safety
/// From [`allocate_slots`] with these bits, and used by no thread any more.
#[cfg(not(loom))]
unsafe fn free_slots<K, V>(slots: *mut Slot<K, V>, bits: u32) {
    use alloc::alloc::{Layout, dealloc};

    let layout = Layout::array::<Slot<K, V>>(1 << bits).expect("the layout that it was allocated by");
    // SAFETY: the same layout; slots have nothing to drop (P20 bitwise), and by contract no thread uses them (I4 private).
    unsafe { dealloc(slots.cast(), layout) };
}

#[cfg(loom)]
fn allocate_slots<K, V>(bits: u32) -> *mut Slot<K, V> {
    let slots: Box<[_]> = (0..1 << bits).map(|_| Slot::<K, V>::zeroed()).collect();
    Box::into_raw(slots).cast()
}

/// # Safety
/// As in a build without loom.
#[cfg(loom)]
unsafe fn free_slots<K, V>(slots: *mut Slot<K, V>, bits: u32) {
    // SAFETY: made by `Box::into_raw` with this length (I4 private).
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(slots, 1 << bits)) });
}
