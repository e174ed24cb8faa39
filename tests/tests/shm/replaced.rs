//! Regions of another type that are replaced, and readers that follow. The table in verify/evidence/faults.md names
//! these tests.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use seqcopy::{ReadError, Validate};
use seqcopy_shm::{
    Error, ErrorKind, FileReader, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Uid, Writer,
    WriterState, path_for_type,
};
use seqcopy_tests::faults::{Beat, Overlay, Peer, Place, Small, Verdict, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// The other type of the peer.
type Large = Beat<8192>;

/// A region with a value and no writer.
fn region<T: Validate + 'static>(path: &Path, value: T) {
    Writer::<T>::create(path).unwrap().write(value).unwrap();
}

fn replace<T: Validate + 'static>(path: &Path) -> Result<Writer<T>, Error> {
    Options::new().replace_other_type(true).open_or_create(path)
}

/// What must be left untouched: the bytes at the path.
#[track_caller]
fn refused(path: &Path, error: &str) {
    let before = fs::read(path).unwrap();
    let said = replace::<u32>(path).unwrap_err();
    assert_eq!(said.path(), Some(path));
    assert!(format!("{:?}", said.kind()).starts_with(error), "{said}");
    assert!(fs::read(path).unwrap() == before, "{error}");
}

#[test]
fn a_region_of_another_type_is_replaced_and_its_readers_learn_it() {
    let place = Place::new();
    let path = place.at("pose");
    region(&path, 5u64);
    let mut old = Reader::<u64>::open(&path).unwrap();
    let old_file = FileReader::<u64>::open(&path).unwrap();
    assert!(matches!(Writer::<u32>::open_or_create(&path).unwrap_err().kind(), ErrorKind::Type(_)));

    let mut writer = replace::<u32>(&path).unwrap();
    assert!(writer.was_created());
    assert_eq!((old.read(), old_file.read()), (Err(ReadValueError::Closed), Err(ReadValueError::Closed)));
    assert_eq!(old.writer_state(), WriterState::Gone);
    assert!(old.region().is_removed());
    let error = old.reopen_if_removed().unwrap_err();
    assert_eq!(error.path(), Some(&*path));
    assert!(error.to_string().contains("the type: u32 there, u64 here"), "{error}");
    assert_eq!(old.read(), Err(ReadValueError::Closed), "as it was");
    writer.write(7).unwrap();
    assert_eq!(Reader::<u32>::open(&path).unwrap().read(), Ok(7));
    assert_eq!(place.names(), ["pose"]);

    // One of this type is taken over, as without the option.
    drop(writer);
    assert!(!replace::<u32>(&path).unwrap().was_created());
    // Back again.
    let mut writer = replace::<u64>(&path).unwrap();
    assert_eq!(old.reopen_if_removed().map_err(|error| error.to_string()), Ok(true));
    assert_eq!(old.read(), Err(ReadValueError::NoValue(ReadError::Empty)));
    writer.write(9).unwrap();
    assert_eq!(old.read(), Ok(9));
    assert!(!old.reopen_if_removed().unwrap());
    // And by the way that a writer without the option has.
    writer.close().unwrap();
    assert!(!old.reopen_if_removed().unwrap());
    region(&path, 10u64);
    assert!(old.reopen_if_removed().unwrap());
    assert_eq!(old.read(), Ok(10));
}

#[test]
fn maps_and_values_replace_each_other() {
    let place = Place::new();
    let path = place.at("table");
    let options = Options::new().replace_other_type(true);
    region(&path, 5u64);
    let value = Reader::<u64>::open(&path).unwrap();
    let mut map: MapWriter<u32, u32> = options.open_or_create_map(&path, 10).unwrap();
    map.insert(1, 2).unwrap();
    assert_eq!(value.read(), Err(ReadValueError::Closed));
    assert!(matches!(value.region().replacement().unwrap_err().kind(), ErrorKind::Version(_)));
    let mut reader = MapReader::<u32, u32>::open(&path).unwrap();
    assert!(!reader.reopen_if_removed().unwrap());
    drop(map);

    // Other values.
    let mut map: MapWriter<u32, u64> = options.open_or_create_map(&path, 10).unwrap();
    assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
    let error = reader.reopen_if_removed().unwrap_err();
    assert!(error.to_string().contains("`value`: u64 there, u32 here"), "{error}");
    map.insert(1, 3).unwrap();
    drop(map);
    let mut map: MapWriter<u32, u32> = options.open_or_create_map(&path, 10).unwrap();
    map.insert(1, 4).unwrap();
    assert!(reader.reopen_if_removed().unwrap());
    assert_eq!(reader.get(&1), Ok(Some(4)));
    drop(map);

    drop(replace::<u64>(&path).unwrap());
    assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
    assert_eq!(place.names(), ["table"]);
}

#[test]
fn what_has_a_writer_or_is_no_region_is_refused_and_stays_as_it_is() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<u64>::create(&path).unwrap();
    writer.write(1).unwrap();
    refused(&path, "AlreadyWriter");
    drop(writer);
    let mut peer = Peer::start(PEER);
    peer.must(&format!("replace_large {}", path.display()));
    peer.must("write_large 1");
    refused(&path, "Writer(Alive");
    assert!(!Reader::<Large>::open(&path).unwrap().region().is_closed());
    drop(peer);

    fs::write(place.at("text"), "not a region").unwrap();
    refused(&place.at("text"), "Header {");
    let mut bytes = fs::read(&path).unwrap();
    bytes[8] = 9; // the version of its format
    fs::write(place.at("version"), &bytes).unwrap();
    refused(&place.at("version"), "Version(this is a region of another version: format 1 expected, format 9 found");
    let link = place.at("link");
    symlink(&path, &link).unwrap();
    refused(&link, "SymbolicLink");
    assert!(!Region::open(&path).unwrap().is_closed());
    assert_eq!(place.names(), ["link", "pose", "text", "version"]);
}

#[test]
fn what_can_not_be_replaced_is_not_closed() {
    let place = Place::new();
    let directory = place.at("full");
    if let Some(full) = Overlay::tmpfs(&directory, "size=64k,nr_inodes=8") {
        let path = directory.join("region");
        region(&path, 5u64);
        let error = replace::<Large>(&path).unwrap_err();
        assert!(error.to_string().contains("nothing was left behind"), "{error}");
        assert_eq!(Reader::<u64>::open(&path).unwrap().read(), Ok(5));
        assert_eq!(full.names(), ["region"]);
    } else {
        seqcopy_tests::skipped("this process may not mount a tmpfs");
    }
    // Everyone may write the region, but not give away its name.
    if is_root() {
        let directory = place.at("sticky");
        fs::create_dir(&directory).unwrap();
        fs::set_permissions(&directory, Permissions::from_mode(0o1777)).unwrap();
        let path = directory.join("region");
        region(&path, 5u64);
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        let mut peer = Peer::start(PEER);
        peer.must("user 23456");
        let said = peer.ask(&format!("replace {}", path.display()));
        assert!(said.contains("cannot replace it by a new region: Operation not permitted"), "{said}");
        assert_eq!(Reader::<u64>::open(&path).unwrap().read(), Ok(5));
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }
}

/// Killed between any two system calls: the path leads to the old region, or to a complete new one, and
/// the next program that starts closes and removes what else was left.
#[test]
fn a_process_that_is_killed_while_it_replaces_leaves_one_of_the_two() {
    let place = Place::new();
    let path = place.at("pose");
    let (mut replaced, mut left) = (0, 0);
    for steps in 1.. {
        drop(replace::<u64>(&path).unwrap());
        let mut old = Reader::<u64>::open(&path).unwrap();
        let mut peer = Peer::start(PEER);
        let _ = peer.ask("state?");
        let Some(is_there) = peer.step(&format!("replace {}", path.display()), steps) else { return };
        peer.kill();
        let now = Region::open_file(&path).unwrap();
        match now.schema().layout().name() {
            "u64" => {
                let unchanged = (Err(ReadValueError::NoValue(ReadError::Empty)), Ok(false));
                assert_eq!((old.read(), now.is_closed()), unchanged, "{steps}");
            }
            name => {
                assert_eq!((name, now.is_closed()), ("Beat", Ok(false)), "{steps}");
                left += u64::from(old.read() != Err(ReadValueError::Closed));
                assert!(matches!(old.reopen_if_removed().unwrap_err().kind(), ErrorKind::Type(_)), "{steps}");
                replaced += 1;
            }
        }
        assert!(place.names().len() <= 2, "{steps}: {:?}", place.names());
        let mut next = replace::<Small>(&path).unwrap();
        assert_eq!(old.read(), Err(ReadValueError::Closed), "{steps}: no reader is left behind");
        assert_eq!(place.names(), ["pose"], "{steps}: the name that was left is gone");
        next.write(Beat::of(1)).unwrap();
        assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(1)), "{steps}");
        if !is_there {
            break;
        }
    }
    assert!(replaced > left && left > 0, "{replaced} {left}");
}

/// Whatever another program has put next to a path under such a name, and whatever the path is called.
#[test]
fn what_lies_beside_a_path_blocks_no_replacement_and_stays() {
    let place = Place::new();
    let mut first = 1;
    for name in ["pose".to_owned(), "n".repeat(255)] {
        let path = place.at(&name);
        region(&path, 5u64);
        // The name that a killed process leaves, and so the first part of each.
        let left = || place.names().into_iter().find(|other| other.starts_with('.'));
        for steps in first.. {
            let mut peer = Peer::start(PEER);
            let _ = peer.ask("state?");
            let Some(is_there) = peer.step(&format!("replace {}", path.display()), steps) else { return };
            peer.kill();
            if left().is_some() {
                // With the next name, it does the same until then.
                first = steps;
                break;
            }
            assert!(is_there, "it ends without a name next to the path");
        }
        let left = left().unwrap();
        assert!(left.len() < 64, "{left}");
        let beside = |ending: &str| path.with_file_name(format!("{}{ending}", &left[..left.len() - 16]));
        fs::create_dir(beside("directory")).unwrap();
        // The next name is another one.
        fs::remove_file(place.at(&left)).unwrap();
        fs::create_dir(place.at(&left)).unwrap();
        symlink(&path, beside("link")).unwrap();
        fs::write(beside("text"), "not a region").unwrap();
        let mut writer = Writer::<u64>::create(beside("written")).unwrap();
        writer.write(6).unwrap();
        let mut others = vec!["directory", "link", "text", "written"];
        // A region with another name: it is in use by that.
        drop(Writer::<u64>::create(place.at("own")).unwrap());
        fs::hard_link(place.at("own"), beside("second")).unwrap();
        others.insert(2, "second");
        if is_root() {
            Writer::<u64>::create(beside("foreign")).unwrap();
            std::os::unix::fs::chown(beside("foreign"), Some(23456), None).unwrap();
            others.insert(1, "foreign");
        }

        drop(replace::<u32>(&path).unwrap());
        assert_eq!(Reader::<u32>::open(&path).unwrap().read(), Err(ReadValueError::NoValue(ReadError::Empty)));
        let mut there: Vec<_> = place.names().into_iter().filter(|other| other.starts_with('.')).collect();
        there.sort();
        let mut expected: Vec<_> = others.iter().map(|ending| beside(ending)).collect();
        expected.push(place.at(&left));
        expected.sort();
        assert_eq!(there, expected.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect::<Vec<_>>());
        assert_eq!(writer.read(), Ok(6));
        assert!(!Region::open(place.at("own")).unwrap().is_closed(), "in use by its other name");
        writer.close().unwrap();
        for other in expected {
            let _ = fs::remove_file(&other).or_else(|_| fs::remove_dir(&other));
        }
        fs::remove_file(place.at("own")).unwrap();
        fs::remove_file(&path).unwrap();
    }
}

/// Two processes with one new type start together: one replaces, the other gets `Writer`.
#[test]
fn of_two_processes_that_start_together_one_replaces() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peers = [Peer::start(PEER), Peer::start(PEER)];
    for round in 0..60 {
        drop(replace::<u64>(&path).unwrap());
        let at = SystemTime::UNIX_EPOCH.elapsed().unwrap() + Duration::from_micros(300);
        let order = format!("replace {} {}", path.display(), at.as_nanos());
        for peer in &mut peers {
            peer.tell(&order);
        }
        let said = peers.each_mut().map(|peer| peer.answer(&order));
        let winner = usize::from(said[1] == "ok");
        assert_eq!(said[winner], "ok", "round {round}: {said:?}");
        assert!(said[1 - winner].contains("| Writer("), "round {round}: {said:?}");
        peers[winner].must(&format!("write {round}"));
        assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(round)));
        peers[winner].must("drop");
    }
    assert_eq!(place.names(), ["pose"]);
}

/// A reader of one of two types, which takes the other one where it finds that.
enum Either {
    Small(Reader<Small>),
    Large(Reader<Large>),
}

impl Either {
    fn open(path: &Path) -> Option<Either> {
        let small = Reader::open(path).map(Either::Small);
        small.or_else(|_| Reader::open(path).map(Either::Large)).ok()
    }

    /// What was read, if there is a value.
    fn read(&mut self, path: &Path) -> Option<Verdict> {
        fn verdict<const N: usize>(reader: &mut Reader<Beat<N>>) -> Result<Option<Verdict>, Error> {
            match reader.read() {
                Ok(value) => Ok(Some(value.number().map_or(Verdict::Torn, Verdict::Whole))),
                Err(_) => reader.reopen_if_removed().map(|_| None),
            }
        }
        let read = match self {
            Either::Small(reader) => verdict(reader),
            Either::Large(reader) => verdict(reader),
        };
        match read {
            Ok(read) => return read,
            Err(error) => assert!(matches!(error.kind(), ErrorKind::Type(_)), "{error}"),
        }
        if let Some(other) = Either::open(path) {
            *self = other;
        }
        None
    }
}

/// A program that is killed and started again with the other of two types: `SEQCOPY_REPLACEMENTS` rounds.
#[test]
fn every_reader_follows_a_program_whose_type_changes() {
    let rounds = std::env::var("SEQCOPY_REPLACEMENTS").map_or(40, |rounds| rounds.parse().unwrap());
    let place = Place::new();
    let path = &place.at("pose");
    region(path, Beat::<16>::of(0));
    let (torn, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let newest = [const { AtomicU64::new(0) }; 4];
    thread::scope(|scope| {
        for seen in &newest {
            scope.spawn(|| {
                let mut reader = Either::open(path).unwrap();
                while !done.load(SeqCst) {
                    match reader.read(path) {
                        Some(Verdict::Whole(number)) => _ = seen.fetch_max(number, SeqCst),
                        Some(_) => _ = torn.fetch_add(1, SeqCst),
                        None => thread::yield_now(),
                    }
                }
            });
        }
        for round in 1..=rounds {
            let mut peer = Peer::start(PEER);
            let suffix = if round % 2 == 1 { "_large" } else { "" };
            peer.must(&format!("replace{suffix} {}", path.display()));
            peer.must(&format!("write{suffix} {round}"));
            let began = Instant::now();
            while newest.iter().any(|seen| seen.load(SeqCst) < round) {
                if began.elapsed() > Duration::from_secs(30) {
                    done.store(true, SeqCst);
                    panic!("round {round}: a reader is blocked: {newest:?}");
                }
                thread::sleep(Duration::from_micros(200));
            }
            peer.kill();
        }
        done.store(true, SeqCst);
    });
    assert_eq!(torn.into_inner(), 0);
    assert_eq!(place.names(), ["pose"]);
}

#[test]
fn paths_of_types_differ() {
    assert_ne!(path_for_type::<u64>("pose"), path_for_type::<[u64; 2]>("pose"));
    assert!(path_for_type::<u64>("pose").to_str().unwrap().starts_with("/dev/shm/pose-"));
    // Sixteen digits, also where the first of them are zeros.
    macro_rules! digits {
        ($($len:literal)*) => { [$(path_for_type::<[u8; $len]>("pose")),*] };
    }
    let all = digits! { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 };
    let names = all.each_ref().map(|path| path.to_str().unwrap().strip_prefix("/dev/shm/pose-").unwrap());
    assert!(names.iter().all(|name| name.len() == 16), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with('0')), "one of them shows it");
}

/// What would be refused the next time takes the place of no region, neither of one of another type nor of a smaller
/// one.
#[test]
fn what_its_own_options_would_refuse_replaces_none() {
    let place = Place::new();
    let (path, slice) = (place.at("pose"), place.at("slice"));
    region(&path, 5u32);
    Options::new().capacity(2).create::<[u16]>(&slice).unwrap().write_from(&[1, 2]).unwrap();
    let options = Options::new().require_owner(Uid::effective()).mode(0o664).replace_other_type(true);
    let larger = options.clone().replace_smaller(true).capacity(3);
    // SAFETY: a number that the system keeps. The other tests here make no files that others may write.
    let before = unsafe { nix::libc::umask(0) };
    let errors = [options.open_or_create::<u64>(&path).map(drop), larger.open_or_create::<[u16]>(&slice).map(drop)];
    // SAFETY: as above.
    unsafe { nix::libc::umask(before) };
    for error in errors.map(Result::unwrap_err) {
        assert!(matches!(error.kind(), ErrorKind::Permissions { mode: 0o664, .. }), "{error}");
    }
    assert_eq!((place.names().len(), Reader::<u32>::open(&path).unwrap().read()), (2, Ok(5)));
    let mut elements = [0; 2];
    assert_eq!(Reader::<[u16]>::open(&slice).unwrap().read_to_slice(&mut elements), Ok(2));
}
