//! Writers that die in `take_over`, in a drop or in `close`: what readers get, and whether the next writer can take
//! over. The table in verify/evidence/faults.md names these tests.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use seqcopy_shm::{ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");
/// The offsets of the state and of the sequence word.
const STATE: u64 = 128;
const WORD: u64 = 192;

/// A region with the value 1 and no writer.
fn region(place: &Place, buffers: u32) -> PathBuf {
    let path = place.at(&format!("of-{buffers}"));
    let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
    writer.write(Beat::of(1)).unwrap();
    path
}

fn put(path: &Path, at: u64, bytes: &[u8]) {
    File::options().write(true).open(path).unwrap().write_all_at(bytes, at).unwrap();
}

#[test]
fn a_writer_that_dies_before_it_has_closed_leaves_an_open_region() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = region(&place, buffers);
        let reader = Reader::<Small>::open(&path).unwrap();
        let (_, version) = reader.read_versioned().unwrap();
        // Killed after the first of the two stores that close a region.
        put(&path, STATE, &2u32.to_ne_bytes());
        for reader in [&reader, &Reader::open(&path).unwrap()] {
            assert_eq!(reader.read(), Ok(Beat::of(1)));
            assert_eq!(reader.writer_state(), WriterState::Gone);
            assert!(!reader.region().is_closed());
        }
        assert_eq!(FileReader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(1)));
        assert_eq!(Region::open_file(&path).unwrap().is_closed(), Ok(false));
        assert!(matches!(Writer::<Small>::create(&path).unwrap_err().kind(), ErrorKind::Exists { .. }));
        let mut writer = Writer::<Small>::take_over(&path).unwrap();
        let state = usize::try_from(STATE).unwrap();
        assert_eq!(fs::read(&path).unwrap()[state..][..4], 1u32.to_ne_bytes(), "open again");
        writer.write(Beat::of(2)).unwrap();
        assert_eq!(reader.read(), Ok(Beat::of(2)));
        assert!(reader.has_changed(version));
        writer.close().unwrap();
        assert_eq!(reader.read(), Err(ReadValueError::Closed));
    }
}

#[test]
fn a_writer_that_dies_before_it_has_removed_the_name_leaves_it_to_the_next() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = region(&place, buffers);
        let reader = Reader::<Small>::open(&path).unwrap();
        let file_reader = FileReader::<Small>::open(&path).unwrap();
        // Killed after the second.
        put(&path, STATE, &2u32.to_ne_bytes());
        put(&path, WORD, &0u64.to_ne_bytes());
        assert_eq!(reader.read(), Err(ReadValueError::Closed));
        assert_eq!(file_reader.read(), Err(ReadValueError::Closed));
        assert!(Region::open(&path).unwrap().is_closed());
        assert_eq!(Region::open_file(&path).unwrap().is_closed(), Ok(true));
        assert!(matches!(Writer::<Small>::take_over(&path).unwrap_err().kind(), ErrorKind::Closed));
        // While its writer lives, only the writer removes the name.
        let held = File::options().read(true).write(true).open(&path).unwrap();
        lock(&held, libc::F_WRLCK);
        assert!(matches!(Writer::<Small>::create(&path).unwrap_err().kind(), ErrorKind::Exists { .. }));
        // Not by closing it: a process that another test is just starting has this descriptor as well for a moment.
        lock(&held, libc::F_UNLCK);
        let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
        writer.write(Beat::of(3)).unwrap();
        assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(3)));
        assert_eq!(reader.read(), Err(ReadValueError::Closed));
        assert!(reader.region().is_removed());
    }
}

/// Locks or unlocks the byte that writers lock.
fn lock(file: &File, kind: libc::c_int) {
    #[allow(clippy::cast_possible_truncation)] // small constants
    let lock = libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 1, l_pid: 0 };
    fcntl(file, FcntlArg::F_OFD_SETLK(&lock)).unwrap();
}

#[test]
fn only_a_closed_region_is_removed_to_make_a_new_one() {
    let place = Place::new();
    let path = region(&place, 2);
    let link = place.at("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let refused = |path: &Path| {
        let error = Writer::<Small>::create(path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Exists { .. }), "{error}");
    };
    let bytes = fs::read(&path).unwrap();
    // Open; not a region, with the same state and word; truncated.
    refused(&path);
    put(&path, STATE, &2u32.to_ne_bytes());
    put(&path, WORD, &0u64.to_ne_bytes());
    put(&path, 0, b"another.");
    refused(&path);
    put(&path, 0, &bytes[..8]);
    for len in [0, 100, 199, bytes.len() as u64 - 1] {
        File::options().write(true).open(&path).unwrap().set_len(len).unwrap();
        refused(&path);
        fs::write(&path, &bytes).unwrap();
    }
    put(&path, STATE, &2u32.to_ne_bytes());
    put(&path, WORD, &0u64.to_ne_bytes());
    // By a symbolic link to it, which may belong to another user.
    refused(&link);
    assert!(path.exists() && fs::symlink_metadata(&link).is_ok());
    drop(Writer::<Small>::create(&path).unwrap());
}

#[test]
fn a_name_that_can_not_be_removed_is_an_error_of_close() {
    if !is_root() {
        seqcopy_tests::skipped("only root can make a directory where another user may not remove names");
        return;
    }
    let place = Place::new();
    fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(0o1777)).unwrap();
    let path = place.at("pose");
    drop(Options::new().create::<Small>(&path).unwrap());
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    let mut peer = Peer::start(PEER);
    peer.must("drop_root");
    peer.must(&format!("take_over {}", path.display()));
    peer.must("write 1");
    let said = peer.ask("close");
    assert!(
        said.contains("remove the name of the closed region") && said.contains("Operation not permitted"),
        "{said}"
    );
    // It is closed nevertheless; a process that may remove the name can create a new region, others get the reason why
    // not.
    assert_eq!(reader.read(), Err(ReadValueError::Closed));
    let said = peer.ask(&format!("create {} 2", path.display()));
    assert!(said.contains("remove the name of the closed region"), "{said}");
    drop(Writer::<Small>::create(&path).unwrap());
}

/// Lets a process carry out `before` and then `order`, and kills it between two system calls of `order`, wherever that
/// is.
fn killed_at_every_call(buffers: u32, before: &[&str], order: &str) {
    let place = Place::new();
    for steps in 0.. {
        let path = region(&place, buffers);
        let words = |order: &str| order.replace("PATH", path.to_str().unwrap());
        // The last writer was killed without clearing its record.
        let mut dead = Peer::start(PEER);
        dead.must(&words("take_over PATH"));
        dead.kill();
        let reader = Reader::<Small>::open(&path).unwrap();
        let mut peer = Peer::start(PEER);
        for order in before {
            peer.must(&words(order));
        }
        // So that it waits for an order, and all steps belong to that one.
        let _ = peer.ask("state?");
        let Some(there) = peer.step(&words(order), steps) else { return };
        // It has no child that could have inherited its lock.
        let state = reader.writer_state();
        assert!(!matches!(state, WriterState::Orphaned { .. }), "{order}, {steps}: {state:?}");
        peer.kill();
        assert_eq!(reader.writer_state(), WriterState::Gone, "{order}, {steps}");
        let read = reader.read();
        let taken = Writer::<Small>::take_over(&path);
        let is_closed = read == Err(ReadValueError::Closed);
        assert!(is_closed || read == Ok(Beat::of(1)), "{order}, {steps}: {read:?}");
        match taken {
            Ok(mut writer) => {
                assert!(!is_closed, "{order}, {steps}");
                writer.write(Beat::of(2)).unwrap();
                assert_eq!(reader.read(), Ok(Beat::of(2)));
            }
            Err(error) => {
                assert!(is_closed, "{order}, {steps}: {error}");
                drop(Writer::<Small>::create(&path).unwrap_or_else(|error| panic!("{order}, {steps}: {error}")));
            }
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(place.names(), [""; 0], "{order}, {steps}");
        if !there {
            assert!(steps > 4, "{order}: no system call");
            return;
        }
        assert!(steps < 200, "{order}: it does not end");
    }
}

#[test]
fn a_writer_killed_at_any_system_call_of_close_blocks_no_successor() {
    for buffers in [1, 2] {
        killed_at_every_call(buffers, &["take_over PATH"], "close");
    }
}

#[test]
fn a_writer_killed_at_any_system_call_of_its_drop_blocks_no_successor() {
    killed_at_every_call(2, &["take_over PATH"], "drop");
}

#[test]
fn a_writer_killed_at_any_system_call_of_taking_over_blocks_no_successor() {
    killed_at_every_call(2, &[], "take_over PATH");
}

/// A link that leads to itself is neither the region nor nothing.
#[test]
fn a_name_that_can_not_be_looked_for_is_an_error() {
    let place = Place::new();
    let path = place.at("pose");
    let mut writer = Writer::<Small>::create(&path).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&path, &path).unwrap();
    let restored = writer.restore_if_removed().unwrap_err().to_string();
    let closed = writer.close().unwrap_err().to_string();
    for said in [restored, closed] {
        assert!(said.contains("cannot look for its name") && said.contains(path.to_str().unwrap()), "{said}");
    }
    assert_eq!(reader.read(), Err(ReadValueError::Closed));
    assert!(path.is_symlink());
}
