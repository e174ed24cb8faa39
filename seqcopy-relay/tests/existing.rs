//! What a subscriber makes of a region that is at its path already: of another type, of another program, or its own
//! from before a restart.

mod common;

use common::Place;
use common::samples::{LIFE, head, target, value};
use seqcopy_relay::sample::{Head, Kind};
use seqcopy_relay::target::{Dropped, Existing, Taken, Target};
use seqcopy_shm::{MapReader, Options, ReadValueError, Reader, Schema, Writer};

#[test]
fn another_type_replaces_the_region_or_is_refused() {
    let place = Place::new("other-type");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    target.take(&value(1, true)).unwrap();
    let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
    let schema = Schema::of::<u32>();
    let other = Head { life: 8, ..head(&schema, 1) }.encode(schema.as_bytes(), &5u32.to_ne_bytes());
    target.vanished(LIFE);
    target.appeared(8);
    assert_eq!(target.take(&other).unwrap(), Taken::Written);
    assert_eq!(reader.read(), Err(ReadValueError::Closed));
    assert_eq!(Reader::<u32>::open(&place.0).unwrap().read(), Ok(5));
    drop(target);
    let mut target = Target::new(place.0.clone(), Options::new(), Existing::KeepType, 2, 1 << 20);
    target.appeared(LIFE);
    let Err(Dropped::Region(error)) = target.take(&value(1, true)) else { panic!("replaced") };
    assert!(error.to_string().contains("u32 there"), "{error}");
    assert_eq!(Reader::<u32>::open(&place.0).unwrap().read(), Ok(5));
}

#[test]
fn another_programs_region_is_replaced_only_if_asked_for() {
    let place = Place::new("not-ours");
    let mut application = Writer::<u32>::create(&place.0).unwrap();
    application.write(5).unwrap();
    drop(application);
    let mut careful = target(&place.0);
    careful.appeared(LIFE);
    let Err(error @ Dropped::NotOurs(_)) = careful.take(&value(1, true)) else { panic!("replaced") };
    assert!(error.to_string().contains("`--replace`") && error.to_string().contains(place.text()), "{error}");
    assert_eq!(Reader::<u32>::open(&place.0).unwrap().read(), Ok(5));
    let mut bold = Target::new(place.0.clone(), Options::new(), Existing::Any, 2, 1 << 20);
    bold.appeared(LIFE);
    assert_eq!(bold.take(&value(1, true)).unwrap(), Taken::Written);
    // Its own one is replaced when the type changes, and not what another program puts there meanwhile.
    drop(bold);
    assert_eq!(careful.take(&value(1, true)).unwrap(), Taken::Written);
    careful.vanished(LIFE);
    drop(Options::new().replace_other_type(true).open_or_create::<u32>(&place.0).unwrap());
    careful.appeared(LIFE);
    assert!(matches!(careful.take(&value(2, true)), Err(Dropped::NotOurs(_))));
}

/// The type alone does not say whose it is.
#[test]
fn another_programs_region_of_the_same_type_is_no_other() {
    let place = Place::new("not-ours-either");
    let mut application = Writer::<[u64; 8]>::create(&place.0).unwrap();
    application.write([5; 8]).unwrap();
    drop(application);
    let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
    for existing in [Existing::Own, Existing::KeepType] {
        let mut careful = Target::new(place.0.clone(), Options::new(), existing, 2, 1 << 20);
        careful.appeared(LIFE);
        assert!(matches!(careful.take(&value(6, true)), Err(Dropped::NotOurs(_))));
        assert_eq!((reader.read(), careful.is_incomplete()), (Ok([5; 8]), true));
    }
    let mut bold = Target::new(place.0.clone(), Options::new(), Existing::Any, 2, 1 << 20);
    bold.appeared(LIFE);
    assert_eq!((bold.take(&value(6, true)).unwrap(), reader.read()), (Taken::Written, Ok([6; 8])));
    // From then on it is a relay's, until another program takes it over.
    drop(bold);
    let mut careful = target(&place.0);
    careful.appeared(LIFE);
    assert_eq!((careful.take(&value(7, true)).unwrap(), reader.read()), (Taken::Written, Ok([7; 8])));
    drop(careful);
    drop(Writer::<[u64; 8]>::take_over(&place.0).unwrap());
    let mut careful = target(&place.0);
    careful.appeared(LIFE);
    assert!(matches!(careful.take(&value(8, true)), Err(Dropped::NotOurs(_))));
}

/// The publisher's type changes while the subscriber is restarted; likewise a map.
#[test]
fn a_relay_knows_its_own_region_after_a_restart() {
    let place = Place::new("ours");
    let restarted = || {
        let mut target = target(&place.0);
        target.appeared(LIFE);
        target
    };
    assert_eq!(restarted().take(&value(1, true)).unwrap(), Taken::Written);
    let slot = Schema::of_map::<u16, u16>();
    let map = Head { kind: Kind::Whole, slots: 16, ..head(&slot, 1) }.encode(slot.as_bytes(), &[]);
    assert_eq!(restarted().take(&map).unwrap(), Taken::Written);
    assert_eq!(MapReader::<u16, u16>::open(&place.0).unwrap().view().len(), Ok(0));
    assert_eq!(restarted().take(&value(1, true)).unwrap(), Taken::Written);
    assert_eq!(Reader::<[u64; 8]>::open(&place.0).unwrap().read(), Ok([1; 8]));
}
