//! What can't be opened as a region, and with which error.
//! The table in verify/evidence/faults.md names these tests.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::stat::Mode;
use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::{ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Writer};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// A region with a value and no writer.
fn region(path: &Path) -> Vec<u8> {
    let mut writer = Writer::<Small>::create(path).unwrap();
    writer.write(Beat::of(5)).unwrap();
    drop(writer);
    fs::read(path).unwrap()
}

/// The error of all ways to open, which must be the same: a reader, a file reader, a writer.
#[track_caller]
fn refused(path: &Path) -> String {
    let said = Reader::<Small>::open(path).unwrap_err();
    assert_eq!(said.path(), Some(path));
    let kind = format!("{:?}", said.kind());
    assert_eq!(format!("{:?}", FileReader::<Small>::open(path).unwrap_err().kind()), kind);
    // A writer gets another error when it opens a directory.
    let writers = format!("{:?}", Writer::<Small>::take_over(path).unwrap_err().kind());
    assert!(writers == kind || matches!(said.kind(), ErrorKind::NotRegularFile), "{writers} {kind}");
    said.to_string()
}

#[test]
fn a_reader_before_the_writer_is_told_to_wait() {
    let place = Place::new();
    let path = place.at("pose");
    assert!(refused(&path).contains("the writer has not created it yet"));
    let mut writer = Writer::<Small>::create(&path).unwrap();
    let reader = Reader::<Small>::open(&path).unwrap();
    assert_eq!(reader.read(), Err(ReadValueError::NoValue(seqcopy::ReadError::Empty)));
    assert_eq!(FileReader::<Small>::open(&path).unwrap().read(), reader.read());
    assert_eq!(Region::open(&path).unwrap().read_bytes().unwrap_err(), reader.read().unwrap_err());
    writer.write(Beat::of(1)).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(1)));
}

#[test]
fn directories_pipes_and_devices_are_refused_at_once() {
    let place = Place::new();
    let (directory, pipe, socket) = (place.at("directory"), place.at("pipe"), place.at("socket"));
    fs::create_dir(&directory).unwrap();
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let _listener = UnixListener::bind(&socket).unwrap();
    let began = Instant::now();
    for path in [&*directory, &*pipe, &*socket, Path::new("/dev/null"), Path::new("/dev/zero")] {
        assert!(refused(path).ends_with("this is not a regular file, so it can't be a region"), "{}", path.display());
        assert!(Region::open(path).is_err());
    }
    assert!(began.elapsed() < Duration::from_secs(60), "opening a pipe without a writer blocked");
}

/// What waits for the other end of a pipe goes on waiting, whatever looks at the pipe: also a list, when it is put in
/// the place of a region.
#[test]
#[cfg(target_os = "linux")] // where a file can be looked at without opening it
fn a_pipe_is_not_opened() {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    let place = Place::new();
    let path = place.at("pipe");
    nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap();
    let was_opened = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            drop(fs::OpenOptions::new().write(true).open(&path).unwrap());
            was_opened.store(true, SeqCst);
        });
        // Until it waits.
        std::thread::sleep(Duration::from_millis(50));
        for _ in 0..20 {
            assert!(refused(&path).ends_with("so it can't be a region"));
            assert!(FileReader::<Small>::open(&path).is_err() && Writer::<Small>::take_over(&path).is_err());
            assert!(Writer::<Small>::open_or_create(&path).is_err() && Writer::<Small>::create(&path).is_err());
            let replaces = seqcopy_shm::Options::new().replace_other_type(true);
            assert!(replaces.open_or_create::<Small>(&path).is_err());
            assert!(seqcopy_shm::regions_in(place.path()).unwrap().is_empty());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(!was_opened.load(SeqCst), "the pipe was opened");
        drop(fs::File::open(&path).unwrap());
    });
    assert!(was_opened.load(SeqCst));
}

#[test]
fn other_files_are_refused_by_their_length_or_magic() {
    let place = Place::new();
    let path = place.at("file");
    for len in [0, 1, 199] {
        fs::write(&path, vec![b'x'; len]).unwrap();
        let said = refused(&path);
        assert!(
            said.ends_with(&format!("this file is not a seqcopy region: it has {len} bytes, expected at least 200")),
            "{said}"
        );
    }
    fs::write(&path, vec![b'\x1b'; 5000]).unwrap();
    let said = refused(&path);
    assert!(said.contains("its first 8 bytes are \"\\x1b"), "{said}");
}

#[test]
fn every_flipped_byte_of_the_header_is_noticed_or_harmless() {
    let place = Place::new();
    let (original, path) = (place.at("original"), place.at("flipped"));
    let good = region(&original);
    for at in 0..128 {
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= flip;
            fs::write(&path, &bytes).unwrap();
            // The time of creation can be any; everything else is determined by the type.
            if (96..108).contains(&at) && Region::open(&path).is_ok() {
                assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(5)));
            } else {
                refused(&path);
                Region::open(&path).unwrap_err();
            }
        }
    }
}

#[test]
fn no_state_but_open_can_be_read_and_a_closed_region_says_so() {
    let place = Place::new();
    let (original, path) = (place.at("original"), place.at("other"));
    let good = region(&original);
    for state in [0u32, 2, 3, 1 << 8, u32::MAX] {
        fs::write(&path, &good).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.write_all_at(&state.to_ne_bytes(), 128).unwrap();
        if state == 2 {
            // It is closed once its word is 0 as well.
            assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(5)));
            file.write_all_at(&0u64.to_ne_bytes(), 192).unwrap();
        }
        let said = refused(&path);
        match state {
            2 => assert!(said.ends_with("its writer closed it: remove it and create a new one"), "{said}"),
            // A region that is being created has the state 0, but no name yet.
            _ => assert!(said.contains("its state should be 1 (open) or 2 (closed)"), "{said}"),
        }
    }
}

/// A schema that is whole, and not the one that the header speaks of.
#[test]
fn a_header_of_another_schema_is_refused_by_both_fingerprints() {
    let place = Place::new();
    let path = place.at("another");
    region(&path);
    let schema = Region::open(&path).unwrap().schema().fingerprint();
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&(schema ^ 1).to_ne_bytes(), 16).unwrap();
    let error = Region::open(&path).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Fingerprint { header, schema: found, .. } if (*header, *found) == (schema ^ 1, schema)),
        "{error}"
    );
}

#[test]
fn a_region_truncated_at_any_length_is_refused() {
    let place = Place::new();
    let (original, path) = (place.at("original"), place.at("truncated"));
    let good = region(&original);
    for len in (0..good.len()).rev() {
        fs::write(&path, &good[..len]).unwrap();
        let said = refused(&path);
        assert!(said.contains(&format!("it has {len} bytes, expected at least")), "{said}");
    }
    fs::write(&path, &good).unwrap();
    assert_eq!(Reader::<Small>::open(&path).unwrap().read(), Ok(Beat::of(5)));
}

/// Truncated and grown again: the length is right, but pages are missing, and touching one may need memory that isn't
/// there.
#[test]
fn holes_are_found_before_they_are_touched() {
    let place = Place::new();
    let path = place.at("large");
    let mut writer = Writer::<Beat<4096>>::create(&path).unwrap();
    writer.write(Beat::of(5)).unwrap();
    drop(writer);
    let len = fs::metadata(&path).unwrap().len();
    let file = File::options().write(true).open(&path).unwrap();
    for kept in [len - 100, 40_000, 4096, 300, 0] {
        file.set_len(kept).unwrap();
        file.set_len(len).unwrap();
        let opened = Reader::<Beat<4096>>::open(&path);
        let first = kept.next_multiple_of(4096);
        if first >= len {
            // No page was lost, only the end of the schema.
            assert!(matches!(opened.unwrap_err().kind(), ErrorKind::Schema(_) | ErrorKind::Fingerprint { .. }));
            continue;
        }
        let error = opened.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Hole { at, .. } if *at == first), "{kept}: {error}");
        assert!(Writer::<Beat<4096>>::take_over(&path).is_err());
        // A reader that does not map would be safe, but the bytes there were written by no writer.
        let error = FileReader::<Beat<4096>>::open(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Hole { at, .. } if *at == first), "{kept}: {error}");
    }
}

#[test]
fn huge_pages_are_refused_before_they_are_touched() {
    // Most likely none is reserved: touching one would be a SIGBUS. And no part of one can be unmapped.
    let flags = MFdFlags::MFD_HUGETLB | MFdFlags::MFD_ALLOW_SEALING;
    let Ok(file) = memfd_create("seqcopy-huge", flags) else {
        seqcopy_tests::skipped("this system has no huge pages");
        return;
    };
    let file = File::from(file);
    file.set_len(2 << 20).unwrap();
    fcntl(&file, FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_SHRINK)).unwrap();
    let error = Region::from_fd(file.try_clone().unwrap().into()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HugePages), "{error}");
    assert!(matches!(Writer::<Small>::take_over_fd(file.into()).unwrap_err().kind(), ErrorKind::HugePages));
}

#[test]
fn a_reader_that_does_not_map_survives_a_file_that_is_truncated_while_it_reads() {
    let place = Place::new();
    let path = place.at("truncated");
    region(&path);
    let reader = FileReader::<Small>::open(&path).unwrap();
    assert_eq!(reader.read(), Ok(Beat::of(5)));
    let file = File::options().write(true).open(&path).unwrap();
    for len in (0..600).rev() {
        file.set_len(len).unwrap();
        let said = reader.read();
        assert!(matches!(said, Err(ReadValueError::Truncated)) || len > 350, "{len}: {said:?}");
    }
}

mod other {
    #[derive(seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    pub(crate) struct Pose {
        pub(crate) at: u64,
        pub(crate) mode: Mode,
        pub(crate) limits: [u16; 4],
    }
    #[derive(seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(u8)]
    pub(crate) enum Mode {
        _Idle,
        _Moving,
    }
}

#[test]
fn another_type_is_refused_by_the_first_field_that_differs() {
    #[derive(SeqCopy, Validate)]
    #[repr(C)]
    struct Pose {
        at: u64,
        mode: u16,
        limits: [u32; 4],
    }
    let place = Place::new();
    let path = place.at("pose");
    let writer = Writer::<other::Pose>::create(&path).unwrap();
    let wanted = "the region holds another type: field `mode`: u8 enum `Mode` there, u16 here: build both programs from one definition. If the type was changed on purpose, open readers with `open_by_fields`, or replace the region (`Options::replace_other_type`)";
    for said in [
        Reader::<Pose>::open(&path).unwrap_err().to_string(),
        FileReader::<Pose>::open(&path).unwrap_err().to_string(),
        Writer::<Pose>::take_over(&path).unwrap_err().to_string(),
    ] {
        assert!(said.ends_with(wanted), "{said}");
    }
    // The same when the writer of the old type has ended.
    drop(writer);
    for said in [
        Writer::<Pose>::take_over(&path).unwrap_err().to_string(),
        Writer::<Pose>::open_or_create(&path).unwrap_err().to_string(),
    ] {
        assert!(said.contains("u16 here: its writer has ended, so replace it"), "{said}");
    }
    let said = Writer::<Pose>::create(&path).unwrap_err().to_string();
    assert!(said.contains("or remove it if its writer has ended"), "{said}");
}

#[test]
fn a_header_that_contradicts_its_schema_is_refused_by_every_reader() {
    let place = Place::new();
    let (original, path) = (place.at("original"), place.at("lying"));
    let _writer = Options::new().buffers(1).create::<[u64; 4]>(&original).unwrap();
    let mut bytes = fs::read(&original).unwrap();
    // An alignment of 4 instead of 8, from which the same offsets follow: the header is consistent in itself.
    bytes[40..44].copy_from_slice(&4u32.to_ne_bytes());
    fs::write(&path, &bytes).unwrap();
    let wanted = "its size and alignment should be 32 and 8, found 32 and 4";
    for said in [
        Region::open(&path).unwrap_err().to_string(),
        Reader::<[u64; 4]>::open(&path).unwrap_err().to_string(),
        FileReader::<[u64; 4]>::open(&path).unwrap_err().to_string(),
    ] {
        assert!(said.ends_with(wanted), "{said}");
    }
}

#[test]
fn without_permission_nothing_is_opened_made_or_changed() {
    let place = Place::new();
    let (private, directory) = (place.at("private"), place.at("directory"));
    Options::new().mode(0o600).create::<Small>(&private).unwrap();
    let readable = place.at("readable");
    let mut writer = Options::new().mode(0o644).create::<Small>(&readable).unwrap();
    writer.write(Beat::of(7)).unwrap();
    drop(writer);
    // Whatever this process's umask.
    fs::set_permissions(&readable, Permissions::from_mode(0o644)).unwrap();
    fs::create_dir(&directory).unwrap();
    let mut peer = Peer::start(PEER);
    if is_root() {
        // Permissions do not apply to root: a process of another user tries.
        peer.must("drop_root");
    } else {
        fs::set_permissions(&private, Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(&readable, Permissions::from_mode(0o444)).unwrap();
        fs::set_permissions(&directory, Permissions::from_mode(0o555)).unwrap();
    }
    let denied = "Permission denied";
    let mut refused = |order: &str, path: &Path| {
        let said = peer.ask(&format!("{order} {}", path.display()));
        assert!(said.starts_with("refused: ") && said.contains(denied), "{order}: {said}");
    };
    refused("open", &private);
    refused("take_over", &private);
    refused("take_over", &readable);
    let said = peer.ask(&format!("create {} 2", directory.join("new").display()));
    assert!(said.contains(denied), "{said}");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
    // Reading is what the permissions allow.
    peer.must(&format!("open {}", readable.display()));
    assert_eq!(peer.ask("read"), "value Some(7)");
    assert_eq!(peer.ask("state"), "Gone");
}
