//! What each call says of a region that lost its pages.

use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::ForkResult;
use seqcopy::{Attempt, Version, part};
use seqcopy_shm::untyped::{self, BytesError};
use seqcopy_shm::{
    ChangeError, ErrorKind, MapReader, MapWriter, Options, ReadValueError, Reader, Region, WriteError, Writer,
    WriterState, survive_truncation, wait_any,
};
use seqcopy_tests::faults::Place;

use super::{End, alone, truncate};

/// Longer than anything takes here, and not forever: a wait that does not end is a failure.
const LONG: Duration = Duration::from_secs(20);
const LOST: ReadValueError = ReadValueError::Truncated;

#[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
#[repr(C)]
struct Pose {
    at: [u64; 4],
    ok: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
#[repr(C)]
struct Grown {
    frame: u64,
    ok: bool,
    at: [u64; 4],
}

const POSE: Pose = Pose { at: [1; 4], ok: true };

/// Tries again and again, but not forever.
fn patient(attempt: Attempt) -> ControlFlow<u32> {
    if attempt.number < 100_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(attempt.number) }
}

/// A region with a value, whose file is to be truncated.
fn lost<T: seqcopy::Validate + 'static>(place: &Place, name: &str, buffers: u32, value: T) -> (PathBuf, Writer<T>) {
    let path = place.at(name);
    let mut writer = Options::new().buffers(buffers).create::<T>(&path).unwrap();
    writer.write(value).unwrap();
    (path, writer)
}

#[test]
fn every_call_of_a_reader_says_so() {
    alone("calls::every_call_of_a_reader_says_so", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        for buffers in [1, 2] {
            let (path, writer) = lost(&place, &buffers.to_string(), buffers, POSE);
            // Each call on a reader of its own: the first one meets the lost page.
            let readers: [Reader<Pose>; 13] = [(); 13].map(|()| Reader::open(&path).unwrap());
            let region = Region::open(&path).unwrap();
            let mut buf = MaybeUninit::uninit();
            truncate(&path, 0);
            let mut readers = readers.iter();
            let mut next = || readers.next().unwrap();
            // What was said once is said again.
            let reader = next();
            assert_eq!([reader.read(), reader.read(), reader.try_read()], [Err(LOST); 3]);
            assert_eq!(next().try_read(), Err(LOST));
            assert_eq!(next().read_into(&mut buf), Err(LOST));
            assert_eq!(next().try_read_into(&mut buf), Err(LOST));
            assert_eq!(next().read_versioned(), Err(LOST));
            assert_eq!(next().read_bits_into(&mut buf).map(drop), Err(LOST));
            assert_eq!(next().read_with(patient), Ok(Err(LOST)));
            let mut known = Version::from_bits(77);
            assert_eq!(next().read_if_changed(&mut known), Err(LOST));
            assert_eq!(known, Version::from_bits(77));
            let reader = next();
            assert_eq!((reader.version(), reader.has_changed(known)), (Version::from_bits(0), true));
            assert_eq!(next().read_part(part!(Pose, ok)), Err(LOST));
            assert_eq!(next().try_read_part(part!(Pose, ok)), Err(LOST));
            let (one, other) = (next(), next());
            let first = Version::from_bits(1);
            assert_eq!(wait_any(&[one.newer_than(first), other.newer_than(first)], LONG), Some(0));
            assert!(other.wait(first, LONG));
            assert_eq!(region.read_bytes(), Err(LOST));
            assert_eq!(region.writer_state(), WriterState::Held, "nothing is known of it but its lock");
            drop(writer);
            assert_eq!(region.writer_state(), WriterState::Gone);
            assert!(Reader::<Pose>::open(&path).is_err());
        }
    });
}

#[test]
fn readers_by_fields_of_slices_and_of_maps_say_so() {
    alone("calls::readers_by_fields_of_slices_and_of_maps_say_so", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        let (path, _writer) = lost(&place, "grown", 2, Grown { frame: 1, ok: true, at: [2; 4] });
        let [one, other] = [(); 2].map(|()| Reader::<Pose>::open_by_fields(&path).unwrap());
        assert_eq!(one.read(), Ok(Pose { at: [2; 4], ok: true }));
        truncate(&path, 0);
        assert_eq!((one.read(), other.read_part(part!(Pose, ok))), (Err(LOST), Err(LOST)));
        assert_eq!(other.read_with(patient), Ok(Err(LOST)));

        let path = place.at("slice");
        let mut slice = Options::new().capacity(5000).create::<[u64]>(&path).unwrap();
        slice.write_from(&vec![7; 5000]).unwrap();
        let [one, other, third] = [(); 3].map(|()| Reader::<[u64]>::open(&path).unwrap());
        let mut all = vec![1, 2];
        // The length is still there, and so are some elements.
        truncate(&path, 8192);
        assert_eq!(one.read_to_vec(&mut all), Err(LOST));
        assert!(all.is_empty());
        assert_eq!(other.read_range(4000..4010, &mut [0; 10]), Err(LOST));
        assert_eq!(third.read_to_slice(&mut vec![0; 5000]), Err(LOST));

        let path = place.at("map");
        let mut map = MapWriter::<u64, [u64; 8]>::create(&path, 1000).unwrap();
        map.commit(|batch| (0..900).for_each(|key| _ = batch.insert(key, [key; 8]).unwrap())).unwrap();
        let [one, other, third, fourth, last] = [(); 5].map(|()| MapReader::<u64, [u64; 8]>::open(&path).unwrap());
        let (known, view) = (last.generation(), last.view());
        truncate(&path, 4096);
        let all = |reader: &MapReader<_, _>| (0..900).map(|key| reader.get(&key)).find(Result::is_err);
        assert_eq!(all(&one), Some(Err(LOST)));
        assert_eq!((0..900).map(|key| other.view().contains_key(&key)).find(Result::is_err), Some(Err(LOST)));
        assert_eq!(third.view().iter().last(), Some(Err(LOST)));
        assert_eq!(third.view().len(), Err(LOST));
        assert_eq!(fourth.read(|view| view.iter().collect::<Result<Vec<_>, _>>().map(|all| all.len())), Err(LOST));
        assert!(view.iter().any(|entry| entry.is_err()) && last.wait(known, LONG));
    });
}

/// The write that meets the lost page can't fail; every one after it does.
#[test]
fn a_writer_knows_within_one_write() {
    alone("calls::a_writer_knows_within_one_write", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        for buffers in [1, 4] {
            let (path, mut writer) = lost(&place, &buffers.to_string(), buffers, POSE);
            truncate(&path, 0);
            assert_eq!(writer.write(POSE), Ok(()));
            assert_eq!(writer.write(POSE), Err(WriteError::Truncated));
            assert_eq!(writer.write_from(&POSE), Err(WriteError::Truncated));
            assert_eq!(writer.write_in_place(|_| unreachable!("nothing is made")), Err(WriteError::Truncated));
            assert_eq!(writer.update(|_| unreachable!("nothing is changed")), Err::<(), _>(LOST));
            assert_eq!(writer.write_part(part!(Pose, ok), false), Err(LOST));
            writer.wake();
            drop(writer);
            let (path, writer) = lost(&place, "read", buffers, POSE);
            truncate(&path, 0);
            assert_eq!((writer.read(), writer.read()), (Err(LOST), Err(LOST)));
            std::fs::remove_file(&path).unwrap();
        }

        let path = place.at("slice");
        let mut slice = Options::new().capacity(5000).create::<[u64]>(&path).unwrap();
        slice.write_from(&vec![7; 5000]).unwrap();
        truncate(&path, 4096);
        assert_eq!(slice.write_from(&vec![8; 5000]), Ok(()));
        assert_eq!(slice.write_from(&vec![8; 5000]), Err(ChangeError::Truncated));
        assert_eq!(slice.update(|_| unreachable!("nothing is changed")), Err::<(), _>(LOST));

        let path = place.at("map");
        let mut map = MapWriter::<u64, u64>::create(&path, 1000).unwrap();
        map.insert(1, 1).unwrap();
        truncate(&path, 0);
        // A commit asks once more at its end.
        assert_eq!(map.insert(1, 2), Err(ChangeError::Truncated));
        assert_eq!(
            (map.remove(&1), map.update(&1, |_| ())),
            (Err(ChangeError::Truncated), Err(ChangeError::Truncated))
        );
        assert_eq!(map.commit(|_| unreachable!("nothing is changed")), Err::<(), _>(WriteError::Truncated));

        let path = place.at("untyped");
        let mut bytes =
            untyped::Writer::open_or_create(&path, &seqcopy_shm::Schema::of::<u64>(), &Options::new()).unwrap();
        bytes.write_bytes(&[1; 8]).unwrap();
        truncate(&path, 0);
        assert_eq!(bytes.write_bytes(&[1; 8]), Ok(()));
        assert_eq!(bytes.write_bytes(&[1; 8]), Err(BytesError::NotWritten(ChangeError::Truncated)));
    });
}

/// Other readers have lost no page that they look at. The writer, which has, closes what is left.
#[test]
fn a_writer_that_goes_closes_what_is_left() {
    alone("calls::a_writer_that_goes_closes_what_is_left", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        for is_closed in [true, false] {
            let path = place.at("two buffers");
            let mut writer = Writer::<[u64; 1000]>::create(&path).unwrap();
            writer.write([1; 1000]).unwrap();
            writer.write([2; 1000]).unwrap();
            // The second value lies in the first buffer.
            let reader = Reader::<[u64; 1000]>::open(&path).unwrap();
            truncate(&path, 8192 + 256);
            assert_eq!(reader.read(), Ok([2; 1000]));
            let known = reader.version();
            scope(|scope| {
                let waits = scope.spawn(|| reader.wait(known, LONG));
                assert_eq!(writer.write([3; 1000]), Ok(()));
                assert_eq!(writer.write([4; 1000]), Err(WriteError::Truncated));
                assert_eq!(reader.read(), Ok([2; 1000]));
                if is_closed {
                    writer.close().unwrap();
                } else {
                    drop(writer);
                }
                assert!(waits.join().unwrap());
            });
            assert_eq!((reader.read(), reader.writer_state()), (Err(ReadValueError::Closed), WriterState::Gone));
            assert_eq!(path.exists(), !is_closed);
            let _ = std::fs::remove_file(&path);
        }
    });
}

#[test]
fn a_wait_ends_soon_after_the_pages_are_gone() {
    alone("calls::a_wait_ends_soon_after_the_pages_are_gone", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        let best = (0..5).map(|round| {
            let (path, _writer) = lost(&place, &round.to_string(), 2, POSE);
            let reader = Reader::<Pose>::open(&path).unwrap();
            let known = reader.version();
            scope(|scope| {
                let waits = scope.spawn(|| (reader.wait(known, LONG), Instant::now()));
                sleep(Duration::from_millis(30));
                truncate(&path, 0);
                let began = Instant::now();
                let (ended, at) = waits.join().unwrap();
                assert!(ended && reader.read() == Err(LOST));
                at.saturating_duration_since(began)
            })
        });
        let best = best.min().unwrap();
        assert!(best < Duration::from_millis(250), "{best:?}");
    });
}

#[test]
fn a_fork_stays_a_fork() {
    alone("calls::a_fork_stays_a_fork", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        let (path, mut writer) = lost(&place, "fork", 2, POSE);
        let reader = Reader::<Pose>::open(&path).unwrap();
        // SAFETY: the child allocates, which glibc allows (P15 fork), and ends.
        match unsafe { nix::unistd::fork() }.unwrap() {
            ForkResult::Child => {
                truncate(&path, 0);
                let is_right = reader.read() == Err(LOST)
                    && writer.read() == Err(LOST)
                    && writer.write(POSE) == Err(WriteError::Forked);
                // SAFETY: ends the process.
                unsafe { nix::libc::_exit(if is_right { 3 } else { 4 }) }
            }
            ForkResult::Parent { child } => assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 3))),
        }
        assert_eq!((writer.write(POSE), writer.write(POSE)), (Ok(()), Err(WriteError::Truncated)));
    });
}

/// What it wrote last is gone.
#[test]
fn a_lost_region_is_not_put_back() {
    alone("calls::a_lost_region_is_not_put_back", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        let (path, mut writer) = lost(&place, "lost", 2, POSE);
        truncate(&path, 0);
        assert_eq!((writer.write(POSE), writer.write(POSE)), (Ok(()), Err(WriteError::Truncated)));
        std::fs::remove_file(&path).unwrap();
        let error = writer.restore_if_removed().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Truncated { found: 0, .. }), "{error}");
        assert!(!path.exists());
        drop(writer);
        let mut writer = Writer::<Pose>::create(&path).unwrap();
        assert_eq!(writer.write(POSE), Ok(()));
    });
}

/// Its entry is gone with it, and the one after it is its own.
#[test]
fn what_is_opened_later_is_another() {
    alone("calls::what_is_opened_later_is_another", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        let other = place.at("other");
        let mut whole = Writer::<Pose>::create(&other).unwrap();
        for round in 0..300 {
            let (path, mut writer) = lost(&place, "lost", 2, POSE);
            // More than one block of entries.
            let readers: Vec<_> = (0..round % 100).map(|_| Reader::<Pose>::open(&path).unwrap()).collect();
            truncate(&path, 0);
            assert!(readers.iter().all(|reader| reader.read() == Err(LOST)));
            assert_eq!((writer.write(POSE), writer.write(POSE)), (Ok(()), Err(WriteError::Truncated)));
            drop(writer);
            std::fs::remove_file(&path).unwrap();
            assert_eq!(whole.write(POSE), Ok(()));
        }
        assert_eq!(Reader::<Pose>::open(&other).unwrap().read(), Ok(POSE));
    });
}

fn take_over(path: &Path) -> &'static str {
    match Writer::<[u64; 1000]>::take_over(path) {
        Ok(mut writer) => match (writer.write([1; 1000]), writer.write([1; 1000])) {
            (Ok(()), Ok(()) | Err(WriteError::Truncated)) | (Err(WriteError::Truncated), _) => "taken",
            _ => "wrong",
        },
        Err(error) if matches!(error.kind(), ErrorKind::Truncated { .. }) => "truncated",
        Err(_) => "refused",
    }
}

/// While it is opened: taken over or refused, and no process ends.
#[test]
fn opening_is_not_killed_either() {
    alone("calls::opening_is_not_killed_either", End::Passed, || {
        survive_truncation().unwrap();
        let place = Place::new();
        let path = place.at("opened");
        for round in 0..300u64 {
            drop(Writer::<[u64; 1000]>::create(&path).unwrap());
            scope(|scope| {
                scope.spawn(|| {
                    (0..round % 10 * 20).for_each(|_| std::hint::spin_loop());
                    truncate(&path, round % 3 * 4096);
                });
                let found = take_over(&path);
                assert_ne!(found, "wrong");
                if let Ok(reader) = Reader::<[u64; 1000]>::open(&path) {
                    let read = reader.read();
                    assert!(read.is_err() || read == Ok([1; 1000]), "{read:?}");
                }
            });
            std::fs::remove_file(&path).unwrap();
        }
    });
}
