//! One slot beside its readers.

use seqcopy::ReadError;

use super::{Model, beside, explore, explore_at};

/// An entry is updated: values are whole, and never go back.
#[test]
fn map_slot() {
    explore("map_slot", || {
        let model = Model::with_slots(1);
        model.insert(1, 1);
        beside(
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
        beside(
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
