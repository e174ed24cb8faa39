//! Keys that misbehave: with hashes and comparisons that change, panic, take no notice of some bits, or write to the
//! map meanwhile.

use core::cell::Cell as Counter;
use core::hash::{BuildHasher, Hash as Hashable, Hasher};
use std::boxed::Box;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use seqcopy::{ReadError, SeqCopy};

use super::{Modulo, ROUNDS, Random};

use crate::slot::{Cell, Zeroed};
use crate::slot::{Found, Hash, Slot};
use crate::{FoldHasher, SeqMap};

/// A key whose hash and equality change from call to call.
#[derive(Clone, Copy, SeqCopy)]
struct Unsteady(u64);

std::thread_local!(static CALLS: Counter<u64> = const { Counter::new(1) });

fn unsteady(limit: u64) -> u64 {
    CALLS.with(|calls| {
        let mut random = Random(calls.get());
        let number = random.below(limit);
        calls.set(random.0);
        number
    })
}

impl Hashable for Unsteady {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0 % 4 + unsteady(2));
    }
}

impl PartialEq for Unsteady {
    fn eq(&self, other: &Self) -> bool {
        assert_ne!(unsteady(1000), 0, "an `Eq` that panics");
        self.0 == other.0 && unsteady(3) == 0
    }
}

impl Eq for Unsteady {}

#[test]
fn unsteady_keys_end_and_panic_at_most_by_themselves() {
    let mut map = SeqMap::new();
    let mut random = Random(9);
    let mut failed = 0;
    for round in 0..ROUNDS / 50 {
        let key = Unsteady(random.below(100));
        let result = catch_unwind(AssertUnwindSafe(|| match random.below(4) {
            0 => _ = map.insert(key, round),
            1 => _ = map.remove(&key),
            2 => _ = map.get(&key),
            _ if round % 100 == 0 => map.shrink_to_fit(),
            _ => _ = map.iter().count(),
        }));
        if let Err(panic) = result {
            failed += 1;
            let message = panic.downcast_ref::<std::string::String>().expect("a message");
            assert!(message.contains("an `Eq` that panics"), "{message}");
        }
    }
    assert!(cfg!(miri) || failed > 0);
    assert!(map.len() < ROUNDS as usize);
}

/// A key that is equal to others with other bits.
#[derive(Clone, Copy, Debug, SeqCopy)]
struct Marked {
    key: u64,
    mark: u64,
}

impl PartialEq for Marked {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Marked {}

impl Hashable for Marked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.key);
    }
}

/// A key that stays keeps its bits, and one that was removed comes back with those that it is inserted with.
#[test]
fn equal_keys_with_other_bits() {
    let map = SeqMap::new();
    let (mut model, mut random) = (HashMap::new(), Random(11));
    for mark in 0..if cfg!(miri) { 30 } else { 2000 } {
        let key = Marked { key: random.below(20), mark };
        match random.below(4) {
            0 => assert_eq!(map.insert(key, mark), model.insert(key, mark)),
            1 => {
                let present = model.get(&key).copied();
                assert_eq!(map.insert_if_absent(key, mark), present);
                model.entry(key).or_insert(mark);
            }
            2 => assert_eq!(map.update(&key, |old| *old = mark), model.get_mut(&key).map(|old| *old = mark)),
            _ => assert_eq!(map.remove(&key), model.remove(&key)),
        }
        let bits = |(key, value): (Marked, u64)| (key.key, (key.mark, value));
        let entries: HashMap<_, _> = map.iter().map(bits).collect();
        assert_eq!(entries, model.iter().map(|(key, value)| bits((*key, *value))).collect());
    }
}

/// All of a free slot is 0: its hash, and its key, which need not be a value of that type.
#[test]
fn zeros_of_a_free_slot_are_no_key() {
    let slots = Zeroed::<Slot<u64, u64>>::allocate(0);
    let found = slots.at(0).read(Hash::new(0), &0, Cell::load);
    assert!(matches!(found, Ok(Found::Other)), "a free slot has no key");
    let slots = Zeroed::<Slot<core::num::NonZeroU64, u64>>::allocate(0);
    let found = slots.at(0).read(Hash::new(0), &core::num::NonZeroU64::MIN, Cell::load);
    assert!(matches!(found, Ok(Found::Other)), "a free slot has no key");
}

std::thread_local!(static DURING_EQ: Counter<Option<Box<dyn FnOnce()>>> = const { Counter::new(None) });

/// A key whose next comparison by this thread does something first, as another thread could meanwhile.
#[derive(Clone, Copy, Debug, SeqCopy)]
struct Slow(u64);

impl PartialEq for Slow {
    fn eq(&self, other: &Self) -> bool {
        if let Some(write) = DURING_EQ.take() {
            write();
        }
        self.0 == other.0
    }
}

impl Eq for Slow {}

impl Hashable for Slow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// One attempt, in the middle of which another thread could write: after the load of the value, or where keys are
/// compared.
#[test]
fn a_read_that_a_write_overlaps_is_torn() {
    let map = SeqMap::<u64, u64, _>::with_hasher(Modulo(u64::MAX));
    (0..4).for_each(|key| _ = map.insert(key, key));
    let get_during = |write: &dyn Fn()| {
        let load = |value: &Cell<u64>| {
            let bits = value.load();
            write();
            bits
        };
        map.tables.try_read(Hash::new(1), &1, load).map(|found| found.map(|bits| bits.validate().expect("a number")))
    };
    assert_eq!(get_during(&|| _ = map.insert(1, 10)), Err(ReadError::Torn));
    assert_eq!(get_during(&|| _ = map.insert(2, 20)), Ok(Some(10)), "another key was written");
    assert_eq!(get_during(&|| _ = map.remove(&1)), Err(ReadError::Torn));

    // The key comes meanwhile, in a later phase: it is not absent from the tables of this one.
    let map = Arc::new(SeqMap::<Slow, u64, _>::with_hasher(Modulo(1)));
    map.insert(Slow(1), 1);
    let writer = Arc::clone(&map);
    DURING_EQ.set(Some(Box::new(move || (2..20).for_each(|key| _ = writer.insert(Slow(key), key)))));
    let get = |map: &mut Arc<SeqMap<Slow, u64, _>>| map.try_get(&Slow(15));
    let failed = seqcopy_harness::fails("SeqMap::try_get", &mut Arc::clone(&map), get, |_| (), None, |_| ());
    assert_eq!(failed, (ReadError::Torn, Some(15)));
}

/// Each number counts, whatever its width, and each byte and the length of bytes.
#[test]
fn hashes_differ_where_keys_do() {
    fn all<K: std::hash::Hash>(keys: impl IntoIterator<Item = K>) -> usize {
        let hashes: HashSet<u64> = keys.into_iter().map(|key| FoldHasher::with_seed(5).hash_one(key)).collect();
        hashes.len()
    }
    const MOST: u16 = if cfg!(miri) { 50 } else { 1000 };
    let (most, wide) = (usize::from(MOST), u128::from(MOST));
    assert_eq!(
        (all(0..=u8::MAX), all(0..MOST), all(0..u32::from(MOST)), all(0..u64::from(MOST))),
        (256, most, most, most)
    );
    assert_eq!((all(i8::MIN..=i8::MAX), all((0..wide).map(|n| n << 64)), all(0..most)), (256, most, most));
    let bytes = (0..40).flat_map(|len| [std::vec![0u8; len], std::vec![1; len]]);
    assert_eq!(all(bytes), 79, "one is empty twice");
    assert_eq!(
        all((0..20).map(|at| {
            let mut key = [0u8; 20];
            key[at] = 1;
            key
        })),
        20
    );
    assert_ne!(FoldHasher::with_seed(1).hash_one(7), FoldHasher::with_seed(2).hash_one(7));
}

#[test]
fn a_default_map_is_empty_and_debug_forms_are_those_of_maps() {
    let map = SeqMap::<u8, u16, FoldHasher>::default();
    assert!(map.is_empty());
    map.insert(1, 2);
    assert_eq!((std::format!("{map:?}"), std::format!("{:?}", map.iter())), ("{1: 2}".into(), "Iter { .. }".into()));
}
