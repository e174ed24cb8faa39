//! File systems that have no files without a name, or can't exchange two names: new regions have a temporary name
//! there, and what they replace loses its own. What users see is the same. The table in verify/evidence/faults.md names
//! these tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use seqcopy::ReadError;
use seqcopy_shm::{
    Error, ErrorKind, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Writer, WriterState,
};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, refuse_exchange, refuse_nameless};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

const NO_EXCHANGE: (bool, bool) = (true, false);
const NO_NAMELESS: (bool, bool) = (false, true);
const NEITHER: (bool, bool) = (false, false);

/// Runs it on file systems that have nameless files, exchange names, or don't, in a thread and with processes for which
/// the system is so.
fn on_each(systems: &[(bool, bool)], body: fn(&Place, bool)) {
    for &(nameless, exchanges) in systems {
        let thread = std::thread::spawn(move || {
            if !nameless {
                refuse_nameless();
            }
            if !exchanges {
                refuse_exchange();
            }
            body(&Place::new(), exchanges);
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    }
}

fn replace(path: &Path) -> Result<Writer<Small>, Error> {
    Options::new().replace_other_type(true).open_or_create(path)
}

#[test]
fn regions_are_created_and_put_back_and_leave_nothing() {
    on_each(&[NO_EXCHANGE, NO_NAMELESS, NEITHER], |place, _| {
        let path = place.at("pose");
        let mut writer = Options::new().mode(0o640).create::<u64>(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        writer.write(5).unwrap();
        let error = Writer::<u64>::create(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Exists { is_region: true, .. }), "{error}");
        // More than there is space for: refused when there is a file.
        let error = Options::new().capacity(1 << 31).create::<[[u64; 1024]]>(place.at("large")).unwrap_err();
        assert!(error.to_string().contains("nothing was left behind"), "{error}");
        assert_eq!(place.names(), ["pose"]);

        let mut reader = Reader::<u64>::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap());
        assert!(reader.reopen_if_removed().unwrap());
        assert_eq!((reader.read(), place.names()), (Ok(5), vec!["pose".to_owned()]));
        writer.close().unwrap();
        assert_eq!((reader.read(), place.names()), (Err(ReadValueError::Closed), vec![]));
        // A name that ends with a closed region, too, is free.
        drop(Writer::<u64>::open_or_create(&path).unwrap());
        assert!(!Writer::<u64>::open_or_create(&path).unwrap().was_created());
        assert_eq!(place.names(), ["pose"]);
    });
}

#[test]
fn what_replaces_a_region_is_found_by_its_readers() {
    on_each(&[NO_EXCHANGE, NO_NAMELESS, NEITHER], |place, exchanges| {
        let path = place.at("pose");
        Writer::<u64>::create(&path).unwrap().write(5).unwrap();
        let mut old = Reader::<u64>::open(&path).unwrap();
        let mut writer = replace(&path).unwrap();
        writer.write(Beat::of(3)).unwrap();
        assert!(writer.was_created());
        assert_eq!((old.read(), old.writer_state()), (Err(ReadValueError::Closed), WriterState::Gone));
        assert!(old.region().is_removed());
        assert!(matches!(old.reopen_if_removed().unwrap_err().kind(), ErrorKind::Type(_)));
        assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(3)));
        assert_eq!(place.names(), ["pose"], "{exchanges}");
        assert!(matches!(replace(&path).unwrap_err().kind(), ErrorKind::AlreadyWriter));
        writer.close().unwrap();

        let path = place.at("slice");
        Options::new().capacity(3).create::<[u64]>(&path).unwrap().write_from(&[3, 4, 5]).unwrap();
        let mut reader = Reader::<[u64]>::open(&path).unwrap();
        let mut writer: Writer<[u64]> =
            Options::new().capacity(60).replace_smaller(true).open_or_create(&path).unwrap();
        assert!(!writer.was_created());
        assert!(reader.reopen_if_removed().unwrap());
        let mut to = Vec::new();
        reader.read_to_vec(&mut to).unwrap();
        assert_eq!((to, reader.capacity()), (vec![3, 4, 5], 60));
        writer.write_from(&[6; 60]).unwrap();
        assert_eq!(place.names(), ["slice"], "{exchanges}");
        writer.close().unwrap();

        let path = place.at("map");
        let mut writer: MapWriter<u64, u64> = Options::new().create_map(&path, 3).unwrap();
        writer.insert(1, 2).unwrap();
        drop(writer);
        let mut reader = MapReader::<u64, u64>::open(&path).unwrap();
        let mut writer: MapWriter<u64, u64> =
            Options::new().replace_smaller(true).open_or_create_map(&path, 60).unwrap();
        (2..60).for_each(|key| _ = writer.insert(key, key).unwrap());
        assert!(reader.reopen_if_removed().unwrap());
        assert_eq!((reader.get(&1), reader.get(&59)), (Ok(Some(2)), Ok(Some(59))));
        assert_eq!(place.names(), ["map"], "{exchanges}");
    });
}

/// Killed after each step: the path leads to one of the two, whole, and the next program removes the temporary name
/// that was left. Where names can't be exchanged, readers of a region whose path was taken, and that was not closed
/// yet, see that it has none.
#[test]
fn a_process_that_is_killed_leaves_one_of_the_two() {
    on_each(&[NO_EXCHANGE, NO_NAMELESS], |place, exchanges| {
        let path = place.at("pose");
        let (mut replaced, mut left, mut named) = (0, 0, 0);
        for steps in 1.. {
            drop(Options::new().replace_other_type(true).open_or_create::<u64>(&path).unwrap());
            let old = Reader::<u64>::open(&path).unwrap();
            let mut peer = Peer::start(PEER);
            let _ = peer.ask("state?");
            let Some(is_there) = peer.step(&format!("replace {}", path.display()), steps) else { return };
            peer.kill();
            let now = Region::open_file(&path).unwrap();
            assert_eq!(now.is_closed(), Ok(false), "{steps}");
            if now.schema().layout().name() == "u64" {
                assert_eq!(old.read(), Err(ReadValueError::NoValue(ReadError::Empty)), "{steps}");
            } else {
                left += u64::from(old.read() != Err(ReadValueError::Closed));
                assert!(old.region().is_removed(), "{steps}");
                replaced += 1;
            }
            assert!(place.names().len() <= 2, "{steps}: {:?}", place.names());
            named += u64::from(place.names().len() == 2);
            drop(replace(&path).unwrap());
            assert!(!exchanges || old.read() == Err(ReadValueError::Closed), "{steps}: no reader is left behind");
            assert_eq!(place.names(), ["pose"], "{steps} {exchanges} {now:?}: the name that was left is gone");
            if !is_there {
                break;
            }
        }
        assert!(replaced > left && left > 0 && named > 0, "{replaced} {left} {named}");
    });
}

/// Killed after each step, where a file has a name from the beginning: no region, or one, and after the next program
/// nothing but that.
#[test]
fn a_process_that_is_killed_while_it_creates_leaves_nothing_else() {
    on_each(&[NO_NAMELESS], |place, exchanges| {
        let (mut created, mut left) = (0, 0);
        for steps in 1.. {
            let path = place.at("pose");
            let mut peer = Peer::start(PEER);
            let _ = peer.ask("state?");
            let Some(is_there) = peer.step(&format!("create {} 2", path.display()), steps) else { return };
            peer.kill();
            let now = Region::open_file(&path);
            created += u64::from(now.is_ok());
            left += u64::from(place.names().iter().any(|name| name.starts_with('.')));
            assert!(now.is_ok_and(|now| now.is_closed() == Ok(false)) || !path.exists(), "{steps}");
            // Whichever way the next program comes to its region.
            drop(if path.exists() { replace(&path).unwrap() } else { Writer::create(&path).unwrap() });
            assert_eq!(place.names(), ["pose"], "{steps} {exchanges}: the name that was left is gone");
            fs::remove_file(&path).unwrap();
            if !is_there {
                break;
            }
        }
        assert!(created > 0 && left > 0, "{created} {left}");
    });
}

/// What others make at the same time is theirs: it is locked, or not taken from them.
#[test]
fn of_many_that_create_one_does_and_no_name_is_left() {
    on_each(&[NO_NAMELESS, NEITHER], |place, exchanges| {
        let path = &*place.at("pose");
        for round in 0..50 {
            let created = std::thread::scope(|scope| {
                let create = || match Writer::<u64>::create(path) {
                    Ok(writer) => Some(writer),
                    Err(error) if matches!(error.kind(), ErrorKind::Exists { is_region: true, .. }) => None,
                    Err(error) => panic!("{round} {exchanges}: {error}"),
                };
                let threads: Vec<_> = (0..4).map(|_| scope.spawn(create)).collect();
                threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
            });
            assert_eq!((created.len(), place.names()), (1, vec!["pose".to_owned()]), "{round} {exchanges}");
            fs::remove_file(path).unwrap();
        }
    });
}
