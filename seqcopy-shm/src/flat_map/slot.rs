//! [`Slot`]: the offsets of stamp, key and value in a slot of two types. The engine of maps is generic over [`Parts`],
//! which has the same for slots of any types. [`Entry`] is a handle to an entry: a key, and the slot where it was found
//! last.
//!
//! They are three storages, each with the partition of its own type at a base of 8 or more: the stamp is a `u64`, key
//! and value are [`Aligned8`]. That is part of the format. A partition of the whole slot would be another one, so no
//! code makes that (I1 partition).

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::fmt;

use seqcopy::layout::{Field, Scalar, Shape};
use seqcopy::{Aligned8, Layout, MaybeInvalid, SeqCopy, Validate};

use super::key::{LastSlot, MapKey, Query, assert_key};
use super::primitive::AtomicPerByte;
use crate::mapping::table_header;
use crate::schema::Schema;

/// The layout of a slot with such a key and such a value.
pub(super) struct Slot<K, V>(PhantomData<fn() -> (K, V)>);

impl<K: MapKey, V: Validate> Slot<K, V> {
    /// Does not compile if `K` is not a key. The calls that create or open a map name this constant, so that the error
    /// shows the line of their caller.
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

/// The places of slots in a table, and of the parts in a slot. The engine of maps is generic over this trait. One
/// implementation has types that the compiler knows, the other has the types of a schema.
pub(super) trait Parts {
    type Key: KeyPart;
    type Value: Part;

    /// The offset of the first slot in a table.
    fn first(&self) -> usize;

    /// The distance from one slot to the next, in bytes.
    fn size(&self) -> usize;

    fn key(&self) -> &Self::Key;

    fn value(&self) -> &Self::Value;
}

/// The parts of a map that this process may change.
pub(super) trait PartsMut: Parts<Key: PartMut, Value: PartMut> {}

impl<P: Parts<Key: PartMut, Value: PartMut>> PartsMut for P {}

/// Parts that are loaded as a `K` and as a `V`.
///
/// # Safety
/// The parts were made for these types.
pub(super) unsafe trait PartsOf<K, V>: Parts {}

/// The key or the value of a slot, and how its bits are loaded.
///
/// A pointer to private memory has the alignment and the size of the type for which the part was made. At `slot` is a
/// slot with this part, which is aligned and initialised, and is accessed atomically with the accesses of this part (I1
/// partition, I2 init).
pub(super) trait Part {
    /// Loads the part. Every data byte is written.
    ///
    /// # Safety
    /// What this trait requires of both; `to` is writable by this thread alone (I4 private).
    unsafe fn load_part(&self, slot: *mut u8, to: *mut u8);
}

/// A key, which has no padding.
pub(super) trait KeyPart: Part {
    /// Calls `look` with the bytes of the key.
    ///
    /// # Safety
    /// The contract of [`Part`].
    unsafe fn with<R>(&self, slot: *mut u8, look: impl FnOnce(&[u8]) -> R) -> R;
}

/// A part that can be stored, too. This thread is the only writer of the slots (I5 one-writer).
pub(super) trait PartMut: Part {
    /// Stores the part from `from`.
    ///
    /// # Safety
    /// The contract of [`Part`]; the slot is writable (I5 one-writer).
    unsafe fn store_part(&self, from: *const u8, slot: *mut u8);

    /// Stores zeros.
    ///
    /// # Safety
    /// The contract of [`store_part`](Self::store_part).
    unsafe fn clear(&self, slot: *mut u8);

    /// Copies the part, whatever its bits are. Both slots may be the same.
    ///
    /// # Safety
    /// The contract of [`Part`], of both, of which `to` is writable (I5 one-writer).
    unsafe fn copy(&self, from: *mut u8, to: *mut u8);
}

/// The parts of a slot for `K` and `V`.
pub(super) struct Own<K, V>(KeyOf<K, V>, ValueOf<K, V>);

/// The key of such a slot. Invariant, so that lifetimes in the type can't be exchanged for others.
pub(super) struct KeyOf<K, V>(PhantomData<fn(*mut K, *mut V)>);

/// The value of such a slot.
pub(super) struct ValueOf<K, V>(PhantomData<fn(*mut K, *mut V)>);

/// A part whose storage is an [`Aligned8`], and its offset.
pub(super) trait Stored {
    type Of: SeqCopy;
    const OFFSET: usize;
}

impl<K: MapKey, V: Validate> Stored for KeyOf<K, V> {
    type Of = K;
    const OFFSET: usize = Slot::<K, V>::KEY;
}

impl<K: MapKey, V: Validate> Stored for ValueOf<K, V> {
    type Of = V;
    const OFFSET: usize = Slot::<K, V>::VALUE;
}

impl<K, V> KeyOf<K, V> {
    pub(super) fn new() -> Self {
        KeyOf(PhantomData)
    }
}

impl<K, V> Own<K, V> {
    pub(super) fn new() -> Self {
        Own(KeyOf::new(), ValueOf(PhantomData))
    }
}

impl<K, V> Clone for Own<K, V> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<K: MapKey, V: Validate> Parts for Own<K, V> {
    type Key = KeyOf<K, V>;
    type Value = ValueOf<K, V>;

    #[inline(always)]
    fn first(&self) -> usize {
        const { table_header(Slot::<K, V>::ALIGN) }
    }

    #[inline(always)]
    fn size(&self) -> usize {
        Slot::<K, V>::SIZE
    }

    #[inline(always)]
    fn key(&self) -> &Self::Key {
        &self.0
    }

    #[inline(always)]
    fn value(&self) -> &Self::Value {
        &self.1
    }
}

// SAFETY: they are those of a slot of `K` and `V` (I3 exact).
unsafe impl<K: MapKey, V: Validate> PartsOf<K, V> for Own<K, V> {}

/// The bytes of a key, which has no padding.
#[inline(always)]
pub(super) fn bytes_of<K: MapKey>(key: &K) -> &[u8] {
    MaybeInvalid::from_ref(key).as_bytes()
}

/// # Safety
/// The contract of [`Part`], for as long as the result is used.
#[inline(always)]
unsafe fn at<'m, S: Stored>(slot: *mut u8) -> &'m AtomicPerByte<Aligned8<S::Of>> {
    // SAFETY: inside the slot, by this function's contract (I8 mapping).
    let part = unsafe { slot.add(S::OFFSET) };
    // SAFETY: aligned for the part and to 8, initialised (P4 uninit), and accessed by its partition alone (I1
    // partition).
    unsafe { AtomicPerByte::from_ptr(part.cast()) }
}

impl<K: MapKey, V: Validate> KeyPart for KeyOf<K, V> {
    #[inline(always)]
    unsafe fn with<R>(&self, slot: *mut u8, look: impl FnOnce(&[u8]) -> R) -> R {
        let mut buf = MaybeUninit::uninit();
        look(same_contract!(at::<Self>(slot)).load_inner_into(&mut buf).as_bytes())
    }
}

impl<S: Stored> Part for S {
    #[inline(always)]
    unsafe fn load_part(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: space for it, which this thread alone has (I4 private).
        let buf = unsafe { &mut *to.cast() };
        same_contract!(at::<S>(slot)).load_inner_into(buf);
    }
}

impl<S: Stored> PartMut for S {
    #[inline(always)]
    unsafe fn store_part(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: one lies there (I4 private).
        let value = unsafe { &*from.cast() };
        same_contract!(at::<S>(slot)).store_inner(value);
    }

    #[inline(always)]
    unsafe fn clear(&self, slot: *mut u8) {
        same_contract!(at::<S>(slot)).store_bits(&MaybeInvalid::zeroed());
    }

    #[inline(always)]
    unsafe fn copy(&self, from: *mut u8, to: *mut u8) {
        let mut buf = MaybeUninit::uninit();
        let bits = same_contract!(at::<S>(from)).load_into(&mut buf);
        same_contract!(at::<S>(to)).store_bits(bits);
    }
}

/// The fields of the key and of the value, if the type is a slot.
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
    /// The schema of the slots of a map with these keys and values: what
    /// [`untyped::MapWriter::create`](crate::untyped::MapWriter::create) takes, and the header of a map has.
    ///
    /// ```
    /// # use seqcopy_shm::Schema;
    /// let slot = Schema::of_map::<u32, u64>();
    /// assert_eq!(slot.layout().fields().iter().map(|field| field.name()).collect::<Vec<_>>(), ["stamp", "key", "value"]);
    /// ```
    #[must_use]
    pub fn of_map<K: MapKey, V: Validate>() -> Schema {
        Slot::<K, V>::schema()
    }
}

/// A handle to an entry: a key, and where its entry was found last.
/// [`MapReader::read_entry`](super::MapReader::read_entry) and
/// [`MapWriter::update_entry`](super::MapWriter::update_entry) look there first, which takes less time than a search
/// (the guide [`maps`](crate::guide::maps) has figures). They search, as [`get`](super::MapReader::get) does, if
/// another key is there now: after removals entries move.
///
/// A handle is no more than a key and a guess, and belongs to no map: what it finds is right in every state of every
/// map with such keys. So it outlives readers and writers, and goes on after
/// [`reopen_if_removed`](super::MapReader::reopen_if_removed). For a key that has no entry there is nothing to
/// remember, so each look is a search; after the key is inserted, the first look is.
///
/// Several threads may use one; each stores where it has found the entry, so the same handle for the readers of
/// different maps would search each time.
///
/// ```
/// use seqcopy_shm::{self as shm, Entry, MapReader, MapWriter};
/// # let path = shm::path_for(&format!("seqcopy-doc-entry-{}", std::process::id()));
/// let mut prices = MapWriter::<u32, u64>::create(&path, 1000)?;
/// let of_seven = Entry::new(7);
/// prices.insert(7, 700).unwrap();
/// assert_eq!(prices.update_entry(&of_seven, |price| *price += 5), Ok(Some(())));
///
/// // Usually in another process, with a handle of its own:
/// let (reader, of_seven) = (MapReader::<u32, u64>::open(&path)?, Entry::new(7));
/// assert_eq!(reader.read_entry(&of_seven), Ok(Some(705)));
/// prices.remove(&7).unwrap();
/// assert_eq!(reader.read_entry(&of_seven), Ok(None));
/// prices.insert(7, 710).unwrap();
/// assert_eq!(reader.read_entry(&of_seven), Ok(Some(710)));
/// # prices.close()?;
/// # Ok::<(), shm::Error>(())
/// ```
pub struct Entry<K> {
    key: K,
    last: LastSlot,
}

impl<K: MapKey> Entry<K> {
    /// A handle to the entry of a key, which need not have one yet. Looks at nothing.
    #[must_use]
    pub fn new(key: K) -> Self {
        Entry { key, last: LastSlot::default() }
    }

    /// A search for this key, which begins in its slot.
    #[inline(always)]
    pub(super) fn query(&self) -> Query<'_> {
        Query::at(bytes_of(&self.key), &self.last)
    }
}

impl<K> Entry<K> {
    /// Its key.
    ///
    /// ```
    /// assert_eq!(seqcopy_shm::Entry::new(7u32).key(), &7);
    /// ```
    #[must_use]
    pub fn key(&self) -> &K {
        &self.key
    }
}

impl<K: Clone> Clone for Entry<K> {
    fn clone(&self) -> Self {
        Entry { key: self.key.clone(), last: self.last.clone() }
    }
}

impl<K: fmt::Debug> fmt::Debug for Entry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("key", &self.key).finish_non_exhaustive()
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
