//! [`Options::wait_for_region`]: each way to open a region x what is at the path x how long it waits.

use std::path::Path;
use std::thread;
use std::time::Duration;

use seqcopy_shm::{Error, ErrorKind, MapWriter, Options, Schema, Writer, untyped};
use seqcopy_tests::faults::Place;

type Open = fn(&Path, &Options) -> Result<(), Error>;

/// Each way to open a region for reading, and whether it is one of a map.
const WAYS: [(&str, bool, Open); 11] = [
    ("value", false, |path, options| options.open::<u32>(path).map(drop)),
    ("value by fields", false, |path, options| options.open_by_fields::<u32>(path).map(drop)),
    ("file", false, |path, options| options.open_file::<u32>(path).map(drop)),
    ("bytes", false, |path, options| untyped::Reader::open_with(path, options).map(drop)),
    ("bytes by fields", false, |path, options| {
        untyped::Reader::open_by_fields(path, &Schema::of::<u32>(), options).map(drop)
    }),
    ("region", false, |path, options| options.open_region(path).map(drop)),
    ("file region", false, |path, options| options.open_file_region(path).map(drop)),
    ("map", true, |path, options| options.open_map::<u32, u32>(path).map(drop)),
    ("map by fields", true, |path, options| options.open_map_by_fields::<u32, u32>(path).map(drop)),
    ("entries", true, |path, options| untyped::MapReader::open_with(path, options).map(drop)),
    ("entries by fields", true, |path, options| {
        untyped::MapReader::open_by_fields(path, &Schema::of_map::<u32, u32>(), options).map(drop)
    }),
];

const AN_HOUR: Duration = Duration::from_secs(3600);

/// Creates a region that each way of its kind can open.
fn create(path: &Path, is_map: bool) {
    if is_map {
        MapWriter::<u32, u32>::create(path, 4).map(drop).unwrap();
    } else {
        Writer::<u32>::create(path).map(drop).unwrap();
    }
}

/// Leaves a closed region at a path, as a writer does that may not remove its name.
fn create_closed(path: &Path, is_map: bool) {
    let kept = path.with_extension("kept");
    create(path, is_map);
    std::fs::hard_link(path, &kept).unwrap();
    if is_map {
        MapWriter::<u32, u32>::take_over(path).unwrap().close().unwrap();
    } else {
        Writer::<u32>::take_over(path).unwrap().close().unwrap();
    }
    std::fs::rename(kept, path).unwrap();
}

#[test]
fn without_time_each_way_looks_once() {
    let place = Place::new();
    for (name, is_map, open) in WAYS {
        for time in [Duration::ZERO, Duration::from_millis(20)] {
            let options = Options::new().wait_for_region(time);
            let absent = open(&place.at("absent"), &options).unwrap_err();
            assert!(absent.is_not_found(), "{name}: {absent}");
            let path = place.at("closed");
            create_closed(&path, is_map);
            let closed = open(&path, &options);
            // A region of no type is opened to be looked at, whatever its state is.
            let is_looked_at = name.contains("region");
            assert!(is_looked_at || matches!(closed.unwrap_err().kind(), ErrorKind::Closed), "{name}");
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// A program that is started again may close one type and create another, so the type of a closed region says nothing.
#[test]
fn a_closed_region_is_said_to_be_closed_whatever_its_type_was() {
    let place = Place::new();
    for (name, is_map, open) in WAYS.into_iter().filter(|(name, ..)| !name.contains("region")) {
        let (path, kept) = (place.at("closed"), place.at("kept"));
        if is_map {
            let writer = MapWriter::<u64, [u8; 3]>::create(&path, 4).unwrap();
            assert!(
                name == "entries" || matches!(open(&path, &Options::new()).unwrap_err().kind(), ErrorKind::Type(_)),
                "{name}"
            );
            std::fs::hard_link(&path, &kept).unwrap();
            writer.close().unwrap();
        } else {
            let writer = Writer::<[u8; 3]>::create(&path).unwrap();
            assert!(
                name == "bytes" || matches!(open(&path, &Options::new()).unwrap_err().kind(), ErrorKind::Type(_)),
                "{name}"
            );
            std::fs::hard_link(&path, &kept).unwrap();
            writer.close().unwrap();
        }
        std::fs::rename(kept, &path).unwrap();
        let error = open(&path, &Options::new()).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Closed), "{name}: {error}");
        std::fs::remove_file(&path).unwrap();
        // The next success: what is there now is opened.
        create(&path, is_map);
        open(&path, &Options::new()).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}

#[test]
fn each_way_waits_until_there_is_an_open_region() {
    let place = Place::new();
    for (name, is_map, open) in WAYS {
        for is_closed_before in [false, true] {
            let path = place.at("later");
            if is_closed_before {
                create_closed(&path, is_map);
            }
            thread::scope(|scope| {
                let opened = scope.spawn(|| open(&path, &Options::new().wait_for_region(AN_HOUR)));
                thread::sleep(Duration::from_millis(5));
                if is_closed_before {
                    std::fs::remove_file(&path).unwrap();
                }
                create(&path, is_map);
                opened.join().unwrap().unwrap_or_else(|error| panic!("{name}: {error}"));
            });
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// A wait that could not help is no wait: these would take an hour.
#[test]
fn what_no_time_mends_is_said_at_once() {
    let place = Place::new();
    let patient = Options::new().wait_for_region(AN_HOUR);
    for (name, is_map, open) in WAYS {
        let path = place.at("other");
        create(&path, !is_map);
        let error = open(&path, &patient).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Version(_)), "{name}: {error}");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "no region").unwrap();
        let error = open(&path, &patient).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Header { .. }), "{name}: {error}");
        std::fs::remove_file(path).unwrap();
    }
}
