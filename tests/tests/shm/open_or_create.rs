//! `open_or_create`: takes over what was left, creates what is not there, and refuses all else as `take_over` does.

use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use seqcopy_shm::{ErrorKind, Options, ReadValueError, Reader, Uid, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// Leaves a closed region at the path, as a writer does that dies before it has removed it.
fn leave_closed<T: seqcopy::Validate + 'static>(path: &Path) {
    let kept = path.with_extension("kept");
    let writer = Writer::<T>::create(path).unwrap();
    fs::hard_link(path, &kept).unwrap();
    writer.close().unwrap();
    fs::rename(kept, path).unwrap();
}

/// The error, and that `take_over` gives the same.
#[track_caller]
fn refused_as_by_take_over(path: &Path) -> String {
    let error = Writer::<Small>::open_or_create(path).unwrap_err();
    assert_eq!(error.path(), Some(path));
    assert_eq!(error.to_string(), Writer::<Small>::take_over(path).unwrap_err().to_string());
    format!("{:?}", error.kind())
}

#[test]
fn what_is_not_there_is_created_and_what_was_left_is_taken_over() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Options::new().buffers(4).mode(0o600).open_or_create::<Small>(&path).unwrap();
    assert!(writer.was_created());
    assert_eq!((writer.region().header().buffers(), fs::metadata(&path).unwrap().mode() & 0o777), (4, 0o600));
    writer.write(Beat::of(1)).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    drop(writer);
    // A region that is taken over keeps its buffers, its permissions and its value.
    let mut writer = Options::new().buffers(8).mode(0o644).open_or_create::<Small>(&path).unwrap();
    assert!(!writer.was_created());
    assert_eq!((writer.region().header().buffers(), fs::metadata(&path).unwrap().mode() & 0o777), (4, 0o600));
    assert_eq!(reader.read(), Ok(Beat::of(1)));
    writer.write(Beat::of(2)).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(2)));
    assert_eq!(place.names(), ["pose"]);
    writer.close().unwrap();
    assert!(place.names().is_empty());
    // The others say what they did, too.
    let writer = Writer::<Small>::create(&path).unwrap();
    assert!(writer.was_created());
    drop(writer);
    assert!(!Writer::<Small>::take_over(&path).unwrap().was_created());
    assert!(Options::new().create_memfd::<Small>("seqcopy-test").unwrap().was_created());
}

#[test]
fn a_region_whose_writer_was_killed_is_taken_over() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("open_or_create {}", path.display()));
    peer.must("write 7");
    peer.kill();
    let writer = Writer::<Small>::open_or_create(&path).unwrap();
    assert!(!writer.was_created());
    assert_eq!(writer.read(), Ok(Beat::of(7)));
}

#[test]
fn a_region_that_has_a_writer_is_refused_and_its_writer_not_disturbed() {
    let place = Place::new();
    let path = place.at("pose");
    let mut peer = Peer::start(PEER);
    peer.must(&format!("open_or_create {}", path.display()));
    let error = Writer::<Small>::open_or_create(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Writer(WriterState::Alive { pid, .. }) if *pid == peer.pid()), "{error}");
    peer.must("write 2");
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
    let other = place.at("other");
    let _writer = Writer::<Small>::open_or_create(&other).unwrap();
    assert_eq!(refused_as_by_take_over(&other), "AlreadyWriter");
}

#[test]
fn a_closed_region_of_this_type_is_replaced() {
    let place = Place::new();
    let path = place.at("pose");
    leave_closed::<Small>(&path);
    let before = fs::metadata(&path).unwrap().ino();
    assert!(matches!(Writer::<Small>::take_over(&path).unwrap_err().kind(), ErrorKind::Closed));
    let mut writer = Writer::<Small>::open_or_create(&path).unwrap();
    assert!(writer.was_created());
    assert_ne!(fs::metadata(&path).unwrap().ino(), before);
    writer.write(Beat::of(3)).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(3)));
    // From its closing on there is nothing to take over.
    writer.close().unwrap();
    assert!(Writer::<Small>::open_or_create(&path).unwrap().was_created());
    assert_eq!(reader.read(), Err(ReadValueError::Closed));
}

#[test]
fn other_files_are_refused_and_stay_as_they_are() {
    let place = Place::new();
    let another = place.at("another");
    drop(Writer::<u64>::create(&another).unwrap());
    let closed = place.at("closed");
    leave_closed::<u64>(&closed);
    let version = place.at("version");
    drop(Writer::<Small>::create(&version).unwrap());
    let mut bytes = fs::read(&version).unwrap();
    bytes[8] ^= 2;
    fs::write(&version, bytes).unwrap();
    for (name, contents) in [("empty", &b""[..]), ("text", b"not a region\n"), ("zeros", &[0; 5000])] {
        fs::write(place.at(name), contents).unwrap();
    }
    for (name, kind) in [
        ("another", "Type("),
        ("closed", "Type("),
        ("version", "Version("),
        ("empty", "Header {"),
        ("text", "Header {"),
        ("zeros", "Header {"),
    ] {
        let path = place.at(name);
        let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().ino());
        let said = refused_as_by_take_over(&path);
        assert!(said.starts_with(kind), "{name}: {said}");
        assert_eq!((fs::read(&path).unwrap(), fs::metadata(&path).unwrap().ino()), before, "{name}");
    }
    assert_eq!(refused_as_by_take_over(Path::new("/dev/null")), "NotRegularFile");
    assert!(refused_as_by_take_over(place.path()).starts_with("Io {"));
    assert_eq!(place.names(), ["another", "closed", "empty", "text", "version", "zeros"]);
}

#[test]
fn links_are_followed_and_what_they_lead_to_is_not_made_or_removed() {
    let place = Place::new();
    let (path, link) = (place.at("pose"), place.at("link"));
    symlink(&path, &link).unwrap();
    // It leads nowhere.
    let error = Writer::<Small>::open_or_create(&link).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Exists { .. }), "{error}");
    assert_eq!(place.names(), ["link"]);
    // To a region whose writer has ended.
    drop(Writer::<Small>::create(&path).unwrap());
    assert!(!Writer::<Small>::open_or_create(&link).unwrap().was_created());
    // To a closed one, which may be removed by its own name only.
    fs::remove_file(&path).unwrap();
    leave_closed::<Small>(&path);
    let error = Writer::<Small>::open_or_create(&link).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
    assert_eq!(place.names(), ["link", "pose"]);
}

#[test]
fn a_directory_that_is_missing_is_named() {
    let place = Place::new();
    let error = Writer::<Small>::open_or_create(place.at("no/pose")).unwrap_err();
    assert!(error.to_string().ends_with("there is no such directory: create it first"), "{error}");
}

#[test]
fn the_owner_is_required_of_what_is_taken_over_and_of_what_is_created() {
    let place = Place::new();
    let path = place.at("pose");
    let mine = Options::new().require_owner(Uid::effective());
    assert!(mine.open_or_create::<Small>(&path).unwrap().was_created());
    assert!(!mine.open_or_create::<Small>(&path).unwrap().was_created());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    let error = mine.open_or_create::<Small>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Permissions { mode: 0o666, .. }), "{error}");
    fs::remove_file(&path).unwrap();
    // Closed, but of another type: it is not removed.
    leave_closed::<Small>(&path);
    let error = mine.open_or_create::<[u64; 9]>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Type(_)), "{error}");
    assert_eq!(place.names(), ["pose"]);
    fs::remove_file(&path).unwrap();
    symlink(place.at("elsewhere"), &path).unwrap();
    let error = mine.open_or_create::<Small>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SymbolicLink), "{error}");
    fs::remove_file(&path).unwrap();
    if is_root() {
        // Closed, but another user's: it is not touched.
        leave_closed::<Small>(&path);
        chown(&path, Some(12345), None).unwrap();
        let error = mine.open_or_create::<Small>(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Owner { .. }), "{error}");
        assert_eq!(place.names(), ["pose"]);
        fs::remove_file(&path).unwrap();
        // A service's, which runs as another user: it would refuse what this one creates, were it not root's.
        let mut peer = Peer::start(PEER);
        fs::set_permissions(place.path(), fs::Permissions::from_mode(0o777)).unwrap();
        peer.must("user 23456");
        let said = peer.ask(&format!("open_or_create_for {} 34567", path.display()));
        assert!(said.contains("Owner { found: Uid(23456), required: Uid(34567) }"), "{said}");
        assert!(place.names().is_empty());
    } else {
        let theirs = Options::new().require_owner(Uid::from_raw(Uid::effective().as_raw() + 1));
        let error = theirs.open_or_create::<Small>(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Owner { .. }), "{error}");
        assert!(place.names().is_empty());
    }
}

/// Two processes that start together: one gets the writer, and the region at the path is that one's.
#[test]
fn of_two_processes_that_start_together_one_becomes_the_writer() {
    let place = Place::new();
    let mut peers = [Peer::start(PEER), Peer::start(PEER)];
    let mut wins = [0; 2];
    for round in 0..200 {
        let path = place.at(&format!("pose{round}"));
        let is_created = match round % 3 {
            0 => true,
            1 => {
                drop(Writer::<Small>::create(&path).unwrap());
                false
            }
            _ => {
                leave_closed::<Small>(&path);
                true
            }
        };
        let at = SystemTime::UNIX_EPOCH.elapsed().unwrap() + Duration::from_micros(300);
        let order = format!("open_or_create {} {}", path.display(), at.as_nanos());
        for peer in &mut peers {
            peer.tell(&order);
        }
        let said = peers.each_mut().map(|peer| peer.answer(&order));
        let winner = usize::from(said[1] == "ok");
        assert_eq!(said[winner], "ok", "round {round}: {said:?}");
        assert!(said[1 - winner].contains("| Writer("), "round {round}: {said:?}");
        wins[winner] += 1;
        assert_eq!(peers[winner].ask("was_created"), is_created.to_string(), "round {round}");
        peers[winner].must(&format!("write {round}"));
        assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(round)));
        peers[winner].must("drop");
        fs::remove_file(path).unwrap();
    }
    eprintln!("wins: {wins:?}");
}

#[test]
fn processes_that_create_take_over_and_close_take_turns() {
    let place = Place::new();
    let order = format!("race_open_or_create {} {} 400", place.at("pose").display(), place.at("flag").display());
    let mut peers = [Peer::start(PEER), Peer::start(PEER), Peer::start(PEER)];
    for peer in &mut peers {
        peer.tell(&order);
    }
    let (mut created, mut taken) = (0, 0);
    for peer in &mut peers {
        let said = peer.answer(&order);
        let words: Vec<_> = said.split(' ').collect();
        let ["won", a, b] = words[..] else { panic!("{said}") };
        created += a.parse::<u32>().unwrap();
        taken += b.parse::<u32>().unwrap();
    }
    assert!(created > 10 && taken > 10, "created {created}, taken over {taken}");
    eprintln!("created {created}, taken over {taken}");
}

#[test]
fn a_region_that_begins_with_a_value_is_never_empty() {
    let place = Place::new();
    let path = place.at("pose");
    let opened = AtomicU32::new(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(SeqCst) {
                if let Ok(reader) = Reader::<Small>::open(&path) {
                    let read = reader.read();
                    assert!(matches!(read, Ok(_) | Err(ReadValueError::Closed)), "{read:?}");
                    opened.fetch_add(1, SeqCst);
                }
            }
        });
        let began = Instant::now();
        for round in 0.. {
            let known = opened.load(SeqCst);
            if known >= 20 || began.elapsed() > Duration::from_secs(60) {
                break;
            }
            let (writer, made) = (Writer::open_or_create_with(&path, Beat::<16>::of(1)).unwrap(), Instant::now());
            assert_eq!(writer.version().to_bits(), 1);
            // Each second one stays until it is found: where both share a processor, a reader rarely meets one that is
            // closed at once.
            while round % 2 == 1 && opened.load(SeqCst) == known && made.elapsed() < Duration::from_millis(20) {
                thread::yield_now();
            }
            writer.close().unwrap();
        }
        done.store(true, SeqCst);
    });
    assert!(opened.into_inner() >= 20);
    // One that is taken over gets it if it has none.
    for buffers in [1, 2] {
        let options = Options::new().buffers(buffers);
        drop(options.create::<Small>(&path).unwrap());
        let mut writer = options.open_or_create_with(&path, Small::of(2)).unwrap();
        assert_eq!((writer.was_created(), writer.read()), (false, Ok(Beat::of(2))));
        writer.write(Beat::of(3)).unwrap();
        drop(writer);
        let writer = options.open_or_create_with(&path, Small::of(4)).unwrap();
        assert_eq!(writer.read(), Ok(Beat::of(3)));
        writer.close().unwrap();
    }
    // A writer died in the middle of a write to a single buffer.
    let mut writer = Options::new().buffers(1).create::<Small>(&path).unwrap();
    writer.write(Beat::of(5)).unwrap();
    drop(writer);
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&9u64.to_ne_bytes(), 192).unwrap();
    assert!(Writer::<Small>::open_or_create(&path).unwrap().read().is_err());
    assert_eq!(Writer::open_or_create_with(&path, Small::of(6)).unwrap().read(), Ok(Beat::of(6)));
}

/// A newer region that is closed is not one to go on with: the reader stays as it is.
#[test]
fn a_newer_region_that_is_closed_is_not_opened() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    writer.write(Small::of(1)).unwrap();
    let mut reader = seqcopy_shm::Reader::<Small>::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    leave_closed::<Small>(&path);
    assert!(reader.region().replacement().unwrap().is_none());
    assert!(!reader.reopen_if_removed().unwrap());
    assert_eq!(reader.read(), Ok(Small::of(1)));
}
