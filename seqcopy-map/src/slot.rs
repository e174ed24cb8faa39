//! [`Slot`]: one entry under a sequence word of its own.
//!
//! The word of a slot only ever counts up, also when the slot's memory is used for another key: so what a reader accepts by it is
//! one whole entry, whatever table the memory belongs to by then, and its key may be compared before anything else is checked.

use crate::cell::{Cell, Zero};
use crate::primitive::{AtomicU64, Relaxed};
use seqcopy::seq_count::{Parity, SeqCount};
use seqcopy::{MaybeInvalid, ReadError, SeqCopy};

/// What a slot is used for:
///
/// | bits | meaning |
/// |---|---|
/// | 0 and 1 | 0: free, 1: full, 2: gone (removed, or moved to the next table) |
/// | 2 to 63 | the upper 62 bits of the hash; all 0 if free |
///
/// While a table is in use, a slot goes from free to full, then between full and gone with the same key. So no key has two slots
/// in a table, and a search ends at the first free one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meta(u64);

impl Meta {
    const FREE: Meta = Meta(0);
    const FULL: u64 = 1;
    const GONE: u64 = 2;

    pub(crate) fn is_free(self) -> bool {
        self == Self::FREE
    }

    pub(crate) fn is_full(self) -> bool {
        self.0 & 3 == Self::FULL
    }

    pub(crate) fn hash(self) -> Hash {
        Hash(self.0 >> 2)
    }
}

/// The upper 62 bits of a key's hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Hash(u64);

impl Hash {
    /// How many bits it has.
    pub(crate) const BITS: u32 = 62;

    /// Multiplies, so that hashers whose upper bits are weak (such as one that returns the key) fill tables evenly.
    #[inline(always)]
    pub(crate) fn new(hash: u64) -> Self {
        Hash(hash.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 2)
    }

    /// Its uppermost bits.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // a table has at most as many slots
    pub(crate) fn upper(self, bits: u32) -> usize {
        (self.0 >> (Self::BITS - bits)) as usize
    }

    /// Some of its middle bits, not among the uppermost ones of any table that fits a memory, and better mixed than the lowest.
    #[inline(always)]
    pub(crate) fn below_upper(self) -> u64 {
        self.0 >> 18
    }

    /// With these bits on top and zeros below.
    pub(crate) fn from_upper(upper: u64, bits: u32) -> Self {
        Hash(upper << (Self::BITS - bits))
    }
}

/// What a reader finds in the slot of a hash.
pub(crate) enum Found<R> {
    /// The entry of the key.
    Full(R),
    /// The key was here, and is removed, or moved.
    Gone,
    /// Another key of the same hash.
    Other,
}

/// An entry and its sequence word.
#[repr(C)]
pub(crate) struct Slot<K, V> {
    word: SeqCount<Parity<u64>>,
    meta: AtomicU64,
    key: Cell<K>,
    value: Cell<V>,
}

// SAFETY: all zeros is a free slot without a key and a value; these are bits and are not dropped (I2 init, P20 bitwise).
unsafe impl<K, V> Zero for Slot<K, V> {
    #[cfg(loom)]
    fn zero() -> Self {
        Slot { word: SeqCount::new(0), meta: AtomicU64::new(0), key: Cell::zeroed(), value: Cell::zeroed() }
    }
}

impl<K, V> Slot<K, V> {
    /// What the slot is used for, without its sequence word: for the writer, and for readers to go on to the next slot.
    #[inline(always)]
    pub(crate) fn meta(&self) -> Meta {
        Meta(self.meta.load(Relaxed))
    }
}

impl<K: SeqCopy, V: SeqCopy> Slot<K, V> {
    /// One attempt to read the slot, if it is that of `key`. `load` is called before the slot's word is checked.
    #[inline(always)]
    pub(crate) fn read<R>(&self, hash: Hash, key: &K, load: impl FnOnce(&Cell<V>) -> R) -> Result<Found<R>, ReadError>
    where
        K: Eq,
    {
        let ((meta, bits, value), _) = self.word.try_read(|| (self.meta(), self.key.load(), load(&self.value)))?;
        if meta.is_free() || meta.hash() != hash {
            return Ok(Found::Other);
        }
        // SAFETY: the word shows that these are the bits of one key, stored before the slot was full for the first time
        // (P21 snapshot, I7 checked); zeros of a new table are not looked at, because their slot is free.
        if unsafe { bits.assume_valid() } != *key {
            return Ok(Found::Other);
        }
        Ok(if meta.is_full() { Found::Full(value) } else { Found::Gone })
    }

    /// One attempt to read the whole entry, if there is one.
    pub(crate) fn read_entry(&self) -> Result<Option<(Hash, K, V)>, ReadError> {
        let ((meta, key, value), _) = self.word.try_read(|| (self.meta(), self.key.load(), self.value.load()))?;
        if !meta.is_full() {
            return Ok(None);
        }
        // SAFETY: whole, by the word, and of a slot that is full (P21 snapshot, I7 checked).
        let key = unsafe { key.assume_valid() };
        // SAFETY: of the same slot, which is full (I7 checked).
        let value = unsafe { value.assume_valid() };
        Ok(Some((meta.hash(), key, value)))
    }

    /// The key, for the writer.
    ///
    /// # Safety
    /// The caller holds the claim, and the slot is not free.
    #[inline(always)]
    pub(crate) unsafe fn key(&self) -> K {
        let bits: MaybeInvalid<K> = self.key.load();
        // SAFETY: by contract there is no other writer (I5 one-writer), and a key was stored (I7 checked).
        unsafe { bits.assume_valid() }
    }

    /// The value, for the writer.
    ///
    /// # Safety
    /// The contract of [`key`](Self::key).
    #[inline(always)]
    pub(crate) unsafe fn value(&self) -> V {
        // SAFETY: the slot is full, and filling a slot stores both (I7 checked).
        unsafe { self.value.load().assume_valid() }
    }

    /// Makes the slot full, with this entry. `more` is done in the same write, and must not panic.
    ///
    /// # Safety
    /// The caller holds the claim. In a table in use the slot is free, or that of this key.
    #[inline(always)]
    pub(crate) unsafe fn fill(&self, hash: Hash, key: &K, value: &V, more: impl FnOnce()) {
        let payload = || {
            more();
            self.meta.store(hash.0 << 2 | Meta::FULL, Relaxed);
            self.key.store(key);
            self.value.store(value);
        };
        // SAFETY: one writer, by contract (I5 one-writer); nothing in `payload` can panic (I9 no-panic).
        unsafe { self.word.write(payload) };
    }

    /// Stores another value to a slot that is full.
    ///
    /// # Safety
    /// The caller holds the claim.
    #[inline(always)]
    pub(crate) unsafe fn set_value(&self, value: &V) {
        // SAFETY: one writer, by contract (I5 one-writer); key and meta are whole (P21 snapshot).
        unsafe { self.word.write(|| self.value.store(value)) };
    }

    /// Makes a full slot gone.
    ///
    /// # Safety
    /// The caller holds the claim.
    #[inline(always)]
    pub(crate) unsafe fn set_gone(&self) {
        let gone = self.meta().hash().0 << 2 | Meta::GONE;
        // SAFETY: one writer, by contract (I5 one-writer); key and value stay whole (P21 snapshot).
        unsafe { self.word.write(|| self.meta.store(gone, Relaxed)) };
    }

    /// Makes the slot free. `more` as in [`fill`](Self::fill).
    ///
    /// # Safety
    /// The caller holds the claim, and the slot's table is in use in no phase from the present one on.
    pub(crate) unsafe fn set_free(&self, more: impl FnOnce()) {
        if self.meta() == Meta::FREE {
            return;
        }
        let payload = || {
            more();
            self.meta.store(Meta::FREE.0, Relaxed);
        };
        // SAFETY: one writer, by contract (I5 one-writer). As a write, so that the word counts on: a reader from an earlier phase
        // that reads this slot is rejected by the word, and one that saw it free by the phase (P21 snapshot).
        unsafe { self.word.write(payload) };
    }
}
