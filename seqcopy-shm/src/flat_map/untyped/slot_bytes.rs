//! [`SlotBytes`] describes the parts of slots whose types are known by a schema only.

use std::ops::Deref;

use super::super::key::why_not_a_key;
use super::super::slot::{KeyPart, Part, PartMut, Parts, parts};
use crate::error::{BytesError, Error, mismatch};
use crate::mapping::{RegionLayout, table_header};
use crate::schema::Schema;
use crate::value::{self, Plan, Rules, Text, copy_active, has_inactive};
use seqcopy::Layout;
use seqcopy::layout::{Field, Shape};

/// The largest part that is loaded without memory from the heap.
const SMALL: usize = 64;

/// The places of the parts of a slot, and how they become bytes. Parts that are stored have the region's own form
/// ([`own`](Self::own)).
#[derive(Debug, Clone)]
pub(super) struct SlotBytes {
    first: usize,
    size: usize,
    /// The size of a slot in the form in which it is read.
    pub(super) own_size: usize,
    pub(super) key: BytesPart,
    pub(super) value: BytesPart,
}

/// The key or the value of a slot.
#[derive(Debug, Clone)]
pub(super) struct BytesPart {
    offset: usize,
    /// The offset in a slot in the form in which it is read, and the size there.
    pub(super) own: usize,
    pub(super) size: usize,
    plan: Plan,
    rules: Rules,
    /// The texts, if all bytes have a meaning but those after a text.
    texts: Option<Vec<Text>>,
    /// The type of a slot in the form in which it is read. Of its key and value, number `index` is this part.
    schema: Schema,
    index: usize,
}

impl SlotBytes {
    /// The parts for slots of schema `there`, whose values are read as values of schema `own` with this plan.
    pub(super) fn from_schemas(there: &Schema, layout: &RegionLayout, own: &Schema, plan: Plan) -> Result<Self, Error> {
        let ([own_key, own_value], [key, value]) = (key_and_value(own)?, key_and_value(there)?);
        let of_key = Plan::own(key.layout(), base(key), layout.buffer_layout)?;
        Ok(SlotBytes {
            first: table_header(layout.payload_align),
            size: layout.payload_size,
            own_size: own.size_and_align().0,
            key: BytesPart::from_fields((own, 0), own_key, key, of_key),
            value: BytesPart::from_fields((own, 1), own_value, value, plan),
        })
    }

    /// The parts for a region with slots of this schema, in the region's own form.
    pub(super) fn own(schema: &Schema, layout: &RegionLayout) -> Result<Self, Error> {
        Self::from_schemas(schema, layout, schema, own_value(schema, layout)?)
    }

    /// Whether maps can have slots with this schema.
    pub(super) fn check_supported(schema: &Schema) -> Result<(), Error> {
        key_and_value(schema)?.iter().try_for_each(|field| value::series_of(field.layout(), base(field)).map(drop))
    }
}

impl BytesPart {
    /// One part, which is read from `there` in the form of `here`.
    fn from_fields((schema, index): (&Schema, usize), here: &Field, there: &Field, plan: Plan) -> Self {
        let layout = here.layout();
        let rules = Rules::from_layout(layout);
        let texts = match has_inactive(layout) {
            _ if !layout.is_padding_free() => None,
            true => rules.texts(),
            false => Some(Vec::new()),
        };
        let (offset, own, size, schema) = (there.offset(), here.offset(), layout.size(), schema.clone());
        BytesPart { offset, own, size, plan, rules, texts, schema, index }
    }

    /// Whether the bytes are a valid part of the right size.
    #[inline]
    pub(super) fn validate_part(&self, bytes: &[u8]) -> Result<(), BytesError> {
        if bytes.len() == self.size && self.rules.hold(bytes) { Ok(()) } else { self.walk(bytes) }
    }

    #[inline(never)]
    fn walk(&self, bytes: &[u8]) -> Result<(), BytesError> {
        self.layout().validate(bytes).map_err(|error| BytesError::Invalid(error.to_string()))
    }

    fn layout(&self) -> &Layout {
        layouts(&self.schema)[self.index]
    }
}

/// Calls `look` with a buffer of zeros.
#[inline(always)]
pub(super) fn with_bytes<R>(size: usize, look: impl FnOnce(&mut [u8]) -> R) -> R {
    let (mut small, mut large);
    look(if size <= SMALL {
        small = [0; SMALL];
        &mut small[..size]
    } else {
        large = vec![0; size];
        &mut large
    })
}

impl Parts for SlotBytes {
    type Key = BytesPart;
    type Value = BytesPart;

    #[inline(always)]
    fn first(&self) -> usize {
        self.first
    }

    #[inline(always)]
    fn size(&self) -> usize {
        self.size
    }

    #[inline(always)]
    fn key(&self) -> &BytesPart {
        &self.key
    }

    #[inline(always)]
    fn value(&self) -> &BytesPart {
        &self.value
    }
}

impl Part for BytesPart {
    #[inline(always)]
    unsafe fn load_part(&self, slot: *mut u8, to: *mut u8) {
        // SAFETY: inside the slot (I8 mapping).
        let at = unsafe { slot.add(self.offset) };
        same_contract!(self.plan.load_once(at, to));
    }
}

impl KeyPart for BytesPart {
    #[inline(always)]
    unsafe fn with<R>(&self, slot: *mut u8, look: impl FnOnce(&[u8]) -> R) -> R {
        with_bytes(self.size, |bytes| {
            // SAFETY: this function's contract; as many bytes as the part has (I1 partition, I2 init, I4 private).
            unsafe { self.load_part(slot, bytes.as_mut_ptr()) };
            look(bytes)
        })
    }
}

/// Only for parts in the region's own form. A writer has no others.
impl PartMut for BytesPart {
    #[inline(always)]
    unsafe fn store_part(&self, from: *const u8, slot: *mut u8) {
        // SAFETY: inside the slot (I8 mapping).
        let at = unsafe { slot.add(self.offset) };
        // SAFETY: aligned to the base of the part's partition, by which all others access it (I1 partition); writable,
        // by the only writer, and `from` has as many bytes as the part (I5 one-writer).
        unsafe { self.plan.series().store(from, at) };
    }

    unsafe fn clear(&self, slot: *mut u8) {
        // SAFETY: this function's contract; as many zeros as the part has bytes (I1 partition, I5 one-writer).
        with_bytes(self.size, |zeros| unsafe { self.store_part(zeros.as_ptr(), slot) });
    }

    unsafe fn copy(&self, from: *mut u8, to: *mut u8) {
        with_bytes(self.size, |bytes| {
            // SAFETY: this function's contract; as many bytes as the part has (I1 partition, I2 init, I4 private).
            unsafe { self.load_part(from, bytes.as_mut_ptr()) };
            same_contract!(self.store_part(bytes.as_ptr(), to));
        });
    }
}

/// The parts of a slot with this schema. An error if it is not the schema of a map.
pub(super) fn key_and_value(schema: &Schema) -> Result<[&Field; 2], Error> {
    let Some([key, value]) = parts(schema.layout()) else {
        return Err(mismatch("type", "a slot of stamp, key and value", schema.layout().type_name()));
    };
    match why_not_a_key(key.layout()) {
        Some(why) => Err(mismatch("type of the keys", format_args!("another ({why})"), key.layout().type_name())),
        None => Ok([key, value]),
    }
}

/// The types of keys and of values in a slot of this schema, which was checked.
#[inline(always)]
pub(super) fn layouts(schema: &Schema) -> [&Layout; 2] {
    let Shape::Struct { fields: [_, key, value], .. } = schema.layout().shape() else { not_a_slot() };
    [key.layout(), value.layout()]
}

#[cold]
fn not_a_slot() -> ! {
    unreachable!("the schema was checked when the map was opened")
}

/// The plan for values in the region's own form.
pub(super) fn own_value(schema: &Schema, layout: &RegionLayout) -> Result<Plan, Error> {
    let [_, value] = key_and_value(schema)?;
    Plan::own(value.layout(), base(value), layout.buffer_layout)
}

/// The alignment for which a part of a slot is partitioned.
pub(super) fn base(field: &Field) -> usize {
    field.layout().align().max(8)
}

/// The bytes of a part, with zeros in place of bytes without a meaning, such as padding. Keys are found, and values are
/// compared, by all of their bytes.
pub(super) enum Active<'b> {
    /// The bytes themselves, if those without a meaning are zeros, or there are no such bytes.
    All(&'b [u8]),
    /// A copy of this length.
    Small([u8; SMALL], usize),
    Large(Vec<u8>),
}

impl Deref for Active<'_> {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        match self {
            Active::All(bytes) => bytes,
            Active::Small(bytes, len) => &bytes[..*len],
            Active::Large(bytes) => bytes,
        }
    }
}

impl BytesPart {
    /// Takes the bytes as they are if they are not a valid part. They are then found nowhere.
    #[inline(always)]
    pub(super) fn active<'b>(&self, bytes: &'b [u8]) -> Active<'b> {
        let is_all = self.texts.as_ref().is_some_and(|texts| texts.iter().all(|text| text.is_followed_by_zeros(bytes)));
        if is_all { Active::All(bytes) } else { self.without_inactive(bytes) }
    }

    #[inline(never)]
    fn without_inactive<'b>(&self, bytes: &'b [u8]) -> Active<'b> {
        if self.validate_part(bytes).is_err() {
            return Active::All(bytes);
        }
        if bytes.len() > SMALL {
            let mut active = vec![0; bytes.len()];
            copy_active(self.layout(), bytes, &mut active);
            return Active::Large(active);
        }
        let mut active = [0; SMALL];
        copy_active(self.layout(), bytes, &mut active[..bytes.len()]);
        Active::Small(active, bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::commit::{Commits, Fate};
    use super::super::super::fixture::{Change, Local, Model, Rng, Value, Writer, commit};
    use super::super::super::key::Query;
    use super::super::super::place::Place;
    use super::super::super::slot::{Own, Slot};
    use super::super::super::table::Found;
    use super::*;
    use crate::error::ChangeError;
    use seqcopy::{SeqCopy, SeqOption, SeqStr, Validate};
    use std::mem::MaybeUninit;

    /// This memory, by a schema.
    fn by_schema(local: &Local, slots: u64, buffers: u32) -> Commits<SlotBytes> {
        let parts = SlotBytes::own(&Slot::<u64, Value>::schema(), &Local::<Value>::region(slots, buffers)).unwrap();
        // SAFETY: laid out for slots of this schema (I1 partition, I2 init).
        let place = unsafe { Place::new(*local.place, parts) };
        // SAFETY: the tests have one writer at a time (I5 one-writer).
        unsafe { Commits::of_existing(place) }
    }

    /// Writers with the types and writers with only a schema take turns, and a reader with the types checks the
    /// entries.
    #[test]
    fn both_kinds_of_writers_keep_one_map() {
        let rounds = if cfg!(miri) { 6 } else { 2_000 };
        for (slots, buffers) in [(8, 2), (16, 4), (64, 2)] {
            let (local, mut model) = (Local::new(slots, buffers, slots ^ 0x5eed), Model::new());
            let (keys, mut rng) = (slots * 3 / 2, Rng(slots * 31 + u64::from(buffers)));
            drop(local.writer());
            for round in 1..=rounds {
                let mut typed: Writer = local.take_over();
                let capacity = local.place.capacity();
                let change = Change::random(&mut rng, keys, round);
                commit(&mut typed, &[change]);
                _ = change.to_model(&mut model, capacity);
                local.check(&model, keys);
                let mut writer = by_schema(&local, slots, buffers);
                for _ in 0..rng.below(3) {
                    let (key, value) = (rng.below(keys), [round, rng.below(9)]);
                    let (of_key, bytes) = (key.to_ne_bytes(), value.map(u64::to_ne_bytes).concat());
                    if rng.below(3) > 0 {
                        // SAFETY: a key and a value (I4 private).
                        let insert = |changes: &mut super::super::Changes<'_, SlotBytes>| unsafe {
                            (
                                changes.insert(
                                    changes.find(Query::for_key(&of_key)),
                                    &of_key,
                                    bytes.as_ptr(),
                                    |_, _| ((), true),
                                ),
                                Fate::Publish,
                            )
                        };
                        let result = writer.commit(insert).map(drop);
                        assert_eq!(result, Change::Insert(key, value).to_model(&mut model, capacity).map(drop));
                        assert!(result.is_ok() || result == Err(ChangeError::Full));
                    } else {
                        writer.commit(|changes| {
                            if let Found::Key(slot, _) = changes.find(Query::for_key(&of_key)) {
                                changes.remove_at(slot);
                            }
                            ((), Fate::Publish)
                        });
                        model.remove(&key);
                    }
                    local.check(&model, keys);
                    assert_eq!(writer.len, model.len());
                }
            }
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
    #[repr(C)]
    struct Wide {
        on: bool,
        at: u64,
        more: SeqOption<u16>,
        rest: [u32; 20],
    }

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Small(u8, u16);

    /// Parts that are stored with a schema are loaded with the types, and the reverse, in slots of few and of many
    /// bytes, with and without padding.
    #[test]
    fn parts_are_the_same_by_types_and_by_a_schema() {
        #[allow(clippy::multiple_unsafe_ops_per_block, clippy::needless_pass_by_value)] // nothing but these calls
        fn same<K: crate::flat_map::MapKey + std::fmt::Debug, V: Validate>(key: K, value: V) {
            let schema = Slot::<K, V>::schema();
            let region = RegionLayout::of_map(Slot::<K, V>::SIZE, Slot::<K, V>::ALIGN, 2, 8, 0).unwrap();
            let (parts, own) = (SlotBytes::own(&schema, &region).unwrap(), Own::<K, V>::new());
            assert!(Slot::<K, V>::ALIGN <= 8);
            let mut memory = vec![0u64; 3 * Slot::<K, V>::SIZE / 8];
            let slot =
                |memory: &mut [u64], index: usize| memory[index * Slot::<K, V>::SIZE / 8..].as_mut_ptr().cast::<u8>();
            let mut bytes = vec![0; size_of::<V>()];
            let first = slot(&mut memory, 0);
            // SAFETY: slots of these types in memory of its own (I1 partition, I2 init, I4 private, I5 one-writer), one
            // after the other.
            unsafe {
                own.key().store_part((&raw const key).cast(), first);
                own.value().store_part((&raw const value).cast(), first);
                parts.value.load_part(first, bytes.as_mut_ptr());
                let second = first.add(Slot::<K, V>::SIZE);
                parts.key.copy(first, second);
                parts.value.copy(first, second);
                let third = second.add(Slot::<K, V>::SIZE);
                parts.value.store_part(bytes.as_ptr(), third);
                parts.key.with(first, |key| parts.key.store_part(key.as_ptr(), third));
                for at in [first, second, third] {
                    assert!(own.key().with(at, |there| there == crate::flat_map::slot::bytes_of(&key)));
                    let mut there = MaybeUninit::<V>::uninit();
                    own.value().load_part(at, there.as_mut_ptr().cast());
                    let mut again = vec![0; bytes.len()];
                    parts.value.load_part(at, again.as_mut_ptr());
                    assert_eq!(again, bytes);
                    assert!(seqcopy::MaybeInvalid::assume_written(there).validate().is_ok());
                    parts.key.clear(at);
                    parts.value.clear(at);
                }
            }
            assert!(memory.iter().all(|word| *word == 0), "what was cleared is gone");
        }
        let wide = Wide { on: true, at: u64::MAX, more: SeqOption::Some(5), rest: [7; 20] };
        same(7u16, wide);
        same([3u8; 100], wide);
        same(SeqStr::<12>::literal("key"), Small(1, 2));
        same(u64::MAX, ());
    }
}
