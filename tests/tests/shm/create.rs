//! What can't be created, and that nothing is left behind; what others find meanwhile. The table in
//! verify/evidence/faults.md names these tests.

use std::io::ErrorKind::NotFound;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use seqcopy::{SeqSlice, SeqStr};
use seqcopy_shm::untyped::BytesError;
use seqcopy_shm::{
    ChangeError, Error, ErrorKind, MapWriter, Options, ReadValueError, Reader, Schema, VersionError, WriteError,
    Writer, untyped,
};
use seqcopy_tests::faults::{Beat, Overlay, Peer, Place, Small};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

#[test]
fn a_full_file_system_is_an_error_and_nothing_is_left_behind() {
    let place = Place::new();
    let directory = place.at("full");
    let Some(full) = Overlay::tmpfs(&directory, "size=64k,nr_inodes=8") else {
        seqcopy_tests::skipped("this process may not mount a tmpfs; a_limit_of_file_sizes.. covers it");
        return;
    };
    let path = directory.join("region");
    let error = Writer::<Beat<8192>>::create(&path).unwrap_err();
    assert!(error.to_string().contains("free some space in the file system, nothing was left behind"), "{error}");
    assert_eq!(full.names(), [""; 0]);
    // All of its space is free again, once no process that another test is just starting has the descriptor.
    let limit = Instant::now() + Duration::from_secs(60);
    let mut writer = loop {
        match Writer::<Beat<2048>>::create(&path) {
            Ok(writer) => break writer,
            Err(error) => assert!(Instant::now() < limit, "{error}"),
        }
        thread::sleep(Duration::from_millis(5));
    };
    writer.write(Beat::of(3)).unwrap();
    let error = Writer::<Beat<4096>>::create(directory.join("other")).unwrap_err();
    assert!(error.to_string().contains("No space left"), "{error}");
    // Every page of the first region is allocated: writes to it can no longer fail.
    writer.write(Beat::of(4)).unwrap();
    assert_eq!(Reader::<Beat<2048>>::open(&path).unwrap().read(), Ok(Beat::of(4)));
    assert_eq!(full.names(), ["region"]);
    drop(writer);

    full.make_read_only();
    let error = Writer::<Small>::create(directory.join("other")).unwrap_err();
    let place = format!("cannot create a file in the directory `{}`: Read-only file system", directory.display());
    assert!(error.to_string().contains(&place), "{error}");
    assert!(error.to_string().ends_with(": choose a directory that this user may write, such as that of `path_for`"));
    assert!(Writer::<Beat<2048>>::take_over(&path).is_err());
    assert_eq!(Reader::<Beat<2048>>::open(&path).unwrap().read(), Ok(Beat::of(4)));
}

/// The memory of a tmpfs is shared by all processes: what does not fit is refused before any of it is allocated.
#[test]
fn a_region_that_does_not_fit_takes_no_memory_before_it_is_refused() {
    let place = Place::new();
    let directory = place.at("small");
    let Some(_small) = Overlay::tmpfs(&directory, "size=16m") else {
        seqcopy_tests::skipped("this process may not mount a tmpfs");
        return;
    };
    let free = || nix::sys::statvfs::statvfs(&directory).unwrap().blocks_available();
    let (before, done) = (free(), AtomicBool::new(false));
    let least = thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut least = before;
            while !done.load(SeqCst) {
                least = least.min(free());
            }
            least
        });
        for _ in 0..20 {
            // Two buffers of 16 MiB each.
            let error = Writer::<[u64; 2 << 20]>::create(directory.join("region")).unwrap_err();
            assert!(
                error.to_string().contains("free some space in the file system, nothing was left behind"),
                "{error}"
            );
        }
        done.store(true, SeqCst);
        watching.join().unwrap()
    });
    assert_eq!((least, free()), (before, before));
}

#[test]
fn a_limit_of_file_sizes_is_an_error_and_nothing_is_left_behind() {
    let place = Place::new();
    let mut peer = Peer::start(PEER);
    peer.must("limit 8192");
    let said = peer.ask(&format!("create_large {} 2", place.at("region").display()));
    assert!(said.starts_with("refused: ") && said.contains("cannot fill it"), "{said}");
    assert_eq!(place.names(), [""; 0]);
    peer.must(&format!("create {} 2", place.at("region").display()));
}

#[test]
fn no_process_finds_an_incomplete_region() {
    // Takes some milliseconds to create; no value of it is ever on a stack.
    type Large = Beat<500_000>;
    let place = Place::new();
    let path = place.at("pose");
    let (stop, found) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(SeqCst) {
                    match Reader::<Large>::open(&path) {
                        Ok(_) => _ = found.fetch_add(1, SeqCst),
                        Err(error) => match error.kind() {
                            ErrorKind::Io { source, .. } if source.kind() == NotFound => {}
                            ErrorKind::Closed => {}
                            _ => panic!("{error}"),
                        },
                    }
                }
            });
        }
        let creating = scope.spawn(|| {
            let (began, mut rounds) = (Instant::now(), 0);
            // As many rounds as it takes until readers have found it often enough: that depends on the scheduler.
            while rounds < 60 || (found.load(SeqCst) < 20 && began.elapsed() < Duration::from_secs(60)) {
                rounds += 1;
                let (writer, before) = (Writer::<Large>::create(&path).unwrap(), Instant::now());
                let known = found.load(SeqCst);
                while found.load(SeqCst) == known && before.elapsed() < Duration::from_millis(20) {
                    std::thread::yield_now();
                }
                writer.close().unwrap();
                // The directory contains the complete region or nothing, at any time.
                assert_eq!(place.names(), [""; 0]);
            }
        });
        let result = creating.join();
        stop.store(true, SeqCst);
        result.unwrap();
    });
    assert!(found.into_inner() >= 20, "opened too rarely");
}

#[test]
fn one_of_many_concurrent_creations_succeeds() {
    let place = Place::new();
    for round in 0..50 {
        let path = place.at(&round.to_string());
        let writers: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..4).map(|_| scope.spawn(|| Writer::<Small>::create(&path))).collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        let (made, refused): (Vec<_>, Vec<_>) = writers.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        assert!(refused.into_iter().all(|error| matches!(error.unwrap_err().kind(), ErrorKind::Exists { .. })));
        assert!(Reader::<Small>::open(&path).is_ok());
    }
}

#[test]
fn what_is_at_the_path_decides_what_to_do() {
    let place = Place::new();
    let (region, text, pipe) = (place.at("region"), place.at("text"), place.at("pipe"));
    drop(Writer::<Small>::create(&region).unwrap());
    std::fs::write(&text, "127.0.0.1 localhost\n".repeat(300)).unwrap();
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let error = Writer::<Small>::create(&region).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Exists { is_region: true, .. }), "{error}");
    assert!(error.to_string().contains("take the region over with `Writer::take_over`"), "{error}");
    for path in [place.path().parent().unwrap(), &text, &pipe] {
        let words = "the path exists already, and what is there is not a region: choose another path";
        for error in [Writer::<Small>::create(path).unwrap_err(), MapWriter::<u8, u8>::create(path, 1).unwrap_err()] {
            assert!(matches!(error.kind(), ErrorKind::Exists { is_region: false, .. }), "{error}");
            assert_eq!(error.to_string(), format!("`{}`: {words}", path.display()));
        }
    }
    assert_eq!(std::fs::read_to_string(&text).unwrap().len(), 6000);
}

#[test]
fn an_empty_path_and_a_directory_that_takes_no_files_are_named() {
    let empty = "``: the path is empty: give the region one, such as `path_for(\"pose\")`";
    assert_eq!(Writer::<Small>::create("").unwrap_err().to_string(), empty);
    assert_eq!(Writer::<Small>::open_or_create("").unwrap_err().to_string(), empty);
    assert_eq!(Reader::<Small>::open("").unwrap_err().to_string(), empty);
    assert_eq!(MapWriter::<u8, u8>::create("", 1).unwrap_err().to_string(), empty);
    // Files can't be made there, not even by root.
    let error = Writer::<Small>::create("/sys/seqcopy").unwrap_err().to_string();
    assert!(error.starts_with("`/sys/seqcopy`: cannot create a file in the directory `/sys`: "), "{error}");
    assert!(error.ends_with(": choose a directory that this user may write, such as that of `path_for`"), "{error}");
    let error = Writer::<Small>::create("/no/such/region").unwrap_err().to_string();
    assert!(error.contains("in the directory `/no/such`: ") && error.ends_with(": create it first"), "{error}");
}

/// To open a device can do something. A pipe shows it: its writer sleeps until it is opened to read.
#[test]
fn what_is_no_file_is_not_opened_for_the_words_of_an_error() {
    let place = Place::new();
    let pipe = place.at("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    thread::scope(|scope| {
        let writing = scope.spawn(|| std::fs::File::options().write(true).open(&pipe).map(drop));
        // Long enough to begin to sleep; if it did not, less is tested.
        thread::sleep(Duration::from_millis(50));
        let error = Writer::<Small>::create(&pipe).unwrap_err();
        assert!(error.to_string().contains("what is there is not a region"), "{error}");
        thread::sleep(Duration::from_millis(50));
        let was_opened = writing.is_finished();
        // Lets it go on, and does not wait if it has.
        let flags = nix::fcntl::OFlag::O_NONBLOCK.bits();
        let _reading = std::os::unix::fs::OpenOptionsExt::custom_flags(std::fs::File::options().read(true), flags)
            .open(&pipe)
            .unwrap();
        writing.join().unwrap().unwrap();
        assert!(!was_opened, "the pipe was opened");
    });
}

/// Whatever is created, and however: at most nine bits. `mode(644)`, which is meant to be octal, would be a file that
/// its owner can't read, and more bits one that runs as its owner.
#[test]
fn permissions_are_nine_bits() {
    type Create = fn(&Options, &Path) -> Result<(), Error>;
    const CREATE: &[(&str, Create)] = &[
        ("create", |options, path| options.create::<u32>(path).map(drop)),
        ("open_or_create", |options, path| options.open_or_create::<u32>(path).map(drop)),
        ("create a slice", |options, path| options.clone().capacity(3).create::<[u32]>(path).map(drop)),
        ("create_memfd", |options, _| options.create_memfd::<u32>("mode").map(drop)),
        ("create_map", |options, path| options.create_map::<u32, u32>(path, 7).map(drop)),
        ("open_or_create_map", |options, path| options.open_or_create_map::<u32, u32>(path, 7).map(drop)),
        ("create_map_memfd", |options, _| options.create_map_memfd::<u32, u32>("mode", 7).map(drop)),
        ("untyped create", |options, path| untyped::Writer::create(path, &Schema::of::<u32>(), options).map(drop)),
        ("untyped open_or_create", |options, path| {
            untyped::Writer::open_or_create(path, &Schema::of::<u32>(), options).map(drop)
        }),
        ("untyped create_memfd", |options, _| {
            untyped::Writer::create_memfd("mode", &Schema::of::<u32>(), options).map(drop)
        }),
        ("untyped create of a map", |options, path| {
            untyped::MapWriter::create(path, &Schema::of_map::<u32, u32>(), 8, options).map(drop)
        }),
        ("untyped open_or_create of a map", |options, path| {
            untyped::MapWriter::open_or_create(path, &Schema::of_map::<u32, u32>(), 8, options).map(drop)
        }),
        ("untyped create_memfd of a map", |options, _| {
            untyped::MapWriter::create_memfd("mode", &Schema::of_map::<u32, u32>(), 8, options).map(drop)
        }),
    ];
    let place = Place::new();
    let path = place.at("region");
    for (name, create) in CREATE {
        for (mode, found) in [(0o1000, "1000"), (644, "1204"), (0o4755, "4755"), (u32::MAX, "37777777777")] {
            let error = create(&Options::new().mode(mode), &path).expect_err(name).to_string();
            let end = format!(
                "its permissions should be at most 777 in octal, such as `Options::mode(0o644)`, found {found} in octal"
            );
            assert!(error.ends_with(&end), "{name}: {error}");
            assert_eq!(place.names(), [""; 0], "{name}");
        }
        create(&Options::new().mode(0o777), &path).expect(name);
        for name in place.names() {
            std::fs::remove_file(place.at(&name)).unwrap();
        }
    }
}

/// The system's words say what it refused, and not why.
#[test]
fn names_of_memfds_are_short_texts() {
    let create = |name: &str| Options::new().create_memfd::<u32>(name).map(drop).map_err(|error| error.to_string());
    create("").unwrap();
    create(&"n".repeat(249)).unwrap();
    for name in [&"n".repeat(250)[..], "a\0b"] {
        let error = create(name).unwrap_err();
        assert!(error.ends_with(": its name has at most 249 bytes, and no zero among them"), "{error}");
    }
}

/// A `main` that returns an error prints it by `Debug`.
#[test]
fn errors_are_shown_by_their_messages() {
    fn is_message(error: impl std::error::Error) {
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(error.to_string().contains(' '));
    }
    is_message(Reader::<Small>::open("/dev/null").unwrap_err());
    is_message(ReadValueError::Closed);
    is_message(ChangeError::Forked);
    is_message(ChangeError::Full);
    is_message(BytesError::NotWritten(ChangeError::Full));
    is_message(VersionError::ByteOrder);
    is_message(Schema::decode(b"nonsense").unwrap_err());
    is_message(WriteError::Forked);
    is_message(SeqStr::<1>::try_from("long").unwrap_err());
    is_message(SeqSlice::<u8>::from_slice(&[1]).read_to_slice(&mut []).unwrap_err());
}
