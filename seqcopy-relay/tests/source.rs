//! What a publisher makes of a region, without a network.

mod common;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant, SystemTime};

use common::Place;
use seqcopy::{SeqOption, SeqStr, Version};
use seqcopy_relay::format::Format;
use seqcopy_relay::sample::{Head, Kind, Sample};
use seqcopy_relay::source::Source;
use seqcopy_shm::{ErrorKind, MapWriter, Options, Region, Schema, Writer};

#[test]
fn a_value_is_a_sample_once_there_is_one() {
    let place = Place::new("source-value");
    let mut writer = Writer::<[u16; 3]>::create(&place.0).unwrap();
    let mut source = Source::open(&place.0, Format::Two).unwrap();
    assert!(source.has_writer() && source.sample(true).unwrap().is_none());
    for version in 1..4 {
        writer.write([version; 3]).unwrap();
        let bytes = source.sample(false).unwrap().unwrap();
        let Sample { head, schema, payload } = Sample::parse(&bytes).unwrap();
        assert_eq!((head.kind, head.version, head.life), (Kind::Value, u64::from(version), source.life()));
        assert_eq!(payload, [version.to_ne_bytes(); 3].concat());
        // The schema goes with the first one.
        let expected = Schema::of::<[u16; 3]>();
        assert_eq!(head.fingerprint, expected.fingerprint());
        assert_eq!(schema, if version == 1 { expected.as_bytes() } else { &[] });
    }
    writer.close().unwrap();
    assert!(source.is_over());
}

/// When the value was read by the publisher's clock, and since when it was known.
#[test]
fn a_sample_tells_its_time_and_its_age() {
    let place = Place::new("source-age");
    let mut writer = Writer::<u32>::create(&place.0).unwrap();
    let mut source = Source::open(&place.0, Format::Two).unwrap();
    assert!(source.known() == Version::NEVER && !source.wait(Duration::from_millis(1)));
    writer.write(5).unwrap();
    let head = |source: &mut Source, whole| Sample::parse(&source.sample(whole).unwrap().unwrap()).unwrap().head;
    let clock = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert!(source.wait(Duration::from_secs(20)));
    let (earliest, first, latest) = (clock(), head(&mut source, false), clock());
    assert!((earliest..=latest).contains(&Duration::from_nanos(first.time)), "{first:?}");
    assert!(source.known().to_bits() == 1 && !source.wait(Duration::from_millis(1)));
    let pause = Duration::from_millis(30);
    std::thread::sleep(pause);
    let again = head(&mut source, true);
    assert!((pause..clock().saturating_sub(earliest)).contains(&Duration::from_nanos(again.age)), "{again:?}");
    assert!(source.newest().unwrap().age() >= Duration::from_nanos(again.age));
    let wrote = Instant::now();
    writer.write(6).unwrap();
    let newer = head(&mut source, false);
    assert!(newer.version == 2 && Duration::from_nanos(newer.age) <= wrote.elapsed(), "{newer:?}");
    assert_ne!(Source::open(&place.0, Format::Two).unwrap().life(), source.life());
    assert!(!source.is_over());
    std::fs::remove_file(&place.0).unwrap();
    assert!(source.is_over());
}

/// Its name was left by a writer that could not remove it.
#[test]
fn a_region_that_was_closed_is_no_source() {
    let (place, kept) = (Place::new("source-closed"), Place::new("source-closed-kept"));
    let writer = Writer::<u32>::create(&place.0).unwrap();
    std::fs::hard_link(&place.0, &kept.0).unwrap();
    writer.close().unwrap();
    let error = Source::open(&kept.0, Format::Two).map(drop).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
}

type Key = SeqOption<[u8; 40]>;

/// What was in a longer slice, or in another variant, before.
#[test]
fn bytes_that_are_not_of_the_value_stay_here() {
    let places = ["slice", "variant", "entry", "text"].map(|name| Place::new(&format!("source-{name}")));
    let sample = |place: &Place| Source::open(&place.0, Format::Two).unwrap().sample(true).unwrap().unwrap();
    let payload = |bytes: &[u8]| Sample::parse(bytes).unwrap().payload.to_vec();
    let mut slice = Options::new().buffers(1).capacity(64).create::<[u64]>(&places[0].0).unwrap();
    slice.write_from(&[0xeeee_eeee_eeee_eeee; 64]).unwrap();
    slice.write_from(&[5]).unwrap();
    let payload_of_slice = payload(&sample(&places[0]));
    assert_eq!((payload_of_slice.len(), &payload_of_slice[64..]), (64 + 8, &5u64.to_ne_bytes()[..]));
    assert!(!payload_of_slice.contains(&0xee));
    slice.write_from(&[]).unwrap();
    assert_eq!(payload(&sample(&places[0])).len(), 64);

    // What a writer that does not make them zeros leaves in the variant that an enum does not have now.
    Writer::<Key>::create(&places[1].0).unwrap().write(SeqOption::None).unwrap();
    let region = Region::open(&places[1].0).unwrap();
    let header = region.header();
    let poke = |place: &Place, at: u64| {
        File::options().write(true).open(&place.0).unwrap().write_all_at(&[0xee; 40], at).unwrap();
    };
    let buffers = 0..u64::from(header.buffers());
    buffers.for_each(|buffer| poke(&places[1], header.buffer_offset() + buffer * header.buffer_stride() + 1));
    assert_eq!(region.read_bytes().unwrap().0[1..], [0xee; 40]);
    assert!(!payload(&sample(&places[1])).contains(&0xee));
    let mut map = MapWriter::<u8, Key>::create(&places[2].0, 8).unwrap();
    let mut insert = |value| {
        for _ in 0..2 {
            map.insert(1, value).unwrap();
        }
    };
    insert(SeqOption::Some([0xaa; 40]));
    let file = std::fs::read(&places[2].0).unwrap();
    insert(SeqOption::None);
    let slots = file.windows(40).enumerate().filter(|(_, window)| *window == [0xaa; 40]);
    assert_eq!(slots.map(|(at, _)| poke(&places[2], at as u64)).count(), 2);
    Options::new()
        .buffers(1)
        .create::<SeqStr<48>>(&places[3].0)
        .unwrap()
        .write(SeqStr::try_from("ab").unwrap())
        .unwrap();
    poke(&places[3], header.buffer_offset() + 4 + 2);
    assert_eq!(payload(&sample(&places[3])), [&2u32.to_ne_bytes()[..], b"ab", &[0; 46]].concat());
    let entry = payload(&sample(&places[2]));
    assert!(entry.len() == 1 + size_of::<Key>() && !entry.contains(&0xee));
}

#[test]
fn of_a_map_what_has_changed_since_the_last_sample() {
    type Entries = Vec<(u16, u32)>;
    let place = Place::new("source-map");
    let mut writer = MapWriter::<u16, u32>::create(&place.0, 8).unwrap();
    let mut source = Source::open(&place.0, Format::Two).unwrap();
    let mut next = |whole: bool| -> (Head, Entries, Vec<u16>) {
        let bytes = source.sample(whole).unwrap().unwrap();
        let sample = Sample::parse(&bytes).unwrap();
        let (set, removed) = sample.entries(2, 4).unwrap();
        let key = |bytes: &[u8]| u16::from_ne_bytes(bytes.try_into().unwrap());
        let set = set.map(|(bytes, value)| (key(bytes), u32::from_ne_bytes(value.try_into().unwrap())));
        let (mut set, removed): (Entries, _) = (set.collect(), removed.map(key).collect());
        set.sort_unstable();
        (sample.head, set, removed)
    };
    writer.insert(1, 10).unwrap();
    writer.insert(2, 20).unwrap();
    let (first, set, removed) = next(false);
    assert_eq!((first.kind, set, removed), (Kind::Whole, vec![(1, 10), (2, 20)], vec![]));
    assert_eq!(first.slots, writer.region().header().slots());
    assert_eq!(first.fingerprint, Schema::of_map::<u16, u32>().fingerprint());
    writer.insert(3, 30).unwrap();
    writer.insert(2, 21).unwrap();
    writer.remove(&1).unwrap();
    let (second, set, removed) = next(false);
    assert_eq!((second.kind, second.follows), (Kind::Changes, first.version));
    assert_eq!((set, removed), (vec![(2, 21), (3, 30)], vec![1]));
    // One that comes back is set.
    writer.insert(1, 11).unwrap();
    let (third, set, removed) = next(false);
    assert_eq!((third.follows, set, removed), (second.version, vec![(1, 11)], vec![]));
    let (whole, set, _) = next(true);
    assert_eq!((whole.kind, whole.version, set), (Kind::Whole, third.version, vec![(1, 11), (2, 21), (3, 30)]));
    writer.close().unwrap();
}

/// As one that runs in another container: that there is a writer is known, and not which.
#[test]
fn a_writer_that_can_not_be_seen_is_one() {
    let place = Place::new("source-unseen");
    let writer = Writer::<u32>::create(&place.0).unwrap();
    let file = File::options().write(true).open(&place.0).unwrap();
    // One of its namespaces.
    file.write_all_at(&1u64.to_ne_bytes(), 152).unwrap();
    let source = Source::open(&place.0, Format::Two).unwrap();
    assert_eq!(Region::open(&place.0).unwrap().writer_state(), seqcopy_shm::WriterState::Held);
    assert!(source.has_writer());
    drop(writer);
    assert!(!source.has_writer());
}
