//! Maps whose values have grown: what every call of a reader returns, which keys are refused, and that readers go on
//! through restarts.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use seqcopy::Version;
use seqcopy_shm::{MapReader, MapWriter, Options, ReadValueError, Uid, Writer, wait_any};
use seqcopy_tests::faults::{Place, forked};

use super::Done;
use super::versions::{Robot, v1, v2, v3};

type Entry<A> = (u64, A, Version);

fn sorted<A>(entries: impl Iterator<Item = Result<Entry<A>, ReadValueError>>) -> Vec<Entry<A>> {
    let mut all: Vec<_> = entries.map(Result::unwrap).collect();
    all.sort_by_key(|entry| entry.0);
    all
}

/// What each call returns, of a map of another version.
fn every_call<A: Robot, B: Robot>(buffers: u32) {
    let place = Place::new();
    let path = place.at("robots");
    let mut writer = Options::new().buffers(buffers).create_map::<u64, B>(&path, 30).unwrap();
    let mut reader = MapReader::<u64, A>::open_by_fields(&path).unwrap();
    assert_eq!((reader.get(&1), reader.view().is_empty()), (Ok(None), Ok(true)));
    // Full, so that searches pass slots of other keys.
    for key in 1..=30 {
        let known = reader.generation();
        assert_eq!(writer.insert(key, B::of(key)), Ok(None));
        assert!(reader.has_changed(known) && reader.wait(known, Duration::ZERO));
        assert_eq!(wait_any(&[reader.newer_than(known)], Duration::ZERO), Some(0));
        let found = reader.get(&key).unwrap().expect("inserted");
        assert!(found.is_whole() && found.number() == key, "{found:?}");
        assert_eq!(reader.get_versioned(&key), Ok(Some((found, reader.generation()))));
        assert_eq!(reader.try_get(&key), Ok(Some(found)));
        let view = reader.view();
        assert_eq!((view.get(&key), view.contains_key(&key)), (Ok(Some(found)), Ok(true)));
        assert_eq!((view.get(&99), view.contains_key(&99)), (Ok(None), Ok(false)));
        assert_eq!(view.len().map(|len| len as u64), Ok(key));
        assert_eq!(sorted(view.changed_since(known)), [(key, found, reader.generation())]);
        assert_eq!(reader.read(|view| view.get(&key)), Ok(Some(found)));
    }
    let all = sorted(reader.view().changed_since(Version::NEVER));
    assert_eq!(all.iter().map(|entry| entry.0).collect::<Vec<_>>(), (1..=30).collect::<Vec<_>>());
    assert!(all.iter().all(|(key, value, _)| value.is_whole() && value.number() == *key));
    assert_eq!(reader.view().iter().count(), 30);
    writer.remove(&7).unwrap();
    assert_eq!(reader.get(&7), Ok(None));
    writer.close().unwrap();
    assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
    // Whatever comes next.
    let mut writer = MapWriter::<u64, v3::Robot>::create(&path, 10).unwrap();
    writer.insert(40, v3::robot(40)).unwrap();
    assert_eq!(reader.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    assert_eq!(reader.get(&40).unwrap().map(|it| it.number()), Some(40));
    writer.close().unwrap();
    // Until something comes that has not all fields.
    let _writer = MapWriter::<u64, u64>::create(&path, 10).unwrap();
    let error = reader.reopen_if_removed().unwrap_err().to_string();
    assert!(error.contains("field `value`: u64 there, struct `Robot` here"), "{error}");
}

#[test]
fn every_call_reads_maps_of_every_version() {
    for buffers in [2, 4] {
        every_call::<v1::Robot, v1::Robot>(buffers);
        every_call::<v1::Robot, v2::Robot>(buffers);
        every_call::<v1::Robot, v3::Robot>(buffers);
        every_call::<v2::Robot, v1::Robot>(buffers);
        every_call::<v2::Robot, v3::Robot>(buffers);
        every_call::<v3::Robot, v1::Robot>(buffers);
        every_call::<v3::Robot, v2::Robot>(buffers);
    }
}

#[test]
fn of_maps_what_is_refused_is_named() {
    let place = Place::new();
    let path = place.at("robots");
    let mut writer = MapWriter::<u64, v2::Robot>::create(&path, 10).unwrap();
    let refused = |error: seqcopy_shm::Error, what: &str| {
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.to_string().contains("robots"), "{error}");
    };
    refused(MapReader::<u32, v1::Robot>::open_by_fields(&path).unwrap_err(), "field `key`: u64 there, u32 here");
    refused(MapReader::<u64, u64>::open_by_fields(&path).unwrap_err(), "field `value`: struct `Robot` there, u64 here");
    refused(MapReader::<u64, v1::Leg>::open_by_fields(&path).unwrap_err(), "field `value.id`: no such field there");
    assert!(MapReader::<u64, v1::Robot>::open(&path).is_err());
    assert!(MapReader::<u64, v1::Robot>::open_by_fields(place.at("nothing")).is_err());
    let own = Options::new().require_owner(Uid::effective());
    let reader = own.open_map_by_fields::<u64, v1::Robot>(&path).unwrap();
    // A variant that the reader's type does not have: that entry alone.
    writer.insert(1, v2::Robot { mode: v2::Mode::Turn, ..v2::robot(1) }).unwrap();
    writer.insert(2, v2::robot(2)).unwrap();
    let error = reader.get(&1).unwrap_err().to_string();
    assert!(error.contains("`mode`") && error.contains("is 0x2"), "{error}");
    assert_eq!((reader.get(&2), reader.view().contains_key(&1)), (Ok(Some(v1::robot(2))), Ok(true)));
    assert_eq!(reader.view().iter().filter(Result::is_err).count(), 1);
    // A value is no map.
    let path = place.at("robot");
    let _writer = Writer::<v1::Robot>::create(&path).unwrap();
    assert!(MapReader::<u64, v1::Robot>::open_by_fields(&path).is_err());
    writer.close().unwrap();
}

mod narrow {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(super) struct Place {
        pub(super) x: u32,
        pub(super) y: u32,
    }
}

mod wide {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(super) struct Place {
        pub(super) y: u32,
        pub(super) x: u32,
        pub(super) z: u64,
    }
}

/// A key with other bytes is another key.
#[test]
fn keys_have_no_more_fields() {
    let place = Place::new();
    let path = place.at("places");
    let writer = MapWriter::<wide::Place, u8>::create(&path, 10).unwrap();
    let error = MapReader::<narrow::Place, u8>::open_by_fields(&path).unwrap_err().to_string();
    let said = "field `key`: a key of 16 bytes with more fields, or in another order there, one of 8 bytes, which must be the same here";
    assert!(error.contains(said), "{error}");
    writer.close().unwrap();
}

/// A key of an enum is found by its bytes; one that a reader's type does not have is not valid there.
#[test]
fn keys_may_get_variants() {
    let place = Place::new();
    let path = place.at("modes");
    let mut writer = MapWriter::<v2::Key, u8>::create(&path, 10).unwrap();
    writer.insert(v2::Key::Go, 1).unwrap();
    writer.insert(v2::Key::Turn, 2).unwrap();
    let reader = MapReader::<v1::Key, u8>::open_by_fields(&path).unwrap();
    assert_eq!((reader.get(&v1::Key::Go), reader.get(&v1::Key::Stop)), (Ok(Some(1)), Ok(None)));
    let (valid, invalid): (Vec<_>, Vec<_>) = reader.view().iter().partition(Result::is_ok);
    assert_eq!((valid, invalid.len()), (vec![Ok((v1::Key::Go, 1))], 1));
    writer.close().unwrap();
}

/// While a writer of another version commits as fast as it can.
#[test]
fn no_entry_is_torn() {
    fn race<A: Robot, B: Robot>(buffers: u32) {
        let place = Place::new();
        let path = place.at("robots");
        let mut writer = Options::new().buffers(buffers).create_map::<u64, B>(&path, 7).unwrap();
        writer.insert(1, B::of(1)).unwrap();
        let done = AtomicBool::new(false);
        let until = Instant::now() + Duration::from_millis(150);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut n = 1;
                while !done.load(Relaxed) {
                    n += 1;
                    writer.insert(1, B::of(n)).unwrap();
                }
            });
            // Also where a read is wrong: the writer would never end.
            let _done = Done(&done);
            let reader = MapReader::<u64, A>::open_by_fields(&path).unwrap();
            let (mut last, mut changed) = (0, 0);
            while Instant::now() < until || changed < 3 {
                let Ok(found) = reader.try_get(&1) else { continue };
                let value = found.expect("always there");
                assert!(value.is_whole(), "torn: {value:?}");
                assert!(value.number() >= last, "back from {last} to {}", value.number());
                changed += u64::from(value.number() > last);
                last = value.number();
                if let Some(Ok((_, value))) = reader.view().iter().next() {
                    assert!(value.is_whole(), "torn: {value:?}");
                }
            }
        });
    }
    race::<v1::Robot, v3::Robot>(2);
    race::<v3::Robot, v1::Robot>(4);
}

/// A writer in a process of its own, which another one ends.
fn start<B: Robot>(path: &Path, first: u64) -> Pid {
    forked(|| {
        let options = Options::new().buffers(2).replace_other_type(true);
        let mut writer = options.open_or_create_map::<u64, B>(path, 7).unwrap();
        for n in first.. {
            writer.insert(n % 5, B::of(n)).unwrap();
        }
    })
}

/// Programs of three versions, each killed and followed by one of any version: a reader of the first goes on.
#[test]
fn readers_of_maps_go_on_through_restarts_of_other_versions() {
    let place = Place::new();
    let path = place.at("robots");
    let mut child = start::<v1::Robot>(&path, 1);
    let until = || Instant::now() + Duration::from_secs(60);
    let open = until();
    let mut reader = loop {
        assert!(Instant::now() < open, "no map");
        if let Ok(reader) = MapReader::<u64, v1::Robot>::open_by_fields(&path) {
            break reader;
        }
        std::thread::yield_now();
    };
    let rounds = if seqcopy_tests::is_long() { 1000 } else { 40 };
    let mut random = 7u32;
    for round in 1..=rounds {
        // Each round has numbers of its own.
        let from = round << 40;
        kill(child, Signal::SIGKILL).unwrap();
        waitpid(child, None).unwrap();
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        child = match random >> 30 {
            0 => start::<v1::Robot>(&path, from),
            1 => start::<v2::Robot>(&path, from),
            _ => start::<v3::Robot>(&path, from),
        };
        let blocked = until();
        loop {
            assert!(Instant::now() < blocked, "blocked at {from}: {:?}", reader.get(&0));
            match reader.get(&(round % 5)) {
                Ok(found) => {
                    assert!(found.is_none_or(|value| value.is_whole()), "torn: {found:?}");
                    if found.is_some_and(|value| value.number() >= from) {
                        break;
                    }
                }
                Err(ReadValueError::Invalid(error)) => panic!("{error}"),
                Err(_) => {}
            }
            reader.reopen_if_removed().expect("every version has the fields");
            std::thread::yield_now();
        }
    }
    kill(child, Signal::SIGKILL).unwrap();
    waitpid(child, None).unwrap();
}
