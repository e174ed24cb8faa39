//! Compared with a model, with readers on other threads, and with closures that misbehave. Miri runs the same tests,
//! with fewer rounds.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // numbers of rounds, and bytes made of them

use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec::Vec;

use seqcopy::{ReadError, SeqCopy};

use crate::growth::MOVES;
use crate::tables::InUse;
use crate::{FoldHasher, SeqMap};

mod keys;

const ROUNDS: u64 = if cfg!(miri) { 50 } else { 200_000 };

/// Numbers without a pattern (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A value with padding that can be torn.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy)]
struct Value {
    small: u8,
    copies: [u64; 4],
}

impl Value {
    fn of(number: u64) -> Self {
        Value { small: number as u8, copies: [number; 4] }
    }

    fn number(self) -> u64 {
        assert_eq!(self, Value::of(self.copies[0]), "torn");
        self.copies[0]
    }
}

/// Returns the key, or a part of it: many keys have one hash.
#[derive(Clone, Copy, Default)]
struct Modulo(u64);

struct ModuloState(u64, u64);

impl BuildHasher for Modulo {
    type Hasher = ModuloState;

    fn build_hasher(&self) -> ModuloState {
        ModuloState(self.0, 0)
    }
}

impl Hasher for ModuloState {
    fn finish(&self) -> u64 {
        self.1
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers")
    }

    fn write_u64(&mut self, number: u64) {
        self.1 = number % self.0;
    }
}

/// The number of entries that are still to be moved: those of the first table, if there is a next one.
fn to_be_moved<K, V, S>(map: &SeqMap<K, V, S>) -> usize {
    let InUse { first, next } = map.tables.write().in_use();
    next.map_or(0, |_| (0..first.len()).filter(|&slot| first.slot(slot).meta().is_full()).count())
}

fn compared_with_a_model<S: BuildHasher>(mut map: SeqMap<u64, Value, S>, keys: u64, seed: u64) {
    let mut random = Random(seed);
    let mut model = HashMap::new();
    for round in 0..ROUNDS {
        let key = random.below(keys);
        let value = Value::of(round);
        // All slots are looked at: of large maps at some writes only.
        let is_counted = keys < 1000 || round % 64 == 0;
        let before = if is_counted { to_be_moved(&map) } else { 0 };
        match random.below(9) {
            0..=2 => assert_eq!(map.insert(key, value), model.insert(key, value)),
            3..=4 => assert_eq!(map.remove(&key), model.remove(&key)),
            5 => assert_eq!(map.update(&key, |old| *old = value), model.get_mut(&key).map(|old| *old = value)),
            6 => {
                let present = model.get(&key).copied();
                assert_eq!(map.insert_if_absent(key, value), present);
                model.entry(key).or_insert(value);
            }
            7 => {
                let next = |old: Option<Value>| old.is_none().then_some(value);
                assert_eq!(map.alter(key, next), next(model.get(&key).copied()));
                if model.remove(&key).is_none() {
                    model.insert(key, value);
                }
            }
            _ => assert_eq!(map.contains_key(&key), model.contains_key(&key)),
        }
        if is_counted {
            let moved = before.saturating_sub(to_be_moved(&map));
            assert!(moved <= MOVES, "moved {moved} entries at once");
        }
        assert_eq!(map.get(&key), model.get(&key).copied());
        assert_eq!(map.len(), model.len());
        if random.below(1000.max(keys)) == 0 {
            let entries: Vec<_> = map.iter().collect();
            assert_eq!(entries.len(), model.len());
            assert_eq!(entries.into_iter().collect::<HashMap<_, _>>(), model);
        }
        if random.below(5000) == 0 {
            map.shrink_to_fit();
        }
        if random.below(if cfg!(miri) { 40 } else { 3000 }) == 0 {
            let rest = random.below(3);
            let mut asked = HashSet::new();
            map.retain(|key, value| {
                assert!(asked.insert(*key) && model[key] == *value);
                value.number() % 3 != rest
            });
            assert_eq!(asked.len(), model.len());
            model.retain(|_, value| value.number() % 3 != rest);
        }
    }
    assert_eq!(map.iter().collect::<HashMap<_, _>>(), model);
}

/// Threads pass each other copies of keys and values by a map, so these must be `Send`, and nothing else.
#[test]
fn maps_cross_threads_if_their_entries_do() {
    struct Asked<T>(core::marker::PhantomData<T>);
    impl<T: Send + Sync> Asked<T> {
        const CROSSES: bool = true;
    }
    // Where there is no constant of its own.
    trait Otherwise {
        const CROSSES: bool = false;
    }
    impl<T> Otherwise for Asked<T> {}
    const { assert!(Asked::<SeqMap<u8, core::cell::Cell<u8>>>::CROSSES) };
    const { assert!(!Asked::<SeqMap<u8, *const u8>>::CROSSES && !Asked::<SeqMap<*const u8, u8>>::CROSSES) };
    const { assert!(!Asked::<SeqMap<u8, u8, core::cell::Cell<u8>>>::CROSSES) };
}

#[test]
fn does_what_a_hash_map_does() {
    for (seed, keys) in [(1, 10), (2, 300), (3, 20_000)] {
        compared_with_a_model(SeqMap::new(), keys, seed);
    }
}

#[test]
fn keys_of_one_hash_are_told_apart() {
    // One of them is 0, as that of a free slot is.
    compared_with_a_model(SeqMap::with_hasher(Modulo(3)), 40, 4);
    compared_with_a_model(SeqMap::with_hasher(Modulo(u64::MAX)), 300, 5);
}

/// The promise that a map which grows does not stop for it.
#[test]
fn no_write_moves_more_than_64_entries() {
    let map = SeqMap::new();
    let (mut most, mut all, mut left) = (0, 0, 0usize);
    let keys = if cfg!(miri) { 100 } else { 50_000 };
    for key in 0..keys {
        map.insert(key, key);
        let now = to_be_moved(&map);
        let moved = left.saturating_sub(now);
        (most, all, left) = (most.max(moved), all + moved, now);
    }
    assert!(most <= 64, "{most}");
    assert!(most > 40 && all > keys as usize / 2, "the map did not grow as it should: {most}, {all}");
    assert!((0..keys).all(|key| map.get(&key) == Some(key)));
}

#[test]
fn tables_are_used_again_where_keys_come_and_go() {
    let map = SeqMap::new();
    for key in 0..ROUNDS {
        map.insert(key, key);
        assert_eq!(map.remove(&key), Some(key));
    }
    let tables = map.tables.write().writer().all.len();
    assert_eq!(tables, 2, "two tables of 8 slots, in turns");
}

#[test]
fn memory_is_at_most_four_times_that_of_the_table() {
    let map = SeqMap::new();
    let mut random = Random(8);
    for key in 0..ROUNDS {
        map.insert(key, key);
        if random.below(3) == 0 {
            map.remove(&random.below(key + 1));
        }
    }
    let mut change = map.tables.write();
    // SAFETY: tables of this map, which is borrowed (I10 handle).
    let slots: usize = change.writer().all.clone().iter().map(|table| unsafe { &**table }.len()).sum();
    let newest = change.in_use().next.unwrap_or(change.in_use().first).len();
    assert!(slots <= 4 * newest, "{slots} slots, the newest table has {newest}");
}

/// Keys that stay are found at every moment, with values that only rise, while others come and go and the map moves.
#[test]
fn readers_beside_a_map_that_moves() {
    const STAYING: u64 = 20;
    let map = SeqMap::<u64, Value>::new();
    for key in 0..STAYING {
        map.insert(key, Value::of(0));
    }
    let writes = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut random = Random(7);
            for round in 1..=ROUNDS {
                map.insert(random.below(STAYING), Value::of(round));
                let other = STAYING + random.below(if round % 20_000 < 10_000 { 50 } else { 5000 });
                if random.below(2) == 0 {
                    map.insert(other, Value::of(round));
                } else {
                    map.remove(&other);
                }
                writes.store(round, Ordering::Release);
            }
            done.store(true, Ordering::Release);
        });
        for seed in 1..=2 {
            let (map, writes, done) = (&map, &writes, &done);
            scope.spawn(move || {
                let mut random = Random(seed);
                let mut seen = [0; STAYING as usize];
                let mut last = false;
                while !last {
                    last = done.load(Ordering::Acquire);
                    let key = random.below(STAYING);
                    let number = map.get(&key).expect("a key that stays").number();
                    assert!(number >= seen[key as usize], "back from {} to {number}", seen[key as usize]);
                    seen[key as usize] = number;
                    let written = writes.load(Ordering::Acquire);
                    if random.below(50) == 0 {
                        let entries: Vec<_> = map.iter().collect();
                        let keys: HashSet<_> = entries.iter().map(|(key, _)| *key).collect();
                        assert_eq!(keys.len(), entries.len(), "a key twice");
                        assert!((0..STAYING).all(|key| keys.contains(&key)), "a key that stays is lost");
                        for (_, value) in entries {
                            value.number();
                        }
                    }
                    if let Some(value) = map.get(&(STAYING + random.below(50))) {
                        assert!(value.number() <= writes.load(Ordering::Acquire).max(written) + 1);
                    }
                }
            });
        }
    });
}

#[test]
fn writers_lose_no_update() {
    let map = SeqMap::<u64, u64>::new();
    let each = if cfg!(miri) { 60 } else { 20_000 };
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| (0..each).for_each(|n| _ = map.alter(n % 30, |old| Some(old.unwrap_or(0) + 1))));
        }
    });
    assert_eq!(map.iter().map(|(_, count)| count).sum::<u64>(), 3 * each);
}

/// A reader is stopped before it loads the tables of its phase: by then each place may have one of a later phase, so
/// that the next table may be smaller than the first, or much larger.
#[test]
fn iteration_is_refused_where_tables_are_of_later_phases() {
    let mut refused = 0;
    for before in (0..20).step_by(if cfg!(miri) { 7 } else { 1 }) {
        for meanwhile in (0..if cfg!(miri) { 20 } else { 200 }).step_by(if cfg!(miri) { 3 } else { 1 }) {
            let map = SeqMap::<u64, u64>::new();
            (0..before).for_each(|key| _ = map.insert(key, key));
            let phase = map.tables.read_begin();
            (before..before + meanwhile).for_each(|key| _ = map.insert(key, key));
            let passed = map.tables.read_begin() != phase;
            assert_eq!(map.iter().visit_in(phase), if passed { Err(ReadError::Torn) } else { Ok(()) });
            refused += u32::from(passed);
        }
    }
    assert!(refused > 0);
}

#[test]
fn a_closure_that_panics_changes_nothing() {
    let map = SeqMap::new();
    map.insert(1, 10);
    let panics = |change: &dyn Fn()| assert!(catch_unwind(AssertUnwindSafe(change)).is_err());
    panics(&|| {
        map.update(&1, |value: &mut i32| {
            *value = 11;
            panic!("in the middle of an update")
        });
    });
    panics(&|| _ = map.alter(2, |_| panic!("for an entry")));
    assert_eq!((map.get(&1), map.len()), (Some(10), 1));
    assert_eq!(map.insert(1, 12), Some(10), "the claim was given back");
}

#[test]
fn closures_may_read_the_map() {
    let map = SeqMap::new();
    map.insert(1, 10);
    map.update(&1, |value| {
        *value += 1;
        assert_eq!(map.get(&1), Some(10));
    });
    assert_eq!(map.get(&1), Some(11));
}

#[test]
fn clones_compare_and_are_independent() {
    let keys = if cfg!(miri) { 30 } else { 300 };
    let map: SeqMap<u32, Value> = (0..keys).map(|key| (key, Value::of(u64::from(key)))).collect();
    let mut other = map.clone();
    assert!(map == other && other.capacity() < 2000);
    let seeded = SeqMap::<_, _, FoldHasher>::with_hasher(FoldHasher::with_seed(3));
    (&seeded).extend(&map);
    assert!(seeded == map, "another order");
    other.insert(7, Value::of(8));
    assert!(map != other && map.get(&7) == Some(Value::of(7)));
    other.remove(&7);
    assert_ne!(map, other, "a key is missing");
    assert_ne!(other, map, "a key more");
    other.extend([(7, Value::of(7))]);
    assert!(map == other);
    other.remove(&7);
    other.insert(keys, Value::of(7));
    assert_ne!(map, other, "another key in its place");
    assert_ne!(other, map, "another key in its place");
    other.clear();
    assert!(other.is_empty() && other.iter().next().is_none() && map.len() == keys as usize);
}

#[test]
fn capacity_is_kept() {
    for capacity in [0, 1, 5, 6, 7, 12, 13, 96, 97, 1000].into_iter().take(if cfg!(miri) { 9 } else { 10 }) {
        let map = SeqMap::<u32, u32>::with_capacity_and_hasher(capacity, FoldHasher::with_seed(1));
        // An eighth of the smallest table that has as many besides.
        let slots = (3..20).map(|bits| 1usize << bits).find(|slots| slots - slots / 8 >= capacity).unwrap();
        assert_eq!(map.capacity(), slots - slots / 8, "for {capacity}");
        for key in 0..capacity as u32 {
            map.insert(key, key);
        }
        assert_eq!(map.tables.write().writer().all.len(), 1, "{capacity} entries without another table");
    }
    let huge = catch_unwind(|| SeqMap::<u32, u32>::with_capacity(usize::MAX / 2));
    assert!(huge.is_err(), "no memory has that");
}

/// `keep` is asked about an entry as it is at that moment, while other writers wait: so it is what a read finds.
#[test]
fn retain_asks_about_entries_as_they_are() {
    let map = SeqMap::<u64, Value>::new();
    (0..64).for_each(|key| _ = map.insert(key, Value::of(0)));
    let done = AtomicBool::new(false);
    let rounds = if cfg!(miri) { 3 } else { 300 };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                (0..64).for_each(|key| _ = map.insert(key, Value::of(round)));
            }
        });
        for _ in 0..rounds {
            let mut stale = 0;
            map.retain(|key, value| {
                stale += u32::from(map.get(key) != Some(*value));
                true
            });
            if stale != 0 {
                done.store(true, Ordering::Relaxed);
            }
            assert_eq!(stale, 0, "asked about values that were replaced before");
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(map.len(), 64);
}

/// While entries move, it is that of the table to which they move.
#[test]
fn capacity_grows_with_the_first_entry_that_needs_it() {
    let map = SeqMap::<u32, u32>::with_capacity_and_hasher(896, FoldHasher::with_seed(1));
    let before = map.capacity() as u32;
    (0..before).for_each(|key| _ = map.insert(key, key));
    assert_eq!(map.capacity(), before as usize);
    map.insert(before, 0);
    assert!(map.capacity() > before as usize, "{} entries", before + 1);
}

/// A process that chooses the keys can't know where they go.
#[test]
#[cfg(feature = "std")]
fn maps_have_seeds_of_their_own() {
    let of = |hasher: FoldHasher| hasher.hash_one(7u64);
    assert_ne!(of(FoldHasher::default()), of(FoldHasher::default()));
}
