//! What a subscriber makes of samples, without a network: old ones, hostile ones, gaps, other types, a full file
//! system.

mod common;
mod limits;

use std::time::{Duration, Instant};

use common::Place;
use common::samples::{LIFE, head, target, value};
use seqcopy::{SeqCopy, Validate};
use seqcopy_relay::format::Format;
use seqcopy_relay::sample::{Head, Kind, NoSample};
use seqcopy_relay::source::Source;
use seqcopy_relay::target::{Dropped, Existing, Taken, Target};
use seqcopy_shm::{MapReader, Options, ReadValueError, Reader, Region, Schema, WriterState};

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
    // The region was opened once: the page on the format says where the writers are counted, and what a relay leaves
    // there.
    let bytes = std::fs::read(&place.0).unwrap();
    assert_eq!((&bytes[144..152], &bytes[160..168]), (&1u64.to_ne_bytes()[..], &b"seqrelay"[..]));
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

/// Machines are updated one at a time: a publisher may be newer or older than before.
#[test]
fn samples_of_both_formats_are_taken() {
    let (place, schema) = (Place::new("formats"), Schema::of::<[u64; 8]>());
    let mut target = target(&place.0);
    for (version, format) in [(1, Format::One), (2, Format::Two), (3, Format::One)] {
        let sample = Head { format, ..head(&schema, version) }.encode(schema.as_bytes(), &[1; 64]);
        assert_eq!(target.take(&sample).unwrap(), Taken::Written);
    }
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
    let mut why = |schema: &[u8]| match target.take(&of_bool(&[1], schema)) {
        Err(Dropped::Schema(why)) => why,
        other => panic!("{other:?}"),
    };
    assert_eq!(why(Schema::of::<u8>().as_bytes()), "another fingerprint than the sample");
    assert_eq!(why(b"nonsense"), Schema::decode(b"nonsense").unwrap_err().to_string());
    let large = Schema::of::<[u8; 1 << 20]>();
    let bytes = head(&large, 1).encode(large.as_bytes(), &vec![0; 1 << 20]);
    assert!(matches!(target.take(&bytes), Err(Dropped::TooLarge(2_097_152))));
    // Small enough, but with more padding than a writer keeps in its list.
    let holes = Schema::of::<[Holes; 1 << 20]>();
    let bytes = head(&holes, 1).encode(holes.as_bytes(), &vec![0; 8 << 20]);
    let mut roomy = Target::new(place.0.clone(), Options::new(), Existing::KeepType, 2, 1 << 30);
    assert!(matches!(roomy.take(&bytes), Err(Dropped::Region(_))));
    // A map of 2^40 slots, and one whose schema is not that of a slot.
    let whole = |schema: &Schema, slots, payload: &[u8]| {
        Head { kind: Kind::Whole, slots, set: 1, ..head(schema, 1) }.encode(schema.as_bytes(), payload)
    };
    let slot = Schema::of_map::<u32, bool>();
    assert!(matches!(target.take(&whole(&slot, 1 << 40, &[0; 5])), Err(Dropped::TooLarge(_))));
    assert!(matches!(target.take(&whole(&schema, 8, &[0; 5])), Err(Dropped::Region(_))));
    assert!(!place.0.exists());
    // These are found only when there is a map already: it stays empty.
    assert!(matches!(target.take(&whole(&slot, 8, &[0; 4])), Err(Dropped::NoSample(NoSample::Length))));
    assert!(matches!(target.take(&whole(&slot, 8, &[0, 0, 0, 0, 7])), Err(Dropped::Payload(_))));
    assert_eq!(MapReader::<u32, bool>::open(&place.0).unwrap().view().len(), Ok(0));
}

/// What is said, and which of several reasons is shown.
#[test]
fn each_reason_is_said_and_weighed() {
    use seqcopy_relay::status::Weight::{Follows, Ours, Theirs};
    use seqcopy_shm::ErrorKind;
    use seqcopy_shm::untyped::BytesError;
    let reasons = [
        (Dropped::NoSample(NoSample::Damaged), Theirs, "a damaged sample"),
        (Dropped::Older, Theirs, "older than what was written"),
        (Dropped::OtherLife, Theirs, "from a second publisher of this key, or an earlier one"),
        (Dropped::Incomplete, Follows, "incomplete: a whole sample was requested"),
        (Dropped::TooLarge(5), Theirs, "the region would have 5 bytes: see `--largest`"),
        (Dropped::Schema("why".to_owned()), Theirs, "the schema: why"),
        (Dropped::Payload(BytesError::Invalid("why".to_owned())), Theirs, "the payload: why"),
        (
            Dropped::NotOurs("/a".into()),
            Ours,
            "/a: another program's region (`--replace` takes it over, or replaces it)",
        ),
    ];
    for (dropped, weight, text) in reasons {
        assert_eq!((dropped.weight(), dropped.to_string()), (weight, text.to_owned()));
    }
    let closed = || seqcopy_shm::Error::from(ErrorKind::Closed);
    let ours = Dropped::Region(closed());
    assert_eq!((ours.weight(), ours.to_string()), (Ours, closed().to_string()));
    assert!(Follows < Theirs && Theirs < Ours);
}

#[test]
fn changes_of_a_map_follow_one_another() {
    let place = Place::new("changes");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    let schema = Schema::of_map::<u16, u16>();
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
    // Since an older generation: what was added after that one, and is gone again, is not among what is removed.
    assert!(matches!(target.take(&map(Kind::Changes, 6, 3, 1, 0, &entry(9, 9))), Err(Dropped::Incomplete)));
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
    assert_eq!(MapReader::<u16, u16>::open(&place.0).unwrap().region().header().slots(), 64);
}

/// A sample of `[u64; 8]` with its schema, as another publisher sends it.
fn of_life(life: u64, version: u64, time: u64) -> Vec<u8> {
    let schema = Schema::of::<[u64; 8]>();
    let payload: Vec<u8> = [version; 8].iter().flat_map(|number| number.to_ne_bytes()).collect();
    Head { life, time, ..head(&schema, version) }.encode(schema.as_bytes(), &payload)
}

/// The writer of the first one is restarted and takes its region over, and then the second one ends.
#[test]
fn the_first_of_two_publishers_is_followed_again() {
    let place = Place::new("fail-over");
    let mut target = target(&place.0);
    target.appeared(1);
    target.appeared(2);
    assert_eq!(target.take(&of_life(1, 5, 0)).unwrap(), Taken::Written);
    assert!(matches!(target.take(&of_life(2, 9, 0)), Err(Dropped::OtherLife)));
    target.vanished(1);
    assert_eq!(target.take(&of_life(2, 9, 0)).unwrap(), Taken::Written);
    // Without its token the first one is over.
    target.appeared(1);
    target.vanished(1);
    target.vanished(2);
    assert!(matches!(target.take(&of_life(1, 7, 0)), Err(Dropped::OtherLife)));
    target.appeared(2);
    target.appeared(1);
    assert_eq!(target.take(&of_life(2, 10, 0)).unwrap(), Taken::Written);
    target.vanished(2);
    assert!(matches!(target.take(&of_life(1, 4, 0)), Err(Dropped::Older)));
    assert_eq!(target.take(&of_life(1, 5, 0)).unwrap(), Taken::Written);
    let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
    assert_eq!((reader.read(), target.take(&of_life(1, 6, 0)).unwrap()), (Ok([5; 8]), Taken::Written));
    assert_eq!(reader.read(), Ok([6; 8]));
}

#[test]
fn tokens_of_others_push_no_publisher_out() {
    let place = Place::new("others");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    target.take(&value(1, true)).unwrap();
    (1000..1300).for_each(|life| target.appeared(life));
    assert!(matches!(target.take(&of_life(1299, 9, 0)), Err(Dropped::OtherLife)));
    assert_eq!(target.take(&value(2, true)).unwrap(), Taken::Written);
    // Those for which there was no space are asked for, once there is.
    assert!(!target.asks_for_tokens());
    (1000..1300).for_each(|life| target.vanished(life));
    assert!(target.asks_for_tokens() && !target.asks_for_tokens());
}

/// A peer sends one sample as if it were the publisher's, of a version that comes never.
#[test]
fn a_forged_version_lasts_until_the_second_whole_sample() {
    let place = Place::new("forged");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    target.take(&of_life(LIFE, 5, 0)).unwrap();
    let reader = Reader::<[u64; 8]>::open(&place.0).unwrap();
    target.take(&of_life(LIFE, u64::MAX, 0)).unwrap();
    let mut older = |bytes: &[u8]| matches!(target.take(bytes), Err(Dropped::Older));
    // Not by samples in between, by one that comes twice, or by older and older ones.
    let schema = Schema::of::<[u64; 8]>();
    let in_between = |version, time| Head { time, ..head(&schema, version) }.encode(&[], &[0; 64]);
    assert!(older(&in_between(6, 8)) && older(&in_between(7, 9)));
    assert!(older(&of_life(LIFE, 8, 10)) && older(&of_life(LIFE, 8, 10)) && older(&of_life(LIFE, 7, 11)));
    assert_eq!(reader.read(), Ok([u64::MAX; 8]));
    assert_eq!(target.take(&of_life(LIFE, 9, 20)).unwrap(), Taken::Written);
    assert_eq!((reader.read(), target.take(&value(10, false)).unwrap()), (Ok([9; 8]), Taken::Written));
    // One that was late is not taken if there are newer ones in between, nor are two of a publisher that is gone.
    for (version, time) in [(5, 30), (6, 40)] {
        assert!(matches!(target.take(&of_life(LIFE, version, time)), Err(Dropped::Older)));
        target.take(&of_life(LIFE, 11, time + 1)).unwrap();
    }
    target.vanished(LIFE);
    for time in [50, 60] {
        assert!(matches!(target.take(&of_life(LIFE, 7, time)), Err(Dropped::Older)));
    }
    assert_eq!(reader.read(), Ok([11; 8]));
}

/// Answers overtake samples, and are overtaken: older ones say nothing about the publisher, however many there are.
#[test]
fn older_answers_are_not_written() {
    let place = Place::new("answers");
    let mut target = target(&place.0);
    target.appeared(LIFE);
    assert_eq!(target.take_answer(&of_life(LIFE, 8, 1)).unwrap(), Taken::Written);
    assert_eq!(target.take_answer(&of_life(LIFE, 9, 2)).unwrap(), Taken::Written);
    for time in 3..9 {
        assert!(matches!(target.take_answer(&of_life(LIFE, 8, time)), Err(Dropped::Older)), "{time}");
    }
    assert!(matches!(target.take(&of_life(LIFE, 8, 10)), Err(Dropped::Older)), "the first that was published");
    assert!(matches!(target.take_answer(&of_life(LIFE, 8, 11)), Err(Dropped::Older)));
    assert_eq!(target.take(&of_life(LIFE, 8, 12)).unwrap(), Taken::Written);
}

#[test]
fn a_whole_sample_is_asked_for_until_there_is_a_region() {
    let place = Place::new("asked");
    let mut target = target(&place.0.join("missing"));
    target.appeared(LIFE);
    for version in 1..3 {
        assert!(matches!(target.take(&value(version, true)), Err(Dropped::Region(_))) && target.is_incomplete());
    }
    // One without a token was taken, while another one has a token.
    let mut target = self::target(&place.0);
    target.appeared(8);
    assert_eq!(target.take(&value(1, true)).unwrap(), Taken::Written);
    assert!(target.is_incomplete());
    target.appeared(LIFE);
    target.take(&value(1, true)).unwrap();
    assert!(!target.is_incomplete());
}

/// Zeros are not valid for these.
#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Level {
    Low = 1,
    High = 2,
}

#[test]
fn a_slice_is_taken_up_to_its_last_element() {
    let (here, there) = (Place::new("slice-here"), Place::new("slice-there"));
    let mut writer = Options::new().capacity(100).create::<[Level]>(&here.0).unwrap();
    let mut source = Source::open(&here.0, Format::Two).unwrap();
    let mut target = target(&there.0);
    for levels in [&[Level::High; 100][..], &[Level::Low, Level::High], &[]] {
        writer.write_from(levels).unwrap();
        let bytes = source.sample(true).unwrap().unwrap();
        target.appeared(source.life());
        assert_eq!(target.take(&bytes).unwrap(), Taken::Written);
        let mut found = Vec::new();
        Reader::<[Level]>::open(&there.0).unwrap().read_to_vec(&mut found).unwrap();
        assert_eq!(found, levels);
    }
    let schema = Region::open(&here.0).unwrap().schema().clone();
    let mut bytes = vec![0; 64 + 3];
    bytes[64..].copy_from_slice(&[1, 3, 3]);
    let mut of_len = |len: u32| {
        bytes[..4].copy_from_slice(&len.to_ne_bytes());
        let head = Head { life: source.life(), ..head(&schema, 9 + u64::from(len)) };
        target.take(&head.encode(schema.as_bytes(), &bytes)).map_err(|error| error.to_string())
    };
    assert_eq!(of_len(1), Ok(Taken::Written));
    assert!(of_len(2).unwrap_err().contains("`elements[1]` at byte 65 is 0x3"));
    assert!(of_len(4).unwrap_err().contains("fewer elements"));
    assert!(of_len(101).unwrap_err().contains("more than the capacity"));
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
        assert!(std::env::var_os("SEQCOPY_NO_SKIP").is_none_or(|value| value.is_empty()), "skipped");
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

/// A sample may come before the word that its publisher is there. Without that word, nothing would report its end
/// either.
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

/// A reader that sleeps until there is a value is woken, of a value and of a map.
#[test]
fn those_that_wait_are_woken() {
    let (value_place, map_place) = (Place::new("wake-value"), Place::new("wake-map"));
    let (mut of_value, mut of_map) = (target(&value_place.0), target(&map_place.0));
    of_value.appeared(LIFE);
    of_map.appeared(LIFE);
    let schema = Schema::of_map::<u16, u16>();
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

/// The last 256 of those that were followed before are known by their versions, and no more: each may be of a hostile
/// peer.
#[test]
fn publishers_of_long_ago_are_forgotten() {
    let place = Place::new("long-ago");
    let mut target = target(&place.0);
    for life in 1..=300 {
        target.appeared(life);
        assert_eq!(target.take(&of_life(life, 9, 0)).unwrap(), Taken::Written);
        target.vanished(life);
    }
    target.appeared(60);
    assert!(matches!(target.take(&of_life(60, 8, 0)), Err(Dropped::Older)));
    target.vanished(60);
    target.appeared(1);
    assert_eq!(target.take(&of_life(1, 8, 0)).unwrap(), Taken::Written);
}
