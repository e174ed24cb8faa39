//! [`Slot`]: where stamp, key and value of a slot lie.
//!
//! They are three storages, each with the partition of its own type at a base of 8 or more: the stamp is a `u64`, key and value are
//! [`Aligned8`]. That is part of the format. A partition of the whole slot would be another one, so no code makes that (I1 partition).

use core::marker::PhantomData;

use super::key::{MapKey, assert_key};
use crate::Schema;
use seqcopy::layout::Field;
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
    const LAYOUT: &'static Layout = &Layout::of_struct("Slot", Self::SIZE, Self::ALIGN, Self::FIELDS);

    /// The schema of a map's region: a struct of stamp, key and value.
    pub(super) fn schema() -> Schema {
        let () = Self::CHECKED;
        Schema::of_layout(Self::LAYOUT)
    }
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
