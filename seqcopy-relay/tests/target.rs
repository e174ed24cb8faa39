//! What a subscriber makes of samples, without a network: old ones, hostile ones, gaps, other types, a full file system.

mod common;

use std::time::{Duration, Instant};

use common::Place;
use common::samples::{LIFE, head, target, value};
use seqcopy::{SeqCopy, Validate};
use seqcopy_relay::sample::{Head, Kind, NoSample};
use seqcopy_relay::target::{Dropped, Taken, Target};
use seqcopy_shm::{MapReader, Options, ReadValueError, Reader, Schema, WriterState};

const SOON: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[repr(C)]
struct Holes {
    byte: u8,
    word: u32,
}

#[test]
fn the_newest_value_is_written_and_no_older_one() {
    let place = Place::new("newest");
    let mut target = target(&place.0);
    assert!(matches!(target.take(&value(5, false)), Err(Dropped::Incomplete)));
    assert!(!place.0.exists() && target.is_incomplete());
    target.appeared(LIFE);
    assert_eq!(target.take(&value(5, true)).unwrap(), Taken::Written);
    let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
    assert_eq!(target.take(&value(6, false)).unwrap(), Taken::Written);
    assert_eq!(target.take(&value(6, false)).unwrap(), Taken::Repeated);
    assert!(matches!(target.take(&value(5, false)), Err(Dropped::Older)));
    assert_eq!((reader.read(), reader.version().to_bits()), (Ok([6; 8]), 2));
    assert!(!target.is_incomplete());
    // Another publisher is heard when this one is gone; then this one no more.
    let other = |version, with_schema| {
        let schema = Schema::of::<[u64; 8]>();
        let head = Head { life: 8, ..head(&schema, version) };
        head.encode(if with_schema { schema.as_bytes() } else { &[] }, &[0; 64])
    };
    assert!(matches!(target.take(&other(1, true)), Err(Dropped::OtherLife)));
    target.vanished(LIFE);
    assert_eq!(reader.writer_state(), WriterState::Gone);
    target.appeared(8);
    assert_eq!(target.take(&other(1, true)).unwrap(), Taken::Written);
    assert!(matches!(reader.writer_state(), WriterState::Alive { .. }));
    target.vanished(8);
    assert!(matches!(target.take(&value(9, true)), Err(Dropped::OtherLife)));
    // The same one comes back.
    target.appeared(8);
    assert!(target.is_incomplete());
    assert_eq!(target.take(&other(1, true)).unwrap(), Taken::Repeated);
    assert!(matches!(reader.writer_state(), WriterState::Alive { .. }));
}

#[test]
fn hostile_samples_write_nothing() {
    let place = Place::new("hostile");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    let schema = Schema::of::<bool>();
    let of_bool = |payload: &[u8], bytes: &[u8]| head(&schema, 1).encode(bytes, payload);
    assert!(matches!(target.take(&of_bool(&[2], schema.as_bytes())), Err(Dropped::Payload(_))));
    assert!(matches!(target.take(&of_bool(&[1, 1], schema.as_bytes())), Err(Dropped::Payload(_))));
    assert!(matches!(target.take(&of_bool(&[1], Schema::of::<u8>().as_bytes())), Err(Dropped::Schema(_))));
    assert!(matches!(target.take(&of_bool(&[1], b"nonsense")), Err(Dropped::Schema(_))));
    let large = Schema::of::<[u8; 1 << 20]>();
    let bytes = head(&large, 1).encode(large.as_bytes(), &vec![0; 1 << 20]);
    assert!(matches!(target.take(&bytes), Err(Dropped::TooLarge(2_097_152))));
    // Small enough, but with more padding than a writer keeps in its list.
    let holes = Schema::of::<[Holes; 1 << 20]>();
    let bytes = head(&holes, 1).encode(holes.as_bytes(), &vec![0; 8 << 20]);
    let mut roomy = Target::new(place.0.clone(), Options::new(), 2, 1 << 30);
    assert!(matches!(roomy.take(&bytes), Err(Dropped::Region(_))));
    // A map of 2^40 slots, and one whose schema is not that of a slot.
    let whole = |schema: &Schema, slots, payload: &[u8]| {
        Head { kind: Kind::Whole, slots, set: 1, ..head(schema, 1) }.encode(schema.as_bytes(), payload)
    };
    let slot = Schema::__of_map::<u32, bool>();
    assert!(matches!(target.take(&whole(&slot, 1 << 40, &[0; 5])), Err(Dropped::TooLarge(_))));
    assert!(matches!(target.take(&whole(&schema, 8, &[0; 5])), Err(Dropped::Region(_))));
    assert!(!place.0.exists());
    // These are found only when there is a map already: it stays empty.
    assert!(matches!(target.take(&whole(&slot, 8, &[0; 4])), Err(Dropped::NoSample(NoSample::Length))));
    assert!(matches!(target.take(&whole(&slot, 8, &[0, 0, 0, 0, 7])), Err(Dropped::Payload(_))));
    assert_eq!(MapReader::<u32, bool>::open(&place.0).unwrap().view().len(), Ok(0));
}

#[test]
fn changes_of_a_map_follow_one_another() {
    let place = Place::new("changes");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    let schema = Schema::__of_map::<u16, u16>();
    let entry = |key: u16, value: u16| [key.to_ne_bytes(), value.to_ne_bytes()].concat();
    let map = |kind, version, follows, set: u32, removed: u32, payload: &[u8]| {
        let with_schema = kind == Kind::Whole;
        let head = Head { kind, follows, slots: 16, set, removed, ..head(&schema, version) };
        head.encode(if with_schema { schema.as_bytes() } else { &[] }, payload)
    };
    let two = [entry(1, 10), entry(2, 20)].concat();
    assert_eq!(target.take(&map(Kind::Whole, 3, 0, 2, 0, &two)).unwrap(), Taken::Written);
    let reader = MapReader::<u16, u16>::open(&place.0).unwrap();
    let change = [entry(3, 30), 1u16.to_ne_bytes().to_vec()].concat();
    assert_eq!(target.take(&map(Kind::Changes, 4, 3, 1, 1, &change)).unwrap(), Taken::Written);
    let all = || {
        let mut all = reader.view().iter().collect::<Result<Vec<_>, _>>().unwrap();
        all.sort_unstable();
        all
    };
    assert_eq!(all(), [(2, 20), (3, 30)]);
    // One is missing: the whole is asked for.
    assert!(matches!(target.take(&map(Kind::Changes, 6, 5, 1, 0, &entry(9, 9))), Err(Dropped::Incomplete)));
    assert!(target.is_incomplete());
    assert_eq!(all(), [(2, 20), (3, 30)]);
    assert_eq!(target.take(&map(Kind::Whole, 6, 0, 1, 0, &entry(9, 9))).unwrap(), Taken::Written);
    assert!(!target.is_incomplete());
    assert_eq!(all(), [(9, 9)]);
    // A publisher whose map has become larger.
    let head = Head { kind: Kind::Whole, slots: 64, set: 1, life: 9, ..head(&schema, 2) };
    target.vanished(LIFE);
    target.appeared(9);
    assert_eq!(target.take(&head.encode(schema.as_bytes(), &entry(5, 5))).unwrap(), Taken::Written);
    assert_eq!(reader.get(&9), Err(ReadValueError::Closed));
    assert_eq!(MapReader::<u16, u16>::open(&place.0).unwrap().header().slots(), 64);
}

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
    let mut target = Target::new(place.0.clone(), Options::new(), 2, 1 << 20);
    target.appeared(LIFE);
    let Err(Dropped::Region(error)) = target.take(&value(1, true)) else { panic!("replaced") };
    assert!(error.to_string().contains("u32 there"), "{error}");
    assert_eq!(Reader::<u32>::open(&place.0).unwrap().read(), Ok(5));
}

/// Needs a tmpfs of its own, which takes root.
#[test]
fn a_full_file_system_is_an_error_and_then_none() {
    let directory = std::env::temp_dir().join(format!("relay-full-{}", std::process::id()));
    std::fs::create_dir(&directory).unwrap();
    let mount =
        std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=16k", "tmpfs"]).arg(&directory).output();
    if !mount.is_ok_and(|mount| mount.status.success()) {
        std::fs::remove_dir(&directory).unwrap();
        println!("==== SKIPPED: a tmpfs can't be mounted here ====");
        return;
    }
    let (path, filler) = (directory.join("region"), directory.join("filler"));
    std::fs::write(&filler, [0; 16 << 10]).unwrap();
    let mut target = target(&path);
    target.appeared(LIFE);
    let Err(Dropped::Region(error)) = target.take(&value(1, true)) else { panic!("it was not full") };
    assert!(error.to_string().contains("No space left"), "{error}");
    assert!(target.is_incomplete() && !path.exists());
    std::fs::remove_file(&filler).unwrap();
    assert_eq!(target.take(&value(1, true)).unwrap(), Taken::Written);
    assert_eq!(Reader::<[u64; 8]>::open(&path).unwrap().read(), Ok([1; 8]));
    drop(target);
    assert!(std::process::Command::new("umount").arg(&directory).status().unwrap().success());
    std::fs::remove_dir(&directory).unwrap();
}

/// A sample may come before the word that its publisher is there. Without that word, nothing would tell of its end either.
#[test]
fn without_a_token_the_region_has_no_writer() {
    let place = Place::new("no-token");
    let mut target = target(&place.0);
    assert_eq!(target.take(&value(1, true)).unwrap(), Taken::Written);
    let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
    assert_eq!((reader.read(), reader.writer_state()), (Ok([1; 8]), WriterState::Gone));
    target.appeared(LIFE);
    assert_eq!(target.take(&value(2, true)).unwrap(), Taken::Written);
    assert!(matches!(reader.writer_state(), WriterState::Alive { .. }));
}

#[test]
fn a_publisher_with_many_tokens_takes_no_memory() {
    let place = Place::new("many-tokens");
    let mut target = target(&place.0);
    let mut size = |lives: std::ops::Range<u64>| {
        lives.for_each(|life| target.appeared(life | 1 << 63));
        format!("{target:?}").len()
    };
    assert_eq!(size(0..1000), size(1000..10_000));
}

/// A reader that sleeps until there is a value is woken, of a value and of a map.
#[test]
fn those_that_wait_are_woken() {
    let (value_place, map_place) = (Place::new("wake-value"), Place::new("wake-map"));
    let (mut of_value, mut of_map) = (target(&value_place.0), target(&map_place.0));
    of_value.appeared(LIFE);
    of_map.appeared(LIFE);
    let schema = Schema::__of_map::<u16, u16>();
    let map = |version, value: u16| {
        let head = Head { kind: Kind::Whole, slots: 16, set: 1, ..head(&schema, version) };
        head.encode(schema.as_bytes(), &[1u16.to_ne_bytes(), value.to_ne_bytes()].concat())
    };
    of_value.take(&value(1, true)).unwrap();
    of_map.take(&map(1, 10)).unwrap();
    let reader = Reader::<[u64; 8]>::open(&value_place.0).unwrap();
    let map_reader = MapReader::<u16, u16>::open(&map_place.0).unwrap();
    let began = Instant::now();
    for version in 2..22 {
        let (known, generation) = (reader.version(), map_reader.generation());
        std::thread::scope(|scope| {
            let one = scope.spawn(|| reader.wait(known, SOON));
            let other = scope.spawn(|| map_reader.wait(generation, SOON));
            // Both sleep by now, as a rule.
            std::thread::sleep(Duration::from_millis(20));
            of_value.take(&value(version, false)).unwrap();
            of_map.take(&map(version, u16::try_from(version).unwrap())).unwrap();
            assert!(one.join().unwrap() && other.join().unwrap());
        });
    }
    // Unless they are woken, they look for themselves, twice a second.
    assert!(began.elapsed() < Duration::from_secs(5), "they were not woken: {:?}", began.elapsed());
}
