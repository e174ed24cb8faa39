//! Tables that come into use, for the first time and again.

use super::{Model, concurrently, explore, explore_at};

/// The pointer to a table is replaced by that to the next but one while a reader from two phases ago loads it: what the
/// reader finds is a table that is there.
#[test]
fn map_pointer() {
    explore("map_pointer", || {
        let model = Model::with_slots(1);
        (1..=3).for_each(|key| model.insert(key, key));
        concurrently(
            &model,
            // Ends the growth from 2 to 4 slots, and begins the one to 8.
            |model| model.insert(4, 4),
            |model| {
                if let Ok(found) = model.get(3) {
                    assert_eq!(found, Some(3));
                }
            },
        );
        assert_eq!(model.get(4), Ok(Some(4)));
    });
}

/// A table is made free and used again while a reader from its first use still looks at it.
#[test]
fn map_reuse() {
    explore_at(2, "map_reuse", || {
        let model = Model::with_slots(2);
        // Keys 2 and 3 are gone, and 1 stays: three slots of four are used.
        (1..=3).for_each(|key| model.insert(key, key));
        model.remove(2);
        model.remove(3);
        concurrently(
            &model,
            |model| {
                // To another table of the same size, which then is alone.
                model.insert(4, 4);
                model.remove(4);
                // The first table is made free, and used again.
                model.insert(5, 5);
                model.remove(5);
                model.insert(6, 6);
            },
            |model| {
                if let Ok(found) = model.get(1) {
                    assert_eq!(found, Some(1), "lost in a table that is used again");
                }
            },
        );
        assert_eq!(model.get(1), Ok(Some(1)));
        assert_eq!(model.0.write().writer().all.len(), 2, "the first table is used again");
    });
}

/// A table is made free during a read of the phase in which its entries are moved: that reader takes no slot for free
/// before it sees that the phase has passed.
#[test]
fn map_freed() {
    explore("map_freed", || {
        let model = Model::with_slots(2);
        (1..=3).for_each(|key| model.insert(key, key));
        model.remove(2);
        model.remove(3);
        // To another table of the same size, to which nothing is moved yet.
        model.insert(4, 4);
        concurrently(
            &model,
            |model| {
                // Moves the entry, and ends the phase.
                model.0.write().step();
                // Makes the first table free.
                model.0.write().step();
            },
            |model| {
                if let Ok(found) = model.get(1) {
                    assert_eq!(found, Some(1), "a slot is free in a phase that goes on");
                }
            },
        );
        assert_eq!(model.0.write().writer().freed, 4, "the first table is free");
    });
}
