//! [`Slot`]: one entry under a sequence word of its own; and its memory: [`Cell`], the racy bytes of a key or of a
//! value, and [`Zeroed`], memory that the system gives as zeros, so that a large table costs nothing before it is
//! filled.
//!
//! The word of a slot only ever counts up, also when the slot's memory is used for another key: so what a reader
//! accepts by it is one whole entry, whatever table the memory belongs to by then, and its key may be compared before
//! anything else is checked.

use seqcopy::seq_count::{Parity, SeqCount};
use seqcopy::{MaybeInvalid, ReadError, SeqCopy};

use crate::primitive::{AtomicU64, Relaxed};

/// What a slot is used for:
///
/// | bits | meaning |
/// |---|---|
/// | 0 and 1 | 0: free, 1: full, 2: gone (removed, or moved to the next table) |
/// | 2 to 63 | the upper 62 bits of the hash; all 0 if free |
///
/// While a table is in use, a slot goes from free to full, then between full and gone with the same key. So no key has
/// two slots in a table, and a search ends at the first free one.
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

    /// Some of its middle bits, not among the uppermost ones of any table that fits a memory, and better mixed than the
    /// lowest.
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

// SAFETY: all zeros is a free slot; key and value are bits and are not dropped (I2 init, P20 bitwise).
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
        // SAFETY: one writer, by contract (I5 one-writer). As a write, so that the word counts on: a reader from an
        // earlier phase that reads this slot is rejected by the word, and one that saw it free by the phase (P21
        // snapshot).
        unsafe { self.word.write(payload) };
    }
}

#[cfg(not(loom))]
mod chosen {
    use seqcopy::{Aligned8, AtomicPerByte, MaybeInvalid, SeqCopy};

    /// Storage of a `T`. All zeros is a cell that has no value yet.
    #[repr(transparent)]
    pub(crate) struct Cell<T>(AtomicPerByte<Aligned8<T>>);

    impl<T: SeqCopy> Cell<T> {
        #[inline(always)]
        pub(crate) fn load(&self) -> MaybeInvalid<T> {
            self.0.load_inner()
        }

        #[inline(always)]
        pub(crate) fn store(&self, value: &T) {
            self.0.store_inner(value);
        }
    }
}

/// Loom supports neither accesses by address nor of several sizes: in models a cell is two of loom's words, and its
/// value has 8 bytes.
#[cfg(loom)]
mod chosen {
    use core::marker::PhantomData;
    use core::mem::{MaybeUninit, transmute_copy};

    use seqcopy::{MaybeInvalid, SeqCopy};

    use crate::primitive::{AtomicU32, Relaxed};

    pub(crate) struct Cell<T>([AtomicU32; 2], PhantomData<T>);

    impl<T> Cell<T> {
        pub(crate) fn zeroed() -> Self {
            Cell([0, 0].map(AtomicU32::new), PhantomData)
        }
    }

    impl<T: SeqCopy> Cell<T> {
        pub(crate) fn load(&self) -> MaybeInvalid<T> {
            assert_eq!(size_of::<T>(), 8);
            let words = [self.0[0].load(Relaxed), self.0[1].load(Relaxed)];
            // SAFETY: of the same size; a `MaybeUninit` may have any bytes (P8 maybe-uninit).
            let bits: MaybeUninit<T> = unsafe { transmute_copy(&words) };
            // SAFETY: all bytes are initialised (I6 maybe-invalid).
            unsafe { MaybeInvalid::assume_written(bits) }
        }

        pub(crate) fn store(&self, value: &T) {
            assert_eq!(size_of::<T>(), 8);
            // SAFETY: models have values of 8 bytes without padding (I4 private).
            let words: [u32; 2] = unsafe { transmute_copy(value) };
            self.0[0].store(words[0], Relaxed);
            self.0[1].store(words[1], Relaxed);
        }
    }
}

pub(crate) use chosen::Cell;

/// What may begin as zeros, and has nothing to drop.
///
/// # Safety
/// All zeros is a value, and `Drop` does nothing.
pub(crate) unsafe trait Zero {
    /// For models, in which an atomic is more than its bits.
    #[cfg(loom)]
    fn zero() -> Self;
}

// SAFETY: the number 0 (P20 bitwise).
unsafe impl Zero for crate::primitive::AtomicU64 {
    #[cfg(loom)]
    fn zero() -> Self {
        Self::new(0)
    }
}

/// The bytes of a cache line.
const LINE: usize = 64;

/// A number of `T`s that is a power of two, at first zeros.
///
/// A `T` that fits a line of the cache lies in one, if that takes at most a third more memory.
pub(crate) struct Zeroed<T> {
    items: *mut T,
    mask: usize,
    /// What the allocator gave, in which the items begin at a line.
    #[cfg(not(loom))]
    allocated: *mut u8,
}

impl<T> Zeroed<T> {
    /// The bytes from an item to the next.
    const STRIDE: usize = {
        let (size, even) = (size_of::<T>(), size_of::<T>().next_power_of_two());
        if cfg!(not(loom)) && even <= LINE && even - size <= size / 3 { even } else { size }
    };

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.mask + 1
    }

    /// The item of a number, from which multiples of the length are taken away.
    #[inline(always)]
    pub(crate) fn at(&self, index: usize) -> &T {
        // SAFETY: the index is masked, so it lies in the allocation (P10 raw-place).
        let item = unsafe { self.items.byte_add((index & self.mask) * Self::STRIDE) };
        // SAFETY: zeroed in place, which is a value (I2 init), lent as shared, and freed with `self` (I10 handle).
        unsafe { &*item }
    }
}

#[cfg(not(loom))]
impl<T: Zero> Zeroed<T> {
    /// 2 to the power `bits` of them.
    ///
    /// # Panics
    /// If that is more than fits the address space.
    pub(crate) fn allocate(bits: u32) -> Self {
        use alloc::alloc::{alloc_zeroed, handle_alloc_error};

        let layout = Self::layout(1 << bits);
        // SAFETY: no `T` here has the size zero (P9 layout).
        let allocated = unsafe { alloc_zeroed(layout) };
        if allocated.is_null() {
            handle_alloc_error(layout);
        }
        let skipped = allocated.align_offset(LINE);
        debug_assert!(skipped + (Self::STRIDE << bits) <= layout.size(), "space for the alignment");
        let items = allocated.wrapping_add(skipped).cast();
        Zeroed { items, mask: (1 << bits) - 1, allocated }
    }
}

#[cfg(not(loom))]
impl<T> Zeroed<T> {
    /// With space to begin at a line. Not with its alignment: the allocator would then write the zeros.
    fn layout(len: usize) -> alloc::alloc::Layout {
        const {
            assert!(size_of::<T>() != 0);
            assert!(
                align_of::<T>() <= LINE,
                "a `SeqMap` has keys and values of at most the alignment of a cache line, 64: use a type without a larger `repr(align)`"
            );
        }
        let size = len.checked_mul(Self::STRIDE).and_then(|size| size.checked_add(LINE - 1));
        let layout = size.and_then(|size| alloc::alloc::Layout::from_size_align(size, align_of::<T>()).ok());
        layout.expect("a capacity that fits the address space")
    }
}

#[cfg(not(loom))]
impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: allocated by this layout; the items have nothing to drop (P20 bitwise), and no reference to one is
        // left (I4 private).
        unsafe { alloc::alloc::dealloc(self.allocated, Self::layout(self.len())) };
    }
}

#[cfg(loom)]
impl<T: Zero> Zeroed<T> {
    pub(crate) fn allocate(bits: u32) -> Self {
        let items: alloc::boxed::Box<[T]> = (0..1 << bits).map(|_| T::zero()).collect();
        Zeroed { items: alloc::boxed::Box::into_raw(items).cast(), mask: (1 << bits) - 1 }
    }
}

#[cfg(loom)]
impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: made by `Box::into_raw` with this length (I4 private).
        drop(unsafe { alloc::boxed::Box::from_raw(core::ptr::slice_from_raw_parts_mut(self.items, self.len())) });
    }
}
