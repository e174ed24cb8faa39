//! Maps in memory of this process, for tests: a place without a region, changes, and the model that they are compared
//! with.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::mem::MaybeUninit;

use super::commit::Changes;
use super::commit::{Commits, Fate};
use super::key::{LastSlot, Query};
use super::place::{Place, Tables};
use super::slot::{Own, Slot, bytes_of};
use crate::error::ChangeError;
use crate::mapping::RegionLayout;
use seqcopy::Validate;

pub(super) type Value = [u64; 2];
pub(super) type Model = BTreeMap<u64, Value>;
pub(super) type Writer = Commits<Own<u64, Value>>;
pub(super) type Batch<'a> = Changes<'a, Own<u64, Value>>;

/// A map's memory, with no region around it.
pub(super) struct Local<V: Validate = Value> {
    memory: *mut u8,
    pub(super) layout: Layout,
    pub(super) place: Place<Own<u64, V>>,
}

// SAFETY: as for the place, which is accessed atomically (I8 mapping).
unsafe impl<V: Validate> Sync for Local<V> {}

impl<V: Validate> Local<V> {
    pub(super) fn region(slots: u64, buffers: u32) -> RegionLayout {
        RegionLayout::of_map(Slot::<u64, V>::SIZE, Slot::<u64, V>::ALIGN, buffers, slots, 0).unwrap()
    }

    pub(super) fn new(slots: u64, buffers: u32, seed: u64) -> Self {
        let region = Self::region(slots, buffers);
        let layout = Layout::from_size_align(region.size, region.payload_align.max(64)).unwrap();
        // SAFETY: a layout that is not empty, of memory of its own (I4 private).
        let memory = unsafe { alloc_zeroed(layout) };
        let word: *mut u64 = memory.cast();
        // SAFETY: in the new memory, which no other thread has (I4 private).
        unsafe { word.write(1) };
        let region = region.buffer_layout;
        // SAFETY: in the new memory, after the word (I4 private).
        let first = unsafe { memory.add(region.offset) };
        // SAFETY: the memory is laid out like that of a region; it is freed on drop, and only `Local` uses the
        // place (I2 init).
        let tables = unsafe { Tables::new(word, first, region.stride, buffers, slots, seed) };
        // SAFETY: laid out for these types (I1 partition).
        let place = unsafe { Place::new(tables, Own::new()) };
        Local { memory, layout, place }
    }

    /// The first writer; there must be one at a time.
    pub(super) fn writer(&self) -> Commits<Own<u64, V>> {
        // SAFETY: the tests have one writer at a time (I5 one-writer).
        unsafe { Commits::of_new(self.place.clone()) }
    }
}

impl Local {
    pub(super) fn take_over(&self) -> Writer {
        // SAFETY: memory of the fixture's, and one writer at a time (I5 one-writer).
        unsafe { Commits::of_existing(self.place.clone()) }
    }

    pub(super) fn count(&self) -> u64 {
        self.place.latch().count()
    }

    /// What a view shows, or `None` if it is not readable any more. In free slots are zeros, or the removed entries
    /// could still be read.
    pub(super) fn state(&self, token: u64) -> Option<Model> {
        let table = self.place.table(token);
        let (mut model, mut remains) = (Model::new(), None);
        for slot in 0..table.slots() {
            let (mut key, mut value) = (MaybeUninit::uninit(), MaybeUninit::uninit());
            let (stamp, key) = (table.stamp(slot), *table.key(slot, &mut key).validate_ref().unwrap());
            let value = *table.value(slot, &mut value).validate_ref().unwrap();
            if stamp != 0 {
                assert!(model.insert(key, value).is_none() || !self.place.is_readable(token), "{key} twice");
            } else if (key, value) != (0, [0; 2]) {
                remains = Some((key, value));
            }
        }
        let len = table.len();
        if !self.place.is_readable(token) {
            return None;
        }
        assert_eq!((len, remains), (model.len(), None));
        Some(model)
    }

    /// Compares the newest generation with the model: entries, look-ups, length.
    pub(super) fn check(&self, model: &Model, keys: u64) {
        let token = self.place.begin();
        assert_eq!(self.state(token).as_ref(), Some(model));
        for key in 0..keys {
            assert_eq!(self.get(token, key).unwrap().map(|(value, _)| value), model.get(&key).copied(), "{key}");
        }
    }

    /// Overwrites a word of the memory.
    #[allow(clippy::cast_ptr_alignment)] // aligned to 64
    pub(super) fn put(&self, word: usize, bits: u64) {
        assert!(word < self.layout.size() / 8);
        // SAFETY: inside the memory (I4 private).
        let at = unsafe { self.memory.cast::<u64>().add(word) };
        // SAFETY: aligned, and there is no other thread (I4 private).
        unsafe { at.write(bits) };
    }

    /// How many words of the memory, and so of all tables, have these bits.
    #[allow(clippy::cast_ptr_alignment)] // aligned to 64
    pub(super) fn copies_of(&self, bits: u64) -> usize {
        // SAFETY: the memory, initialised, while no other thread has it and no writer changes it (I4 private).
        let words = unsafe { std::slice::from_raw_parts(self.memory.cast::<u64>(), self.layout.size() / 8) };
        words.iter().filter(|&&word| word == bits).count()
    }

    pub(super) fn get(&self, token: u64, key: u64) -> Result<Option<(Value, u64)>, seqcopy::ReadError> {
        self.find(token, key, None)
    }

    /// A commit that notes where it was.
    pub(super) fn find(
        &self,
        token: u64,
        key: u64,
        last: Option<&LastSlot>,
    ) -> Result<Option<(Value, u64)>, seqcopy::ReadError> {
        let mut buf = MaybeUninit::<Value>::uninit();
        // SAFETY: the slots of this map are those of its types (I1 partition).
        let stamp = unsafe {
            self.place.find(
                &self.place.parts,
                token,
                Query { last, ..Query::for_key(bytes_of(&key)) },
                buf.as_mut_ptr().cast(),
            )
        }?;
        // SAFETY: it was found, so the load wrote every byte (I6 maybe-invalid).
        Ok(stamp.map(|stamp| (unsafe { buf.assume_init() }, stamp)))
    }
}

impl Local {
    /// The key in a slot, unless that is free.
    pub(super) fn slot(&self, token: u64, slot: usize) -> Option<u64> {
        let table = self.place.table(token);
        let key = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap());
        (table.stamp(slot) != 0).then(|| table.with_key(slot, key))
    }
}

impl<V: Validate> Drop for Local<V> {
    fn drop(&mut self) {
        // SAFETY: its own memory (I4 private).
        unsafe { dealloc(self.memory, self.layout) };
    }
}

pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Insert(u64, Value),
    InsertIfAbsent(u64, Value),
    Update(u64, u64),
    Remove(u64),
    Clear,
}

impl Change {
    pub(super) fn random(rng: &mut Rng, keys: u64, number: u64) -> Change {
        let key = rng.below(keys);
        match rng.below(40) {
            0 => Change::Clear,
            1..15 => Change::Remove(key),
            15..20 => Change::Update(key, number),
            20..25 => Change::InsertIfAbsent(key, [number, key]),
            _ => Change::Insert(key, [number, key]),
        }
    }

    pub(super) fn to_batch(self, batch: &mut Batch<'_>) -> Result<Option<Value>, ChangeError> {
        match self {
            Change::Insert(key, value) => batch.insert_value(&key, &value),
            Change::InsertIfAbsent(key, value) => batch.insert_if_absent(&key, &value),
            Change::Update(key, number) => batch.update(batch.find(Query::for_key(bytes_of(&key))), |value| {
                value[0] = number;
                Ok(*value)
            }),
            Change::Remove(key) => batch.remove(&key),
            Change::Clear => {
                batch.clear();
                Ok(None)
            }
        }
    }

    pub(super) fn to_model(self, model: &mut Model, capacity: usize) -> Result<Option<Value>, ChangeError> {
        let is_full = |model: &Model, key| !model.contains_key(&key) && model.len() == capacity;
        match self {
            Change::Insert(key, _) | Change::InsertIfAbsent(key, _) if is_full(model, key) => Err(ChangeError::Full),
            Change::Insert(key, value) => Ok(model.insert(key, value)),
            Change::InsertIfAbsent(key, value) => match model.get(&key) {
                Some(there) => Ok(Some(*there)),
                None => Ok(model.insert(key, value)),
            },
            Change::Update(key, number) => Ok(model.get_mut(&key).map(|value| {
                value[0] = number;
                *value
            })),
            Change::Remove(key) => Ok(model.remove(&key)),
            Change::Clear => {
                model.clear();
                Ok(None)
            }
        }
    }
}

pub(super) fn apply(changes: &[Change], batch: &mut Batch<'_>) {
    for change in changes {
        let _ = change.to_batch(batch);
    }
}

pub(super) fn model_of(model: &mut Model, changes: &[Change], capacity: usize) {
    for change in changes {
        let _ = change.to_model(model, capacity);
    }
}

pub(super) fn commit(writer: &mut Writer, changes: &[Change]) {
    writer.commit(|batch| (apply(changes, batch), Fate::Publish));
}

pub(super) const SECRET: u64 = 0x5ec2_e75e_c2e7_5ec2;

/// Commits of another key, as many as there are tables other than the published one.
pub(super) fn commit_once_for_each_other_table(local: &Local, writer: &mut Writer) {
    (1..local.place.buffers() as u64).for_each(|number| commit(writer, &[Change::Insert(1, [number; 2])]));
}

/// A map that is nearly full, with a secret key and value in every table.
pub(super) fn with_a_secret(buffers: u32, seed: u64) -> (Local, Writer) {
    let local = Local::new(8, buffers, seed);
    let mut writer = local.writer();
    commit(&mut writer, &[1, 2, 3, 4, SECRET].map(|key| Change::Insert(key, [key; 2])));
    commit_once_for_each_other_table(&local, &mut writer);
    assert_eq!(local.copies_of(SECRET), 3 * buffers as usize);
    (local, writer)
}
