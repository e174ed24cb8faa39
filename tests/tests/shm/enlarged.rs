//! Programs that are started again with a larger capacity: slices and maps. The table in verify/evidence/faults.md
//! names these tests.

use std::fs::{self, File};
use std::num::NonZeroU32;
use std::os::unix::fs::{FileExt, MetadataExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use seqcopy::{ReadError, SeqVec, Version};
use seqcopy_shm::{
    ChangeError, Error, ErrorKind, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Writer, untyped,
    untyped::FileMap,
};
use seqcopy_tests::faults::{Overlay, Peer, Place};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

type Map = MapWriter<u64, u64>;

/// A region with this slice and no writer.
fn slice(path: &Path, buffers: u32, elements: &[u64]) {
    let options = Options::new().buffers(buffers).capacity(elements.len());
    options.create::<[u64]>(path).unwrap().write_from(elements).unwrap();
}

fn enlarge(path: &Path, capacity: usize) -> Result<Writer<[u64]>, Error> {
    Options::new().capacity(capacity).replace_smaller(true).open_or_create(path)
}

fn enlarge_map(path: &Path, capacity: usize) -> Result<Map, Error> {
    Options::new().replace_smaller(true).open_or_create_map(path, capacity)
}

fn read(reader: &Reader<[u64]>) -> Vec<u64> {
    let mut elements = Vec::new();
    reader.read_to_vec(&mut elements).unwrap();
    elements
}

/// What a map has, in order, with the generation that set each.
fn entries(reader: &MapReader<u64, u64>) -> Vec<(u64, u64, u64)> {
    let view = reader.view();
    let mut entries: Vec<_> = view
        .changed_since(Version::NEVER)
        .map(|entry| entry.map(|(key, value, at)| (key, value, at.to_bits())).unwrap())
        .collect();
    entries.sort_unstable();
    assert_eq!(view.len(), Ok(entries.len()));
    for (key, value, at) in &entries {
        assert_eq!(view.get_versioned(key).unwrap().map(|(value, at)| (value, at.to_bits())), Some((*value, *at)));
    }
    entries
}

#[test]
fn a_slice_gets_a_larger_region_and_its_readers_go_on() {
    let place = Place::new();
    for (from, to) in [(1, 2), (2, 1), (2, 4), (4, 2), (1, 1)] {
        let path = place.at(&format!("slice-{from}-{to}"));
        let mut writer = Options::new().buffers(from).capacity(3).create::<[u64]>(&path).unwrap();
        (1..=5).for_each(|last| writer.write_from(&[7, 8, last]).unwrap());
        let mut reader = Reader::<[u64]>::open(&path).unwrap();
        let (known, error) = (writer.version(), writer.write_from(&[1; 4]).unwrap_err());
        assert!(error.to_string().contains("`Options::replace_smaller`"), "{error}");
        drop(writer);

        let options = Options::new().buffers(to).capacity(9);
        assert_eq!(options.open_or_create::<[u64]>(&path).unwrap().capacity(), 3, "without the option");
        let mut writer = options.replace_smaller(true).open_or_create::<[u64]>(&path).unwrap();
        assert_eq!((writer.was_created(), writer.capacity(), writer.region().header().buffers()), (false, 9, to));
        assert_eq!(reader.read_to_vec(&mut Vec::new()), Err(ReadValueError::Closed));
        assert!(reader.reopen_if_removed().unwrap());
        assert_eq!((read(&reader), reader.version(), writer.version()), (vec![7, 8, 5], known, known));
        let mut seen = known;
        assert_eq!(reader.read_if_changed(&mut seen, &mut Vec::new()), Ok(false));
        writer.write_from(&[4; 9]).unwrap();
        assert_eq!((read(&reader), reader.version().writes_since(known)), (vec![4; 9], 1));
        drop(writer);

        // With less, or as much, it is taken over as it is.
        let inode = || fs::metadata(&path).unwrap().ino();
        let before = inode();
        for capacity in [0, 1, 9] {
            let writer = enlarge(&path, capacity).unwrap();
            assert_eq!((writer.was_created(), writer.capacity(), inode()), (false, 9, before));
        }
        assert_eq!(read(&reader), [4; 9]);
    }
    let names: Vec<_> = place.names().into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(names, [""; 0]);
}

/// What has no whole and valid slice gives none, but its version.
#[test]
fn a_slice_that_is_damaged_or_unfinished_is_not_copied() {
    let place = Place::new();
    let number = |number| NonZeroU32::new(number).unwrap();
    let options = |capacity| Options::new().buffers(1).capacity(capacity).replace_smaller(true);
    let at = |name: &str| {
        let path = place.at(name);
        let mut writer = options(2).open_or_create::<[NonZeroU32]>(&path).unwrap();
        assert!(writer.was_created());
        writer.write_from(&[number(5), number(6)]).unwrap();
        (path.clone(), File::options().write(true).open(path).unwrap())
    };
    let (whole, _) = at("whole");
    let writer = options(40).open_or_create::<[NonZeroU32]>(&whole).unwrap();
    let region = Region::open(&whole).unwrap();
    let (bytes, _) = region.read_bytes().unwrap();
    assert_eq!(region.schema().validate(&bytes).map_err(|error| error.to_string()), Ok(()));
    assert_eq!((bytes[..4].to_vec(), writer.capacity()), (2u32.to_ne_bytes().to_vec(), 40));

    let none = |path: &Path, buffers, is_expected: fn(&ReadValueError) -> bool| {
        let mut known = Version::NEVER;
        let mut reader = Reader::<[NonZeroU32]>::open(path).unwrap();
        let published = reader.version();
        // As a reader has it that has seen the last slice, before it was damaged.
        if published.to_bits() != 0 {
            known = published;
        }
        let mut writer = options(40).buffers(buffers).open_or_create::<[NonZeroU32]>(path).unwrap();
        assert!(reader.reopen_if_removed().unwrap());
        let said = reader.read_to_vec(&mut Vec::new()).unwrap_err();
        assert!(is_expected(&said), "{path:?}, {buffers} buffers: {said:?}");
        assert_eq!((writer.capacity(), reader.version()), (40, published));
        writer.write_from(&[number(9); 40]).unwrap();
        assert_eq!(reader.read_range(39..40, &mut [number(1)]), Ok(()));
        let mut seen = Vec::new();
        assert_eq!(reader.read_if_changed(&mut known, &mut seen), Ok(true), "{path:?}, {buffers} buffers");
        assert_eq!((seen.len(), known.writes_since(published)), (40, 1));
    };
    for buffers in [1, 2] {
        let is_none: fn(&ReadValueError) -> bool = match buffers {
            1 => |said| *said == ReadValueError::NoValue(ReadError::Busy),
            _ => |said| matches!(said, ReadValueError::Invalid(_)),
        };
        let (invalid, file) = at(&format!("invalid-{buffers}"));
        file.write_all_at(&[0; 4], 256 + 64).unwrap();
        none(&invalid, buffers, is_none);
        let (unfinished, file) = at(&format!("unfinished-{buffers}"));
        file.write_all_at(&7u64.to_ne_bytes(), 192).unwrap();
        none(&unfinished, buffers, is_none);
        let (long, file) = at(&format!("long-{buffers}"));
        file.write_all_at(&3u32.to_ne_bytes(), 256).unwrap();
        none(&long, buffers, is_none);
        let empty = place.at(&format!("empty-{buffers}"));
        drop(options(2).create::<[NonZeroU32]>(&empty).unwrap());
        none(&empty, buffers, |said| *said == ReadValueError::NoValue(ReadError::Empty));
    }
}

#[test]
fn a_map_gets_a_larger_region_and_keeps_its_entries() {
    let place = Place::new();
    for (from, to) in [(2, 2), (2, 4), (8, 2)] {
        let path = place.at(&format!("map-{from}-{to}"));
        let mut map: Map = Options::new().buffers(from).create_map(&path, 50).unwrap();
        // With chains that removals have moved.
        (0..56).for_each(|key| _ = map.insert(key, key * 3).unwrap());
        let error = map.insert(99, 0).unwrap_err();
        assert!(error == ChangeError::Full && error.to_string().contains("`Options::replace_smaller`"), "{error}");
        (0..56).step_by(3).for_each(|key| _ = map.remove(&key).unwrap());
        let mut reader = MapReader::<u64, u64>::open(&path).unwrap();
        let (before, known) = (entries(&reader), reader.generation());
        let seed = map.region().header().seed();
        drop(map);

        let options = Options::new().buffers(to);
        let map: Map = options.open_or_create_map(&path, 1000).unwrap();
        assert_eq!((map.region().header().slots(), map.len()), (64, before.len()), "without the option");
        let known = known.to_bits().max(map.generation().to_bits());
        drop(map);
        // A table in which many are found after others.
        let map: Map = options.clone().replace_smaller(true).open_or_create_map(&path, 100).unwrap();
        assert_eq!((map.region().header().slots(), map.len()), (128, before.len()));
        drop(map);
        let mut map: Map = options.replace_smaller(true).open_or_create_map(&path, 1000).unwrap();
        assert_eq!(
            (map.was_created(), map.region().header().slots(), map.region().header().buffers()),
            (false, 2048, to)
        );
        assert_eq!((map.len(), map.region().header().seed() == seed), (before.len(), false));
        assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
        assert!(reader.reopen_if_removed().unwrap());
        assert_eq!(entries(&reader), before);
        // Generations go on: one that a reader knows stays known.
        assert!((known..known + 8).contains(&reader.generation().to_bits()));
        assert_eq!(reader.view().changed_since(Version::from_bits(known)).count(), 0);
        let known = reader.generation();
        map.insert(7, 1).unwrap();
        let changed: Vec<_> = reader.view().changed_since(known).map(Result::unwrap).collect();
        assert_eq!(changed, [(7, 1, reader.generation())]);
        (1000..2500).for_each(|key| _ = map.insert(key, key).unwrap());
        assert_eq!((map.len(), map.get_all_right()), (before.len() + 1500, true));
        drop(map);
        let inode = || fs::metadata(&path).unwrap().ino();
        let there = inode();
        for capacity in [3, 1000, 1792] {
            let map = enlarge_map(&path, capacity).unwrap();
            assert_eq!((map.region().header().slots(), map.len(), inode()), (2048, before.len() + 1500, there));
        }
    }
    let names: Vec<_> = place.names().into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(names, [""; 0]);
}

/// Whether every entry that an iteration finds is found by its key.
trait AllRight {
    fn get_all_right(&self) -> bool;
}

impl AllRight for Map {
    fn get_all_right(&self) -> bool {
        let view = self.view();
        view.iter().all(|entry| entry.is_ok_and(|(key, value)| view.get(&key) == Ok(Some(value))))
    }
}

#[test]
fn a_map_of_a_schema_gets_a_larger_region_too() {
    let place = Place::new();
    let path = place.at("map");
    let mut map: Map = Options::new().create_map(&path, 7).unwrap();
    (0..7).for_each(|key| _ = map.insert(key, key + 10).unwrap());
    let mut reader = MapReader::<u64, u64>::open(&path).unwrap();
    let (before, known) = (entries(&reader), reader.generation());
    let schema = FileMap::open(&path).unwrap().region().schema().clone();
    drop(map);
    let options = Options::new();
    let open = |options: &Options, slots| untyped::MapWriter::open_or_create(&path, &schema, slots, options).unwrap();
    assert_eq!(open(&options, 64).region().header().slots(), 8, "without the option");
    let options = options.replace_smaller(true);
    let mut writer = open(&options, 64);
    assert_eq!((writer.region().header().slots(), writer.len(), writer.generation()), (64, 7, known));
    assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
    assert!(reader.reopen_if_removed().unwrap());
    assert_eq!(entries(&reader), before);
    let entry = [70u64.to_ne_bytes(), 71u64.to_ne_bytes()];
    for _ in 0..3 {
        writer.change([(&entry[0][..], &entry[1][..])].into_iter(), [].into_iter()).unwrap();
    }
    assert_eq!((reader.get(&70), entries(&reader).len()), (Ok(Some(71)), 8));
    drop(writer);
    assert_eq!(open(&options, 8).region().header().slots(), 64);
    assert_eq!(place.names(), ["map"]);
}

#[test]
fn what_may_not_be_enlarged_stays_as_it_is() {
    let place = Place::new();
    let path = place.at("slice");
    slice(&path, 2, &[1, 2]);
    let before = fs::read(&path).unwrap();
    // Another type needs the other option.
    let options = Options::new().capacity(9).replace_smaller(true);
    assert!(matches!(options.open_or_create::<[u32]>(&path).unwrap_err().kind(), ErrorKind::Type(_)));
    assert!(matches!(enlarge_map(&path, 9).unwrap_err().kind(), ErrorKind::Version(_)));
    let link = place.at("link");
    symlink(&path, &link).unwrap();
    let error = enlarge(&link, 9).unwrap_err();
    assert!(matches!((error.kind(), error.path()), (ErrorKind::SymbolicLink, Some(path)) if path == link), "{error}");
    assert!(enlarge(&link, 2).is_ok(), "as large as it is");
    assert!(!Region::open(&path).unwrap().is_closed());
    assert_eq!(fs::read(&path).unwrap()[256..], before[256..]);

    let mut peer = Peer::start(PEER);
    peer.must(&format!("enlarge {} 2", path.display()));
    let error = enlarge(&path, 9).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Writer(_)), "{error}");
    drop(peer);

    // A value has one size, whatever the capacity.
    let vec = place.at("vec");
    drop(options.create::<SeqVec<u8, 4>>(&vec).unwrap());
    let inode = fs::metadata(&vec).unwrap().ino();
    drop(options.open_or_create::<SeqVec<u8, 4>>(&vec).unwrap());
    assert_eq!(fs::metadata(&vec).unwrap().ino(), inode);
    assert_eq!(place.names(), ["link", "slice", "vec"]);

    let directory = place.at("full");
    if let Some(full) = Overlay::tmpfs(&directory, "size=64k,nr_inodes=8") {
        let path = directory.join("region");
        slice(&path, 2, &[1, 2]);
        let error = enlarge(&path, 100_000).unwrap_err();
        assert!(error.to_string().contains("nothing was left behind"), "{error}");
        assert_eq!(read(&Reader::open(&path).unwrap()), [1, 2]);
        assert_eq!(full.names(), ["region"]);
    } else {
        seqcopy_tests::skipped("this process may not mount a tmpfs");
    }
}

/// Killed after each step: the path leads to the old region or to the new one, whole, and the next program goes on with
/// what is there; its readers are not left behind.
#[test]
fn a_process_that_is_killed_while_it_enlarges_loses_nothing() {
    let place = Place::new();
    for kind in ["enlarge", "enlarge_map"] {
        let path = place.at("table");
        let (mut enlarged, mut left) = (0, 0);
        for steps in 1.. {
            let _ = fs::remove_file(&path);
            let mut map: Option<MapReader<u64, u64>> = None;
            let mut old: Option<Reader<[u64]>> = None;
            if kind == "enlarge" {
                slice(&path, 2, &[3, 4, 5]);
                old = Some(Reader::open(&path).unwrap());
            } else {
                let mut writer: Map = Options::new().create_map(&path, 7).unwrap();
                (0..7).for_each(|key| _ = writer.insert(key, key).unwrap());
                map = Some(MapReader::open(&path).unwrap());
            }
            let before = map.as_ref().map(entries);
            let mut peer = Peer::start(PEER);
            let _ = peer.ask("state?");
            let Some(is_there) = peer.step(&format!("{kind} {} 60", path.display()), steps) else { return };
            peer.kill();
            let is_large = if let Some(map) = &map {
                let now = MapReader::<u64, u64>::open(&path).unwrap();
                assert_eq!(Some(entries(&now)), before, "{steps}");
                let is_large = now.region().header().slots() == 128;
                left += u64::from(is_large && map.get(&1).is_ok());
                is_large
            } else {
                let now = Reader::<[u64]>::open(&path).unwrap();
                assert_eq!(read(&now), [3, 4, 5], "{steps}");
                let is_large = now.capacity() == 60;
                left += u64::from(is_large && old.as_ref().unwrap().read_to_slice(&mut [0; 3]).is_ok());
                is_large
            };
            enlarged += u64::from(is_large);
            assert!(place.names().len() <= 2, "{steps}: {:?}", place.names());
            if let Some(mut reader) = map {
                let mut next = enlarge_map(&path, 60).unwrap();
                assert_eq!((next.len(), next.region().header().slots()), (7, 128), "{steps}");
                assert_eq!(reader.get(&1), Err(ReadValueError::Closed), "{steps}");
                assert!(reader.reopen_if_removed().unwrap());
                assert_eq!(Some(entries(&reader)), before, "{steps}");
                (7..60).for_each(|key| _ = next.insert(key, key).unwrap());
                assert_eq!(reader.get(&59), Ok(Some(59)));
            }
            if let Some(mut reader) = old {
                let mut next = enlarge(&path, 60).unwrap();
                assert_eq!(reader.read_to_vec(&mut Vec::new()), Err(ReadValueError::Closed), "{steps}");
                assert!(reader.reopen_if_removed().unwrap());
                assert_eq!((read(&reader), reader.version().to_bits()), (vec![3, 4, 5], 1), "{steps}");
                next.write_from(&[6; 60]).unwrap();
                assert_eq!(read(&reader), [6; 60]);
            }
            assert_eq!(place.names(), ["table"], "{steps}: the name that was left is gone");
            if !is_there {
                break;
            }
        }
        fs::remove_file(&path).unwrap();
        assert!(enlarged > left && left > 0, "{kind}: {enlarged} {left}");
    }
}

/// While the larger region is made, which may take long, the path is removed by hand, and another program creates a
/// region there: that keeps the path, whichever step the first program has got to.
#[test]
fn a_region_that_is_created_meanwhile_keeps_its_path() {
    let place = Place::new();
    let path = place.at("table");
    for steps in 1.. {
        slice(&path, 2, &[3, 4, 5]);
        let mut peer = Peer::start(PEER);
        let _ = peer.ask("state?");
        let order = format!("enlarge {} 60", path.display());
        let Some(is_there) = peer.step(&order, steps) else { return };
        fs::remove_file(&path).unwrap();
        let mut live = Options::new().capacity(100).create::<[u64]>(&path).unwrap();
        live.write_from(&[7; 100]).unwrap();
        if is_there {
            peer.release();
            // It finds a writer at the path, or has finished before.
            let answer = peer.answer(&order);
            assert!(answer == "ok" || answer.contains("another process is the writer"), "{steps}: {answer}");
        }
        assert_eq!(read(&Reader::open(&path).unwrap()), [7; 100], "{steps}");
        peer.kill();
        live.write_from(&[8; 100]).unwrap();
        assert_eq!(read(&Reader::open(&path).unwrap()), [8; 100], "{steps}");
        live.close().unwrap();
        assert!(!path.exists(), "{steps}");
        // What is left under another name goes with the next start.
        drop(enlarge(&path, 60).unwrap());
        assert_eq!(place.names(), ["table"], "{steps}");
        fs::remove_file(&path).unwrap();
        if !is_there {
            break;
        }
    }
}

/// Two programs start together: one enlarges, and the other finds a writer.
#[test]
fn of_two_processes_that_start_together_one_enlarges() {
    let place = Place::new();
    let path = place.at("table");
    let mut peers = [Peer::start(PEER), Peer::start(PEER)];
    for round in 0..60u64 {
        let _ = fs::remove_file(&path);
        let is_map = round % 2 == 0;
        if is_map {
            Options::new().create_map::<u64, u64>(&path, 7).unwrap().insert(round, 1).unwrap();
        } else {
            slice(&path, 2, &[round, round]);
        }
        let at = (SystemTime::UNIX_EPOCH.elapsed().unwrap() + Duration::from_micros(300)).as_nanos();
        let kind = if is_map { "enlarge_map" } else { "enlarge" };
        // Both sizes are larger than what is there.
        let orders = [50, 500].map(|capacity| format!("{kind} {} {capacity} {at}", path.display()));
        for (peer, order) in peers.iter_mut().zip(&orders) {
            peer.tell(order);
        }
        let mut orders = orders.iter();
        let said = peers.each_mut().map(|peer| peer.answer(orders.next().unwrap()));
        let winner = usize::from(said[1] == "ok");
        assert_eq!(said[winner], "ok", "round {round}: {said:?}");
        assert!(said[1 - winner].contains("| Writer("), "round {round}: {said:?}");
        if is_map {
            let reader = MapReader::<u64, u64>::open(&path).unwrap();
            assert_eq!((reader.get(&round), reader.region().header().slots()), (Ok(Some(1)), [64, 1024][winner]));
        } else {
            let reader = Reader::<[u64]>::open(&path).unwrap();
            assert_eq!((read(&reader), reader.capacity()), (vec![round, round], [50, 500][winner]));
        }
        peers[winner].must("drop");
        assert_eq!(place.names(), ["table"]);
    }
}
