//! Entries that move while readers look for them.

use crate::iter::Iter;

use super::{Model, concurrently, explore, hash, whole};

/// The map moves to a larger table: a key that stays is found in every attempt that is accepted.
#[test]
fn map_growth() {
    explore("map_growth", || {
        let model = Model::with_slots(1);
        model.insert(1, 1);
        model.insert(2, 2);
        // The next table is there, no entry is moved.
        model.insert(3, 3);
        concurrently(
            &model,
            // Moves both, and then begins to move to a third table.
            |model| model.insert(4, 4),
            |model| {
                if let Ok(found) = model.get(1) {
                    assert_eq!(found, Some(1), "lost while it was moved");
                }
            },
        );
        assert!((1..=4).all(|key| model.get(key) == Ok(Some(key))));
    });
}

/// An entry is updated in the middle of a growth, which moves it: values never go back, and the key is never absent.
#[test]
fn map_update_moves() {
    explore("map_update_moves", || {
        let model = Model::with_slots(1);
        model.insert(1, 1);
        model.insert(2, 2);
        model.insert(3, 3);
        concurrently(
            &model,
            // Without the step, so that only this entry is moved.
            |model| {
                let mut change = model.0.write();
                let place = change.find(hash(1), &whole(1));
                change.put(&place, &whole(1), &whole(5));
            },
            |model| {
                let first = model.get(1);
                let second = model.get(1);
                if let (Ok(first), Ok(second)) = (first, second) {
                    assert!(first.expect("the key stays") <= second.expect("the key stays"), "{first:?} {second:?}");
                }
            },
        );
        assert_eq!(model.get(1), Ok(Some(5)));
    });
}

/// An entry is moved while an iteration reads its range of hashes: it is given once.
#[test]
fn map_iteration() {
    explore("map_iteration", || {
        let model = Model::with_slots(1);
        (1..=3).for_each(|key| model.insert(key, key));
        concurrently(
            &model,
            // Without the step, so that only this entry is moved, and no phase ends.
            |model| {
                let mut change = model.0.write();
                let place = change.find(hash(1), &whole(1));
                change.put(&place, &whole(1), &whole(5));
            },
            |model| {
                let mut iter = Iter::new(&model.0);
                let mut found = 0;
                // The first table has two slots.
                for _ in 0..2 {
                    if iter.visit().is_err() {
                        return;
                    }
                    found += iter.ready.by_ref().filter(|(key, _)| *key == whole(1)).count();
                }
                assert_eq!(found, 1, "the number of times that a key is given");
            },
        );
    });
}
