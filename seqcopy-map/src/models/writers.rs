//! Writers in turns.

use std::vec::Vec;

use super::{Model, concurrently, explore, hash, whole};
use crate::primitive::Relaxed;

impl Model {
    /// Reads a key's value under the claim, and writes the next one.
    fn increment(&self, key: u64) {
        let mut change = self.0.write();
        change.step();
        let place = change.find(hash(key), &whole(key));
        let old = place.value().expect("the map has the key");
        assert_eq!(old, whole(old >> 32), "torn");
        change.put(&place, &whole(key), &whole((old >> 32) + 1));
    }
}

/// Two writers change one entry, and insert one each, in a map that moves to a larger table: the first step ends that,
/// an insert begins it again, and the next write ends it. No change is lost, and no phase ends twice.
#[test]
fn map_two_writers() {
    explore("map_two_writers", || {
        let model = Model::with_slots(1);
        // The next table is there, no entry is moved.
        (1..=3).for_each(|key| model.insert(key, key));
        concurrently(
            &model,
            |model| {
                model.increment(1);
                model.insert(4, 4);
            },
            |model| {
                model.increment(1);
                model.insert(5, 5);
            },
        );
        assert_eq!((1..=5).map(|key| model.get(key)).collect::<Vec<_>>(), [3, 2, 3, 4, 5].map(|value| Ok(Some(value))));
        assert_eq!((model.0.len.load(Relaxed), model.0.read_begin().count()), (5, 4));
    });
}
