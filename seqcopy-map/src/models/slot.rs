//! One slot with concurrent readers.

use std::sync::Arc;

use seqcopy::{ReadError, SeqCopy};

use super::{Model, concurrently, explore, explore_at, hash, whole};

use crate::iter::Iter;
use crate::slot::{Cell, Zero};
use crate::slot::{Found, Slot};
use crate::tables::Tables;

/// An entry is updated: values are whole, and never go back.
#[test]
fn map_slot() {
    explore("map_slot", || {
        let model = Model::with_slots(1);
        model.insert(1, 1);
        concurrently(
            &model,
            |model| {
                model.insert(1, 2);
                model.insert(1, 3);
            },
            |model| {
                let mut seen = 1;
                for _ in 0..2 {
                    if let Ok(found) = model.get(1) {
                        let value = found.expect("the key stays");
                        assert!(value >= seen, "from {seen} back to {value}");
                        seen = value;
                    }
                }
            },
        );
        assert_eq!(model.get(1), Ok(Some(3)));
    });
}

/// A key is removed and inserted again: it is absent, or its value is one that was stored.
#[test]
fn map_removal() {
    explore_at(2, "map_removal", || {
        let model = Model::with_slots(1);
        model.insert(1, 1);
        concurrently(
            &model,
            |model| {
                model.remove(1);
                model.insert(1, 2);
            },
            |model| {
                let first = model.get(1);
                let second = model.get(1);
                let order = |read: Result<_, ReadError>| match read {
                    Ok(Some(1)) => 0,
                    Ok(None) => 1,
                    Ok(Some(2)) => 2,
                    other => panic!("{other:?}"),
                };
                if let (Ok(first), Ok(second)) = (first, second) {
                    assert!(order(Ok(first)) <= order(Ok(second)), "from {first:?} back to {second:?}");
                }
            },
        );
        assert_eq!(model.get(1), Ok(Some(2)));
    });
}

/// A slot is filled for a key of zeros whose hash is 0, as all of a free slot is: before that it is not the slot of
/// this key.
#[test]
fn map_free_slot() {
    explore("map_free_slot", || {
        let slot = Arc::new(Slot::<u64, u64>::zero());
        concurrently(
            &slot,
            // SAFETY: the only writer; the slot is free (I5 one-writer).
            |slot| unsafe { slot.fill(hash(0), &0, &whole(7), || ()) },
            |slot| match slot.read(hash(0), &0, Cell::load) {
                Ok(Found::Full(bits)) => assert_eq!(bits.validate(), Ok(whole(7))),
                Ok(Found::Other) | Err(_) => {}
                Ok(Found::Gone) => panic!("a free slot has no key"),
            },
        );
    });
}

/// Equal to others that have other bits.
#[derive(Clone, Copy, SeqCopy)]
#[repr(C)]
struct Key {
    number: u32,
    /// Not looked at by `Eq`: the value that belongs to it.
    value: u32,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Key {}

/// A key is removed, and an equal one of other bits is inserted in its slot: an iteration gives the bits that belong to
/// the value.
#[test]
fn map_key_comes_back() {
    let put = |tables: &Tables<Key, u64>, value: u32| {
        let mut change = tables.write();
        let key = Key { number: 1, value };
        let place = change.find(hash(1), &key);
        change.put(&place, &key, &whole(value.into()));
    };
    explore_at(2, "map_key_comes_back", move || {
        let tables = Arc::new(Tables::<Key, u64>::new(0));
        put(&tables, 1);
        concurrently(
            &tables,
            move |tables| {
                let mut change = tables.write();
                let place = change.find(hash(1), &Key { number: 1, value: 0 });
                assert!(change.take(&place), "the map has the key");
                drop(change);
                put(tables, 2);
            },
            |tables| {
                let mut iter = Iter::new(tables);
                if iter.visit().is_ok() {
                    for (key, value) in iter.ready {
                        assert_eq!(value, whole(key.value.into()), "the key of another insert");
                    }
                }
            },
        );
    });
}
