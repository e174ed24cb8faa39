//! `restore_if_removed`: a writer whose file was removed puts it back, readers follow, and no other file is touched.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use nix::unistd::ForkResult;
use seqcopy::{SeqCopy, Validate, Version};
use seqcopy_shm::{
    ErrorKind, FileReader, MapReader, Options, ReadValueError, Reader, Schema, Writer, WriterState, untyped,
};
use seqcopy_tests::faults::{Beat, Overlay, Peer, Place, Small, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    a: u8,
    b: u64,
    c: bool,
}

fn padded(n: u64) -> Padded {
    Padded { a: 7, b: n, c: n % 2 == 0 }
}

/// What a file was, but for its contents.
fn like(path: &Path) -> (u32, u32, u32) {
    let file = fs::metadata(path).unwrap();
    (file.uid(), file.gid(), file.mode())
}

#[test]
fn a_value_goes_on_with_its_version_and_permissions() {
    let place = Place::new();
    for buffers in [1, 2, 8] {
        let path = place.at(&buffers.to_string());
        let mut writer = Options::new().buffers(buffers).mode(0o640).create::<Padded>(&path).unwrap();
        assert!(!writer.restore_if_removed().unwrap(), "it is there");
        (1..=5).for_each(|n| writer.write(padded(n)).unwrap());
        let mut reader = Reader::<Padded>::open(&path).unwrap();
        let mut file = FileReader::<Padded>::open(&path).unwrap();
        if is_root() {
            // The last one has another group, and the same user.
            std::os::unix::fs::chown(&path, (buffers < 8).then_some(12345), Some(23456)).unwrap();
        }
        // More than the process's own mask allows.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let (before, version, header) = (like(&path), writer.version(), *writer.region().header());
        fs::remove_file(&path).unwrap();

        assert!(writer.restore_if_removed().unwrap());
        assert!(!writer.restore_if_removed().unwrap());
        assert_eq!((like(&path), writer.version()), (before, version));
        assert_eq!(
            (writer.region().header().buffers(), writer.region().header().fingerprint()),
            (buffers, header.fingerprint())
        );
        assert!(writer.was_created());
        assert_eq!(reader.read(), Err(ReadValueError::Closed));
        assert!(reader.reopen_if_removed().unwrap() && file.reopen_if_removed().unwrap());
        assert_eq!((reader.read(), file.read()), (Ok(padded(5)), Ok(padded(5))));
        assert_eq!((reader.version(), writer.read()), (version, Ok(padded(5))));
        assert!(matches!(reader.writer_state(), WriterState::Alive { .. }));
        let known = reader.version();
        writer.write(padded(6)).unwrap();
        writer.wake();
        assert!(reader.wait(known, Duration::from_secs(20)));
        assert_eq!((reader.read(), reader.version().to_bits()), (Ok(padded(6)), version.to_bits() + 1));
        writer.update(|it| it.b = 9).unwrap();
        assert_eq!(reader.read().unwrap().b, 9);
        writer.close().unwrap();
        assert!(!path.exists());
    }
    assert_eq!(place.names(), [""; 0]);
}

#[test]
fn slices_and_maps_go_on_too() {
    let place = Place::new();
    let path = place.at("slice");
    let mut slice = Options::new().capacity(9).create::<[std::num::NonZeroU16]>(&path).unwrap();
    let numbers = |from: u16| (from..from + 5).map(|n| std::num::NonZeroU16::new(n).unwrap()).collect::<Vec<_>>();
    slice.write_from(&numbers(1)).unwrap();
    slice.write_from(&numbers(2)).unwrap();
    let mut reader = Reader::<[std::num::NonZeroU16]>::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(slice.restore_if_removed().unwrap());
    let mut all = Vec::new();
    assert_eq!(reader.read_to_vec(&mut all), Err(ReadValueError::Closed));
    assert!(reader.reopen_if_removed().unwrap());
    reader.read_to_vec(&mut all).unwrap();
    assert_eq!((all.clone(), reader.version().to_bits(), reader.capacity()), (numbers(2), 2, 9));
    slice.write_from(&numbers(3)).unwrap();
    reader.read_to_vec(&mut all).unwrap();
    assert_eq!((all, slice.version().to_bits()), (numbers(3), 3));

    let path = place.at("map");
    let mut map = Options::new().buffers(4).create_map::<u32, Padded>(&path, 14).unwrap();
    (0..14).for_each(|key| _ = map.insert(key, padded(key.into())).unwrap());
    map.remove(&3).unwrap();
    let mut reader = MapReader::<u32, Padded>::open(&path).unwrap();
    let stamps = |reader: &MapReader<u32, Padded>| {
        let view = reader.view();
        let all = view.changed_since(Version::NEVER);
        all.map(|entry| entry.map(|(key, value, stamp)| (key, (value.b, stamp.to_bits()))).unwrap())
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (before, generation, seed) = (stamps(&reader), reader.generation(), map.region().header().seed());
    fs::remove_file(&path).unwrap();
    assert!(map.restore_if_removed().unwrap());
    assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
    assert!(reader.reopen_if_removed().unwrap());
    assert_eq!((stamps(&reader), map.region().header().seed(), map.len()), (before.clone(), seed, 13));
    assert!(reader.generation() >= generation);
    assert_eq!(map.insert(3, padded(33)), Ok(None));
    assert_eq!(map.insert(14, padded(1)), Err(seqcopy_shm::ChangeError::Full));
    assert_eq!(map.remove(&5).map(|it| it.map(|it| it.b)), Ok(Some(5)));
    let after = stamps(&reader);
    assert!(after.iter().all(|(key, value)| *key == 3 || before.get(key) == Some(value)), "{after:?}");
    assert_eq!(after.len(), 13);
}

/// Nothing was written yet; or a writer that died left a write unfinished.
#[test]
fn a_region_without_a_value_comes_back_without() {
    let place = Place::new();
    let path = place.at("empty");
    for buffers in [1, 2] {
        let mut writer = Options::new().buffers(buffers).create::<u64>(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap());
        let reader = Reader::<u64>::open(&path).unwrap();
        assert_eq!(reader.read(), Err(ReadValueError::NoValue(seqcopy::ReadError::Empty)));
        writer.write(1).unwrap();
        assert_eq!((reader.read(), reader.version().to_bits()), (Ok(1), 1));
        writer.close().unwrap();
    }
    for (value, word) in [(0u64, 1u64), (4, 9)] {
        let mut writer = Options::new().buffers(1).create::<u64>(&path).unwrap();
        (1..=value).for_each(|n| writer.write(n).unwrap());
        drop(writer);
        std::os::unix::fs::FileExt::write_all_at(
            &fs::File::options().write(true).open(&path).unwrap(),
            &word.to_ne_bytes(),
            192,
        )
        .unwrap();
        let mut writer = Writer::<u64>::take_over(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap());
        let reader = Reader::<u64>::open(&path).unwrap();
        assert_eq!(reader.try_read(), Err(ReadValueError::NoValue(seqcopy::ReadError::Busy)));
        writer.write(7).unwrap();
        assert_eq!((reader.read(), reader.version().to_bits()), (Ok(7), value + 1));
        assert!(!writer.was_created());
        writer.close().unwrap();
    }
}

/// Bits that are not a value, which a writer without a type may have left, are that afterwards, too.
#[test]
fn what_is_not_valid_stays_so() {
    let place = Place::new();
    let path = place.at("invalid");
    for buffers in [1, 2] {
        let mut writer = Options::new().buffers(buffers).create::<bool>(&path).unwrap();
        writer.write(true).unwrap();
        let bytes = fs::read(&path).unwrap();
        let at = bytes.iter().skip(200).position(|byte| *byte == 1).unwrap() as u64 + 200;
        let file = fs::File::options().write(true).open(&path).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &[2], at).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap());
        let reader = Reader::<bool>::open(&path).unwrap();
        assert!(matches!(reader.read(), Err(ReadValueError::Invalid(_))));
        writer.write(false).unwrap();
        assert_eq!((reader.read(), reader.version().to_bits()), (Ok(false), 2));
        writer.close().unwrap();
    }
}

#[test]
fn what_has_got_the_path_keeps_it() {
    let place = Place::new();
    let path = place.at("taken");
    let mut writer = Writer::<u64>::create(&path).unwrap();
    writer.write(1).unwrap();
    let reader = Reader::<u64>::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let other = Writer::<u64>::create(&path).unwrap();
    let (inode, names) = (fs::metadata(&path).unwrap().ino(), place.names());
    let error = writer.restore_if_removed().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Exists { is_region: true, owner: Some(_), .. }), "{error}");
    assert_eq!(error.path(), Some(&*path));
    assert_eq!((fs::metadata(&path).unwrap().ino(), place.names()), (inode, names));
    // The writer is as it was, and so are its readers.
    writer.write(2).unwrap();
    assert_eq!(reader.read(), Ok(2));
    other.close().unwrap();
    fs::write(&path, "no region").unwrap();
    assert!(matches!(writer.restore_if_removed().unwrap_err().kind(), ErrorKind::Exists { is_region: false, .. }));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(writer.restore_if_removed().is_err());
    fs::remove_dir(&path).unwrap();
    assert!(writer.restore_if_removed().unwrap());
    assert_eq!((reader.read(), writer.read()), (Err(ReadValueError::Closed), Ok(2)));
    writer.close().unwrap();

    // Without a path; in a fork.
    let mut memfd = Options::new().create_memfd::<u64>("none").unwrap();
    assert!(!memfd.restore_if_removed().unwrap());
    let mut writer = Writer::<u64>::create(&path).unwrap();
    fs::remove_file(&path).unwrap();
    // SAFETY: the child allocates, which glibc allows (P15 fork), and ends.
    match unsafe { nix::unistd::fork() }.unwrap() {
        ForkResult::Child => {
            let is_right = writer.restore_if_removed().is_ok_and(|was_restored| !was_restored) && !path.exists();
            // SAFETY: ends the process.
            unsafe { nix::libc::_exit(i32::from(!is_right)) }
        }
        ForkResult::Parent { child } => {
            let ended = nix::sys::wait::waitpid(child, None);
            assert_eq!(ended, Ok(nix::sys::wait::WaitStatus::Exited(child, 0)));
        }
    }
    assert!(writer.restore_if_removed().unwrap());
}

/// Nothing is lost where there is no space for a second one.
#[test]
fn without_space_the_writer_is_as_it_was() {
    let place = Place::new();
    let directory = place.at("full");
    let Some(full) = Overlay::tmpfs(&directory, "size=64k,nr_inodes=8") else {
        seqcopy_tests::skipped("this process may not mount a tmpfs");
        return;
    };
    let path = directory.join("region");
    let all = |n: u64| -> Box<[u64; 5000]> { vec![n; 5000].try_into().unwrap() };
    let mut writer = Options::new().buffers(1).create::<[u64; 5000]>(&path).unwrap();
    writer.write_from(&all(1)).unwrap();
    let reader = Reader::<[u64; 5000]>::open(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let error = writer.restore_if_removed().unwrap_err();
    assert!(error.to_string().contains("cannot fill it"), "{error}");
    assert_eq!(full.names(), [""; 0]);
    writer.write_from(&all(2)).unwrap();
    let mut found = Box::new_uninit();
    assert!(reader.read_into(&mut found).is_ok_and(|it| *it == *all(2)));
}

/// Killed after each step: the path leads nowhere or to the new region, whole.
#[test]
fn a_process_that_is_killed_while_it_restores_leaves_all_or_nothing() {
    let place = Place::new();
    let path = place.at("region");
    let mut restored = 0;
    for steps in 1.. {
        let _ = fs::remove_file(&path);
        let mut peer = Peer::start(PEER);
        peer.must(&format!("create {} 2", path.display()));
        peer.must("write 5");
        let mut reader = Reader::<Small>::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let Some(is_done) = peer.step("restore", steps).map(|is_there| !is_there) else { return };
        peer.kill();
        assert!(place.names().len() <= 1, "{steps}: {:?}", place.names());
        if path.exists() {
            restored += 1;
            let now = Reader::<Small>::open(&path).unwrap();
            assert_eq!((now.read().unwrap().number(), now.version().to_bits()), (Some(5), 1), "{steps}");
            assert!(reader.reopen_if_removed().unwrap(), "{steps}");
            let mut next = Writer::<Small>::take_over(&path).unwrap();
            next.write(Beat::of(6)).unwrap();
            assert_eq!(reader.read().unwrap().number(), Some(6), "{steps}");
        } else {
            assert_eq!(reader.read().unwrap().number(), Some(5), "{steps}");
        }
        if is_done {
            break;
        }
    }
    assert!(restored > 2, "{restored}");
}

/// 1,000 removals in the long form: what was written last is in the new region, readers follow, and never go back.
#[test]
fn readers_follow_through_many_removals() {
    let place = Place::new();
    let path = place.at("region");
    let rounds = if seqcopy_tests::is_long() { 1000 } else { 100 };
    let mut writer = Writer::<[u64; 3]>::create(&path).unwrap();
    writer.write([0; 3]).unwrap();
    let (is_over, restored, looked) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut n = 0u64;
            while !is_over.load(Relaxed) {
                for _ in 0..20 {
                    n += 1;
                    writer.write([n; 3]).unwrap();
                }
                if writer.restore_if_removed().unwrap() {
                    // Unless it is removed again already.
                    if let Ok(new) = Reader::<[u64; 3]>::open(&path) {
                        assert_eq!((new.read(), new.version().to_bits()), (Ok([n; 3]), n + 1), "nothing is lost");
                        looked.fetch_add(1, Relaxed);
                    }
                    restored.fetch_add(1, Relaxed);
                }
                std::thread::yield_now();
            }
            assert_eq!(writer.version().to_bits(), n + 1, "it goes on");
        });
        let reading = || {
            let mut reader = Reader::<[u64; 3]>::open(&path).ok();
            let (mut last, mut version) = (0, Version::from_bits(0));
            while !is_over.load(Relaxed) {
                let Some(it) = &mut reader else {
                    reader = Reader::open(&path).ok();
                    continue;
                };
                match it.read_versioned() {
                    Ok((value, seen)) => {
                        assert!(value == [value[0]; 3] && value[0] >= last, "{value:?} after {last}");
                        assert!(
                            seen.to_bits() >= version.to_bits() && seen.to_bits() == value[0] + 1,
                            "{seen:?} of {value:?}, after {version:?}"
                        );
                        (last, version) = (value[0], seen);
                    }
                    Err(ReadValueError::Closed) => _ = it.reopen_if_removed().unwrap(),
                    Err(error) => panic!("{error}"),
                }
            }
            last
        };
        let readers = [scope.spawn(reading), scope.spawn(reading)];
        let limit = Instant::now() + Duration::from_secs(120);
        for round in 0..rounds {
            while restored.load(Relaxed) < round {
                assert!(Instant::now() < limit && !writing.is_finished(), "not restored: {round}");
                std::thread::yield_now();
            }
            let _ = fs::remove_file(&path);
        }
        while restored.load(Relaxed) < rounds {
            assert!(Instant::now() < limit && !writing.is_finished(), "not restored");
            std::thread::yield_now();
        }
        is_over.store(true, Relaxed);
        writing.join().unwrap();
        assert!(readers.map(|it| it.join().unwrap()).iter().all(|last| *last > 0));
    });
    assert!(looked.load(Relaxed) > rounds / 2);
}

/// Nor does a writer of bytes leave anything behind where there is nothing.
#[test]
fn a_region_of_bytes_without_a_value_comes_back_without() {
    let place = Place::new();
    let path = place.at("empty");
    for buffers in [1, 2] {
        let (schema, options) = (Schema::of::<u64>(), Options::new().buffers(buffers));
        let mut writer = untyped::Writer::create(&path, &schema, &options).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap());
        let reader = Reader::<u64>::open(&path).unwrap();
        assert_eq!(reader.try_read(), Err(ReadValueError::NoValue(seqcopy::ReadError::Empty)));
        writer.write_bytes(&1u64.to_ne_bytes()).unwrap();
        assert_eq!((reader.read(), reader.version().to_bits()), (Ok(1), 1));
        writer.close().unwrap();
    }
}
