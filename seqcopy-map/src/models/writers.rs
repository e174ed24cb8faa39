//! Writers in turns.

use super::{Model, beside, explore, hash, whole};

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

/// Two writers change one entry, and insert one each, while the map moves to a larger table: none is lost, whichever comes second sees
/// all that the first has done.
#[test]
fn map_two_writers() {
    explore("map_two_writers", || {
        let model = Model::with_slots(1);
        model.insert(1, 1);
        beside(
            &model,
            |model| {
                model.increment(1);
                model.insert(2, 2);
            },
            |model| {
                model.increment(1);
                model.insert(3, 3);
            },
        );
        assert_eq!([1, 2, 3].map(|key| model.get(key)), [Ok(Some(3)), Ok(Some(2)), Ok(Some(3))]);
        assert_eq!(model.0.len.load(crate::primitive::Relaxed), 3);
    });
}
