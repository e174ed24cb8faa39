//! [`Slot`]: where stamp, key and value of a slot lie; [`Parts`]: the same for the engine, which has slots of any types.
//!
//! They are three storages, each with the partition of its own type at a base of 8 or more: the stamp is a `u64`, key and value are
//! [`Aligned8`]. That is part of the format. A partition of the whole slot would be another one, so no code makes that (I1 partition).

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use super::key::{MapKey, assert_key};
use super::primitive::AtomicPerByte;
use crate::Schema;
use crate::header::table_header;
use seqcopy::layout::{Field, Scalar, Shape};
use seqcopy::{Aligned8, Layout, MaybeInvalid, SeqCopy, Validate};

/// The layout of a slot with such a key and such a value.
pub(super) struct Slot<K, V>(PhantomData<fn() -> (K, V)>);

impl<K: MapKey, V: Validate> Slot<K, V> {
    /// Stops the compilation if the key is not one. The calls that make or open a map name this, so that the error shows their callers' lines.
    pub(super) const CHECKED: () = assert_key(K::LAYOUT);
    /// The offset of the key; the stamp lies at 0.
    pub(super) const KEY: usize = 8usize.next_multiple_of(align_of::<Aligned8<K>>());
    /// The offset of the value.
    pub(super) const VALUE: usize = (Self::KEY + size_of::<Aligned8<K>>()).next_multiple_of(align_of::<Aligned8<V>>());
    pub(super) const ALIGN: usize = {
        let (key, value) = (align_of::<Aligned8<K>>(), align_of::<Aligned8<V>>());
        if key > value { key } else { value }
    };
    pub(super) const SIZE: usize = (Self::VALUE + size_of::<Aligned8<V>>()).next_multiple_of(Self::ALIGN);

    const FIELDS: &'static [Field] = &[
        Field::new("stamp", 0, u64::LAYOUT),
        Field::new("key", Self::KEY, K::LAYOUT),
        Field::new("value", Self::VALUE, V::LAYOUT),
    ];
    pub(super) const LAYOUT: &'static Layout = &Layout::of_struct("Slot", Self::SIZE, Self::ALIGN, Self::FIELDS);

    /// The schema of a map's region: a struct of stamp, key and value.
    pub(super) fn schema() -> Schema {
        let () = Self::CHECKED;
        Schema::of_layout(Self::LAYOUT)
    }
}

/// Where the parts of slots lie, and how their bits get into private memory: for the one engine, which searches and changes tables whose types
/// the compiler knows, and those whose types a schema has.
///
/// A pointer to private memory is aligned as the type that the parts were made for, and of that size. At `slot` lies a slot with these parts,
/// aligned for it and initialised, and accessed by them, atomically (I1 partition, I2 init).
pub(super) trait Parts {
    /// The offset of the first slot in a table.
    fn first(&self) -> usize;

    /// From each slot to the next.
    fn size(&self) -> usize;

    /// Passes on the bytes of a key, all of them.
    ///
    /// # Safety
    /// As above.
    unsafe fn with_key<R>(&self, slot: *mut u8, look: impl FnOnce(&[u8]) -> R) -> R;

    /// Loads the key. Every data byte is written.
    ///
    /// # Safety
    /// As above; `to` is writable by this thread alone (I4 private).
    unsafe fn load_key(&self, slot: *mut u8, to: *mut u8);

    /// Loads the value. Every data byte is written.
    ///
    /// # Safety
    /// As for [`load_key`](Self::load_key).
    unsafe fn load_value(&self, slot: *mut u8, to: *mut u8);
}

/// Parts that are loaded as a `K` and as a `V`.
///
/// # Safety
/// The parts were made for these types.
pub(super) unsafe trait PartsOf<K, V>: Parts {}

/// Parts that are stored as well: those of the map itself. This thread is the only writer of the slots (I5 one-writer).
pub(super) trait PartsMut: Parts {
    /// Stores a key.
    ///
    /// # Safety
    /// As for [`Parts`]; the slot is writable, and `from` has a key (I5 one-writer).
    unsafe fn store_key(&self, from: *const u8, slot: *mut u8);

    /// Stores a value.
    ///
    /// # Safety
    /// As for [`store_key`](Self::store_key), of a value.
    unsafe fn store_value(&self, from: *const u8, slot: *mut u8);

    /// Makes key and value zeros.
    ///
    /// # Safety
    /// As for [`store_key`](Self::store_key).
    unsafe fn clear(&self, slot: *mut u8);

    /// Copies key and value, whatever bits they have. Both slots may be the same.
    ///
    /// # Safety
    /// As for [`Parts`], of both, of which `to` is writable (I5 one-writer).
    unsafe fn copy(&self, from: *mut u8, to: *mut u8);
}

/// The parts of a slot of `K` and `V` themselves. Their lifetimes can't be exchanged for others.
pub(super) struct Own<K, V>(PhantomData<fn(*mut K, *mut V)>);

impl<K, V> Own<K, V> {
    pub(super) fn new() -> Self {
        Own(PhantomData)
    }
}

impl<K, V> Clone for Own<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Own<K, V> {}

/// The bytes of a key, which has no padding.
#[inline(always)]
pub(super) fn bytes_of<K: MapKey>(key: &K) -> &[u8] {
    MaybeInvalid::from_ref(key).as_bytes()
}

impl<K: MapKey, V: Validate> Own<K, V> {
    /// # Safety
    /// As for [`Parts`], for as long as the result is used.
    #[inline(always)]
    unsafe fn key<'m>(slot: *mut u8) -> &'m AtomicPerByte<Aligned8<K>> {
        // SAFETY: inside the slot, by this function's contract (I8 mapping).
        let key = unsafe { slot.add(Slot::<K, V>::KEY) };
        // SAFETY: aligned for the key and to 8, initialised (P4 uninit), and accessed by the partition of the key alone (I1 partition).
        unsafe { AtomicPerByte::from_ptr(key.cast()) }
    }

    /// # Safety
    /// As for [`key`](Self::key).
    #[inline(always)]
    unsafe fn value<'m>(slot: *mut u8) -> &'m AtomicPerByte<Aligned8<V>> {
        // SAFETY: inside the slot, by this function's contract (I8 mapping).
        let value = unsafe { slot.add(Slot::<K, V>::VALUE) };
        // SAFETY: as for the key, with the partition of the value (P4 uninit, I1 partition).
        unsafe { AtomicPerByte::from_ptr(value.cast()) }
    }
}

impl<K: MapKey, V: Validate> Parts for Own<K, V> {
    #[inline(always)]
    fn first(&self) -> usize {
        const { table_header(Slot::<K, V>::ALIGN) }
    }

    #[inline(always)]
    fn size(&self) -> usize {
        Slot::<K, V>::SIZE
    }

    #[inline(always)]
    unsafe fn with_key<R>(&self, slot: *mut u8, look: impl FnOnce(&[u8]) -> R) -> R {
        let mut buf = MaybeUninit::uninit();
        // SAFETY: this function's contract (I1 partition, I2 init).
        let key = unsafe { Self::key(slot) };
        look(key.load_inner_into(&mut buf).as_bytes())
    }

    #[inline(always)]
    unsafe fn load_key(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init).
        let key = unsafe { Self::key(slot) };
        // SAFETY: space for a key, which this thread alone has (I4 private).
        key.load_inner_into(unsafe { &mut *to.cast() });
    }

    #[inline(always)]
    unsafe fn load_value(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init).
        let value = unsafe { Self::value(slot) };
        // SAFETY: space for a value, which this thread alone has (I4 private).
        value.load_inner_into(unsafe { &mut *to.cast() });
    }
}

// SAFETY: they are those of a slot of `K` and `V` (I3 exact).
unsafe impl<K: MapKey, V: Validate> PartsOf<K, V> for Own<K, V> {}

impl<K: MapKey, V: Validate> PartsMut for Own<K, V> {
    #[inline(always)]
    unsafe fn store_key(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init).
        let key = unsafe { Self::key(slot) };
        // SAFETY: a key lies there (I4 private).
        key.store_inner(unsafe { &*from.cast() });
    }

    #[inline(always)]
    unsafe fn store_value(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init).
        let value = unsafe { Self::value(slot) };
        // SAFETY: a value lies there (I4 private).
        value.store_inner(unsafe { &*from.cast() });
    }

    #[inline(always)]
    unsafe fn clear(&self, slot: *mut u8) {
        // SAFETY: this function's contract (I1 partition, I2 init).
        unsafe { Self::value(slot) }.store_bits(&MaybeInvalid::zeroed());
        // SAFETY: this function's contract (I1 partition, I2 init).
        unsafe { Self::key(slot) }.store_bits(&MaybeInvalid::zeroed());
    }

    #[inline(always)]
    unsafe fn copy(&self, from: *mut u8, to: *mut u8) {
        let mut buf = MaybeUninit::uninit();
        // SAFETY: this function's contract (I1 partition, I2 init).
        let value = unsafe { Self::value(from) }.load_into(&mut buf);
        // SAFETY: this function's contract (I1 partition, I2 init).
        unsafe { Self::value(to) }.store_bits(value);
        let mut buf = MaybeUninit::uninit();
        // SAFETY: this function's contract (I1 partition, I2 init).
        let key = unsafe { Self::key(from) }.load_into(&mut buf);
        // SAFETY: this function's contract (I1 partition, I2 init).
        unsafe { Self::key(to) }.store_bits(key);
    }
}

/// Key and value, if a type is that of a slot.
pub(super) fn parts(slot: &Layout) -> Option<[&Field; 2]> {
    let Shape::Struct { fields: [stamp, key, value], .. } = slot.shape() else { return None };
    let is_stamp = matches!(stamp.layout().shape(), Shape::Scalar(Scalar::Unsigned)) && stamp.layout().size() == 8;
    let named = [stamp, key, value].map(Field::name) == ["stamp", "key", "value"];
    let align = |field: &Field| field.layout().align().max(8);
    let end = |field: &Field| field.layout().size().checked_next_multiple_of(align(field))?.checked_add(field.offset());
    let fits = stamp.offset() == 0
        && key.offset() == align(key)
        && value.offset() == end(key)?.checked_next_multiple_of(align(value))?
        && slot.align() == align(key).max(align(value))
        && slot.size() == end(value)?.checked_next_multiple_of(slot.align())?;
    (is_stamp && named && fits).then_some([key, value])
}

impl Schema {
    /// The schema of the slots of a map. For seqcopy-bindgen.
    #[doc(hidden)]
    #[must_use]
    pub fn __of_map<K: MapKey, V: Validate>() -> Schema {
        Slot::<K, V>::schema()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, align(32))]
    struct Wide([u8; 40]);

    #[test]
    fn parts_begin_at_multiples_of_8_and_do_not_overlap() {
        assert_eq!((Slot::<u64, u32>::KEY, Slot::<u64, u32>::VALUE, Slot::<u64, u32>::SIZE), (8, 16, 24));
        assert_eq!((Slot::<[u8; 3], u8>::VALUE, Slot::<[u8; 3], u8>::SIZE), (16, 24));
        assert_eq!((Slot::<u8, Wide>::VALUE, Slot::<u8, Wide>::SIZE, Slot::<u8, Wide>::ALIGN), (32, 96, 32));
        assert_eq!((Slot::<u64, ()>::VALUE, Slot::<u64, ()>::SIZE), (16, 16));
        assert_eq!(Slot::<u8, Wide>::schema().size_and_align(), (96, 32));
    }
}
