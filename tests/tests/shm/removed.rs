//! Regions that are removed, created again, closed, locked by other processes. The table in verify/evidence/faults.md
//! names these tests.

use std::fs::{self, File};
use std::io::ErrorKind::NotFound;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use seqcopy_shm::{ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Writer, WriterState};
use seqcopy_tests::faults::{Beat, Place, Small};

/// Locks the byte that writers lock, by a descriptor that belongs to no writer.
fn lock(file: &File, kind: libc::c_int) {
    #[allow(clippy::cast_possible_truncation)] // small constants
    let lock = libc::flock { l_type: kind as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 1, l_pid: 0 };
    // A process that another test is just starting may have the writer's lock for a moment.
    while fcntl(file, FcntlArg::F_OFD_SETLK(&lock)).is_err() {
        std::thread::yield_now();
    }
}

#[test]
fn a_read_lock_keeps_writers_out_and_the_error_says_how() {
    let place = Place::new();
    let path = place.at("pose");
    drop(Writer::<Small>::create(&path).unwrap());
    let file = File::open(&path).unwrap();
    lock(&file, libc::F_RDLCK);
    let error = Writer::<Small>::take_over(&path).unwrap_err();
    assert!(error.to_string().contains("there is no writer, but a process holds a read lock"), "{error}");
    assert!(error.to_string().contains("`seqcopy locks` names"), "{error}");
    drop(file);
    drop(Writer::<Small>::take_over(&path).unwrap());
}

/// `take_over` waits a moment for a lock without a known owner. Meanwhile the region can be replaced.
#[test]
fn take_over_of_a_region_that_is_replaced_meanwhile_takes_the_new_one() {
    let place = Place::new();
    let began = Instant::now();
    for round in 0.. {
        let path = place.at(&round.to_string());
        drop(Writer::<Small>::create(&path).unwrap());
        let held = File::options().read(true).write(true).open(&path).unwrap();
        lock(&held, libc::F_WRLCK);
        let taken = std::thread::scope(|scope| {
            let taking = scope.spawn(|| Writer::<Small>::take_over(&path));
            std::thread::sleep(Duration::from_millis(50));
            fs::remove_file(&path).unwrap();
            drop(Writer::<Small>::create(&path).unwrap());
            // Not by closing it: a process that another test is just starting has this descriptor as well for a moment.
            lock(&held, libc::F_UNLCK);
            taking.join().unwrap()
        });
        match taken {
            Ok(mut writer) => {
                writer.write(Beat::of(2)).unwrap();
                assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
                return;
            }
            // On a busy machine: the lock was not free in time, or `take_over` began after the old region was removed.
            Err(error) => {
                let kind = error.kind();
                let is_absent = matches!(kind, ErrorKind::Io { source, .. } if source.kind() == NotFound);
                let is_held = matches!(kind, ErrorKind::Writer(WriterState::Held) | ErrorKind::AlreadyWriter);
                assert!(is_absent || is_held, "{error}");
            }
        }
        assert!(began.elapsed() < Duration::from_secs(60), "never taken over");
    }
}

/// The path is what readers come back to.
#[test]
fn a_region_that_was_moved_away_is_removed() {
    let place = Place::new();
    let (path, away) = (place.at("pose"), place.at("away"));
    let mut old = Writer::<Small>::create(&path).unwrap();
    old.write(Beat::of(1)).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    let unmapped = FileReader::<Small>::open(&path).unwrap();
    let by_descriptor = {
        let file = File::open(&path).unwrap();
        Reader::<Small>::open(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file))).unwrap()
    };
    let removed = || [reader.region().is_removed(), unmapped.region().is_removed()];
    assert_eq!(removed(), [false; 2]);
    // A second name is not a move.
    fs::hard_link(&path, &away).unwrap();
    assert_eq!(removed(), [false; 2]);
    fs::rename(&path, place.at("there")).unwrap();
    assert_eq!(removed(), [true; 2]);
    let _new = Writer::<Small>::create(&path).unwrap();
    assert_eq!(removed(), [true; 2]);
    assert_eq!(reader.read(), Ok(Beat::of(1)));
    assert!(!by_descriptor.region().is_removed(), "it has names, and none was kept");
}

#[test]
fn a_region_that_is_removed_and_created_again_is_another_one() {
    let place = Place::new();
    let path = place.at("pose");
    let mut old = Writer::<Small>::create(&path).unwrap();
    old.write(Beat::of(1)).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    assert!(!reader.region().is_removed());
    fs::remove_file(&path).unwrap();
    assert!(reader.region().is_removed());
    let mut new = Writer::<Small>::create(&path).unwrap();
    new.write(Beat::of(2)).unwrap();
    // Each reader and writer stays with its own region.
    old.write(Beat::of(3)).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(3)));
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
    // Closing the old one does not remove the path of the new one.
    old.close().unwrap();
    assert_eq!(reader.read(), Err(ReadValueError::Closed));
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(2)));
    drop(new);
    drop(Writer::<Small>::take_over(&path).unwrap());
}

#[test]
fn a_closed_region_is_closed_for_all_readers_and_writers() {
    let place = Place::new();
    for buffers in [1, 2] {
        let (path, kept) = (place.at("pose"), place.at("kept"));
        let mut writer = Options::new().buffers(buffers).create::<Small>(&path).unwrap();
        writer.write(Beat::of(1)).unwrap();
        let reader = Reader::<Small>::open(&path).unwrap();
        let file_reader = FileReader::<Small>::open(&path).unwrap();
        let (_, version) = reader.read_versioned().unwrap();
        fs::hard_link(&path, &kept).unwrap();
        writer.close().unwrap();
        assert!(!path.exists());
        assert_eq!(reader.read(), Err(ReadValueError::Closed));
        assert_eq!(reader.try_read(), Err(ReadValueError::Closed));
        assert_eq!(file_reader.read(), Err(ReadValueError::Closed));
        assert_eq!(reader.read_if_changed(&mut version.clone()), Err(ReadValueError::Closed));
        assert_eq!(reader.region().read_bytes().unwrap_err(), ReadValueError::Closed);
        for refused in [
            Reader::<Small>::open(&kept).unwrap_err(),
            FileReader::<Small>::open(&kept).unwrap_err(),
            Writer::<Small>::take_over(&kept).unwrap_err(),
        ] {
            assert!(matches!(refused.kind(), ErrorKind::Closed), "{refused}");
        }
        // Tools can still open it.
        assert!(Region::open(&kept).unwrap().is_closed());
        fs::remove_file(&kept).unwrap();
    }
}
