//! [`Slot`]: where stamp, key and value of a slot lie; [`Parts`]: the same for code that is compiled for others as well.
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
use seqcopy::{Aligned8, Layout, SeqCopy, Validate};

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

/// Where slots lie, and how their values are loaded as a `V`. Stamps and keys lie as in a slot of one's own, and keys have the accesses of a
/// `K`.
pub(super) trait Parts<K, V>: Copy {
    /// The offset of the first slot in a table.
    fn first(self) -> usize;

    /// From each slot to the next.
    fn size(self) -> usize;

    /// Loads the value. Every data byte of `buf` is written.
    ///
    /// # Safety
    /// At `slot` lies a slot with these parts, aligned for it and initialised, and accessed by them, atomically (I1 partition, I2 init).
    unsafe fn load_value(self, slot: *mut u8, buf: &mut MaybeUninit<V>);
}

/// The parts of a slot of `K` and `V` themselves.
#[derive(Clone, Copy)]
pub(super) struct Own;

impl<K: MapKey, V: Validate> Parts<K, V> for Own {
    #[inline(always)]
    fn first(self) -> usize {
        const { table_header(Slot::<K, V>::ALIGN) }
    }

    #[inline(always)]
    fn size(self) -> usize {
        Slot::<K, V>::SIZE
    }

    #[inline(always)]
    unsafe fn load_value(self, slot: *mut u8, buf: &mut MaybeUninit<V>) {
        // SAFETY: inside the slot, by this function's contract (I8 mapping).
        let value = unsafe { slot.add(Slot::<K, V>::VALUE) };
        // SAFETY: aligned for the value and to 8, initialised (P4 uninit), and accessed by the partition of the value alone (I1 partition).
        let value = unsafe { AtomicPerByte::<Aligned8<V>>::from_ptr(value.cast()) };
        value.load_inner_into(buf);
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
