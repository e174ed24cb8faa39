//! What errors of regions say, and that following it helps. The table in verify/evidence/faults.md names these tests.

use std::fs;
use std::path::Path;

use seqcopy::ReadError;
use seqcopy_shm::{
    Error, ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Schema, VersionError, Writer,
};
use seqcopy_tests::faults::{Beat, Peer, Place, Small, is_root};

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

/// The error of all ways to open, which must be the same.
#[track_caller]
fn said(path: &Path) -> Error {
    let error = Reader::<Small>::open(path).unwrap_err();
    for other in [
        Region::open(path).map(drop).unwrap_err(),
        FileReader::<Small>::open(path).map(drop).unwrap_err(),
        Writer::<Small>::take_over(path).map(drop).unwrap_err(),
    ] {
        assert_eq!(other.to_string(), error.to_string());
    }
    error
}

type Expected = fn(&VersionError) -> bool;

#[test]
fn another_version_is_reported_with_what_to_do() {
    let place = Place::new();
    let (good, path) = (place.at("good"), place.at("other"));
    let mut writer = Writer::<Small>::create(&good).unwrap();
    writer.write(Beat::of(5)).unwrap();
    let schema = usize::try_from(writer.region().header().schema_offset()).unwrap();
    drop(writer);
    let bytes = fs::read(&good).unwrap();
    assert_eq!(&bytes[schema + 8..][..16], b"seqcopy schema 1");
    let host = schema + 8 + 16;
    let little = cfg!(target_endian = "little");
    let (order, other) = if little { (2, b'>') } else { (1, b'<') };
    let same = "build both programs with the same version of seqcopy";
    let format: Expected = |found| matches!(found, VersionError::Format { expected: 1, found: 3, .. });
    let schema_2: Expected = |found| matches!(found, VersionError::Schema { expected: 1, found: 2, .. });
    let width: Expected = |found| matches!(found, VersionError::PointerWidth { expected: 8, found: 4, .. });
    let byte_order: Expected = |found| *found == VersionError::ByteOrder;
    let kind = "this is a region of another kind of machine: ";
    let version = "this is a region of another version: ";
    for (at, byte, expected, words) in [
        (8, 3, format, format!("{version}format 1 expected, format 3 found: {same}")),
        (12, order, byte_order, kind.to_owned()),
        (
            13,
            4,
            width,
            format!("{kind}pointers of 8 bytes expected, of 4 found: build both programs for the same width"),
        ),
        (schema + 8 + 15, b'2', schema_2, format!("{version}schema 1 expected, schema 2 found: {same}")),
        (host, 4, width, format!("{kind}pointers of 8 bytes expected")),
        (host + 1, other, byte_order, kind.to_owned()),
    ] {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        // A number in the byte order of this machine.
        if at == 8 && !little {
            bytes[8..12].copy_from_slice(&2u32.to_be_bytes());
        }
        fs::write(&path, &bytes).unwrap();
        let error = said(&path);
        assert!(matches!(error.kind(), ErrorKind::Version(found) if expected(found)), "{at}: {error:?}");
        assert!(error.to_string().contains(&format!("`: {words}")), "{error}");
    }
    // What no version has is reported as damage.
    for (at, byte) in [(12, 7), (13, 7), (schema + 8, b'S'), (schema + 8 + 15, b'x'), (host, 3), (host + 1, b'=')] {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        fs::write(&path, &bytes).unwrap();
        let error = said(&path);
        assert!(matches!(error.kind(), ErrorKind::Header { .. } | ErrorKind::Schema(_)), "{at}: {error:?}");
    }
    // `Schema::decode` reports the same.
    let error = Schema::decode(&bytes[schema..]).map(|_| ()).and(Schema::decode(b"\x10\0\0\0\0\0\0\0seqcopy schema 9"));
    let other = error.unwrap_err().other_version();
    assert!(matches!(other, Some(VersionError::Schema { expected: 1, found: 9, .. })), "{other:?}");
}

#[test]
fn a_missing_directory_or_proc_is_named_when_creation_fails() {
    let place = Place::new();
    let said = Writer::<Small>::create(place.at("missing").join("pose")).unwrap_err().to_string();
    assert!(
        said.contains("cannot create a file in the directory `")
            && said.ends_with("there is no such directory: create it first")
    );
    let said = Writer::<Small>::take_over(place.at("pose")).unwrap_err().to_string();
    assert!(said.ends_with("the writer has not created it yet, or it was removed"), "{said}");
    if !is_root() {
        seqcopy_tests::skipped("only root can start a process that has no /proc");
        return;
    }
    let mut peer = Peer::start(PEER);
    peer.must(&format!("jail {}", place.path().display()));
    let said = peer.ask("create /pose 2");
    assert!(
        said.contains("cannot link it into place") && said.contains("that needs `/proc/self/fd`: mount `/proc`"),
        "{said}"
    );
    assert_eq!(place.names(), [""; 0]);
    // An existing region can be read without `/proc`.
    drop(Writer::<Small>::create(place.at("made")).unwrap());
    peer.must("open /made");
}

#[test]
fn a_region_that_stays_busy_refers_to_writer_state() {
    let place = Place::new();
    let path = place.at("pose");
    let writer = Options::new().buffers(1).create::<Small>(&path).unwrap();
    // Odd: as if its writer, this process, were copying.
    let file = fs::File::options().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &5u64.to_ne_bytes(), 192).unwrap();
    let error = Reader::<Small>::open(&path).unwrap().read().unwrap_err();
    assert_eq!(error, ReadValueError::NoValue(ReadError::Busy));
    assert!(error.to_string().ends_with("the writer may be stopped; `writer_state` names its process"), "{error}");
    drop(writer);
}
