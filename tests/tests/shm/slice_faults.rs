//! What other processes do to a slice in a region: lengths, elements and capacities that lie, truncated files, writers
//! that are killed. The table in verify/evidence/faults.md names these tests.

use std::fmt::Debug;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use seqcopy::{ReadError, SeqCopy, SeqVec, Validate, Version};
use seqcopy_shm::{ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Writer};
use seqcopy_tests::faults::{Peer, Place};
use seqcopy_tests::oracle::Rng;

const PEER: &str = env!("CARGO_BIN_EXE_shm_peer");

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    a: u16,
    b: u64,
    is_on: bool,
}

#[track_caller]
fn reads<T: PartialEq + Debug>(read_to_vec: impl FnOnce(&mut Vec<T>) -> Result<(), ReadValueError>, expected: &[T]) {
    let mut vec = Vec::new();
    read_to_vec(&mut vec).unwrap();
    assert_eq!(vec, expected);
}

/// A region with these elements, and where the newest buffer begins in its file.
fn region_of<T: Validate + 'static>(
    path: &Path,
    buffers: u32,
    capacity: usize,
    elements: &[T],
) -> (Writer<[T]>, File, u64) {
    let mut writer = Options::new().buffers(buffers).capacity(capacity).create::<[T]>(path).unwrap();
    writer.write_from(elements).unwrap();
    let header = writer.region().header();
    let newest = header.buffer_offset() + (1 % u64::from(buffers)) * header.buffer_stride();
    (writer, File::options().write(true).open(path).unwrap(), newest)
}

#[test]
fn a_length_beyond_the_capacity_is_refused_before_anything_is_copied() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = place.at(&format!("bytes-{buffers}"));
        let (_writer, file, newest) = region_of(&path, buffers, 6, b"abc");
        let (mapped, by_file) = (Reader::<[u8]>::open(&path).unwrap(), FileReader::<[u8]>::open(&path).unwrap());
        for len in [7u32, 8, 1 << 20, u32::MAX] {
            file.write_all_at(&len.to_ne_bytes(), newest).unwrap();
            let mut vec = Vec::new();
            let error = mapped.read_to_vec(&mut vec).unwrap_err();
            assert_eq!((error.to_string(), vec.capacity()), (LONG.into(), 0));
            let ReadValueError::Invalid(invalid) = error else { panic!("{error:?}") };
            assert_eq!((invalid.found(), invalid.path().to_string()), (len.into(), "len".into()));
            let mut space = [9; 8];
            assert_eq!(mapped.try_read_to_vec(&mut vec), Err(error));
            assert_eq!(mapped.read_to_slice(&mut space), Err(error));
            assert_eq!(mapped.try_read_range(0..1, &mut space[..1]), Err(error));
            assert_eq!((by_file.read_to_vec(&mut vec), vec.len()), (Err(error), 0));
            assert_eq!((by_file.try_read_to_vec(&mut vec), vec.len()), (Err(error), 0));
            assert_eq!((space, vec.capacity()), ([9; 8], 0));
        }
        file.write_all_at(&6u32.to_ne_bytes(), newest).unwrap();
        reads(|vec| mapped.read_to_vec(vec), b"abc\0\0\0");
    }
}

const LONG: &str = "invalid `SeqVec`: `len` at byte 0: more than the capacity";

#[test]
fn an_invalid_element_is_refused_by_its_number_and_leaves_nothing_behind() {
    let place = Place::new();
    for buffers in [1, 2] {
        let path = place.at(&format!("padded-{buffers}"));
        let element = Padded { a: 1, b: 2, is_on: true };
        let other = Padded { a: 7, b: 8, is_on: false };
        let (_writer, file, newest) = region_of(&path, buffers, 100, &[element; 4]);
        let is_on = 64 + 2 * 24 + 16;
        file.write_all_at(&[3], newest + is_on).unwrap();
        let expected =
            format!("invalid `SeqVec`: `elements[2].is_on` at byte {is_on} is 0x3, expected a `bool`: 0 or 1");
        let mapped = Reader::<[Padded]>::open(&path).unwrap();
        let by_file = FileReader::<[Padded]>::open(&path).unwrap();
        let mut vec = vec![other];
        assert_eq!(mapped.read_to_vec(&mut vec).unwrap_err().to_string(), expected);
        assert_eq!(vec, []);
        let mut space = [other; 5];
        let bytes = |space: &[Padded]| -> Vec<u8> {
            // SAFETY: the byte of a field that is borrowed.
            space.iter().map(|it| unsafe { (&raw const it.is_on).cast::<u8>().read_volatile() }).collect()
        };
        for _ in 0..2 {
            assert_eq!(mapped.read_to_slice(&mut space).unwrap_err().to_string(), expected);
            assert!(bytes(&space).iter().all(|&byte| byte < 2), "an invalid `bool` was left");
            vec.resize(3, other);
            let mut known = Version::NEVER;
            let error = by_file.read_if_changed(&mut known, &mut vec).unwrap_err().to_string();
            assert_eq!((error, known, vec.len()), (expected.clone(), Version::NEVER, 0));
            vec.resize(3, other);
            assert_eq!((by_file.try_read_to_vec(&mut vec).unwrap_err().to_string(), vec.len()), (expected.clone(), 0));
            assert_eq!(mapped.read_range(1..4, &mut space[..3]).unwrap_err().to_string(), expected);
            assert_eq!(space[0], other, "the first stays as it was");
        }
        // The others are read.
        mapped.read_range(0..2, &mut space[..2]).unwrap();
        mapped.try_read_range(3..4, &mut space[2..3]).unwrap();
        assert_eq!(space[..3], [element; 3]);
        // After the last element nothing is looked at.
        file.write_all_at(&2u32.to_ne_bytes(), newest).unwrap();
        reads(|vec| mapped.read_to_vec(vec), &[element; 2]);
        reads(|vec| by_file.read_to_vec(vec), &[element; 2]);
    }
}

#[test]
fn a_region_of_another_type_or_capacity_is_refused_by_what_differs() {
    let place = Place::new();
    let path = place.at("region");
    let refused = |error: seqcopy_shm::Error, words: &str| {
        assert!(error.to_string().contains(words), "{error}");
    };
    for capacity in [0, 1 << 32, usize::MAX] {
        let error = Options::new().capacity(capacity).create::<[u8]>(&path).unwrap_err();
        refused(
            error,
            &format!(
                "its capacity should be from 1 to 4294967295 elements that fit into memory (`Options::capacity`), found {capacity}"
            ),
        );
    }
    refused(Options::new().capacity(1 << 31).create::<[[u64; 1 << 40]]>(&path).unwrap_err(), "its capacity should be");
    refused(Options::new().create::<[u8]>(&path).unwrap_err(), "its capacity should be");
    assert_eq!(place.names(), [""; 0]);

    Options::new().capacity(3).create::<[u16]>(&path).unwrap().write_from(&[1]).unwrap();
    refused(Reader::<[u32]>::open(&path).unwrap_err(), "elements");
    refused(FileReader::<[i16]>::open(&path).unwrap_err(), "elements");
    refused(Reader::<[u16; 3]>::open(&path).unwrap_err(), "the type");
    let slice = "the type: slice `[u16]` there, ";
    refused(Reader::<SeqVec<u16, 3>>::open(&path).unwrap_err(), &format!("{slice}seqcopy's `SeqVec` here"));
    refused(Reader::<u16>::open(&path).unwrap_err(), &format!("{slice}u16 here"));
    refused(Writer::<[u32]>::take_over(&path).unwrap_err(), "elements");
    refused(Options::new().capacity(3).open_or_create::<[u32]>(&path).unwrap_err(), "elements");
    assert_eq!(Reader::<[u16]>::open(&path).unwrap().capacity(), 3);

    // More than the file has.
    let file = File::options().write(true).open(&path).unwrap();
    let len = file.metadata().unwrap().len();
    file.set_len(len - 1).unwrap();
    let error = Reader::<[u16]>::open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Truncated { .. }), "{error}");
    std::fs::remove_file(&path).unwrap();

    for fixed in [true, false] {
        if fixed {
            drop(Writer::<SeqVec<u16, 0>>::create(&path).unwrap());
        } else {
            drop(Writer::<u16>::create(&path).unwrap());
        }
        let words = if fixed { "its capacity should be from 1" } else { "the type: u16 there, slice `[u16]` here" };
        refused(Reader::<[u16]>::open(&path).unwrap_err(), words);
        std::fs::remove_file(&path).unwrap();
    }
}

/// The schema says one capacity, the header another: neither is believed.
#[test]
fn a_capacity_that_header_and_schema_disagree_about_is_refused() {
    let place = Place::new();
    let path = place.at("bytes");
    drop(Options::new().capacity(60).create::<[u8]>(&path).unwrap());
    let header = *Region::open(&path).unwrap().header();
    let (at, len) = (header.schema_offset(), usize::try_from(header.schema_len()).unwrap());
    let whole = std::fs::read(&path).unwrap();
    let schema = &whole[usize::try_from(at).unwrap()..][..len];
    let places: Vec<usize> = (0..len - 8).filter(|&at| schema[at..at + 8] == 60u64.to_le_bytes()).collect();
    assert!(places.len() >= 2, "the length of the array, and its size");
    for capacity in [0u64, 1, 61, 1 << 40, u64::MAX] {
        let file = File::options().write(true).open(&path).unwrap();
        for &place in &places {
            file.write_all_at(&capacity.to_le_bytes(), at + place as u64).unwrap();
        }
        let error = Reader::<[u8]>::open(&path).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Schema(_) | ErrorKind::Fingerprint { .. }), "{capacity}: {error}");
        assert!(Writer::<[u8]>::take_over(&path).is_err());
        std::fs::write(&path, &whole).unwrap();
    }
    // The size in the header.
    File::options().write(true).open(&path).unwrap().write_all_at(&1000u64.to_ne_bytes(), 32).unwrap();
    assert!(matches!(Reader::<[u8]>::open(&path).unwrap_err().kind(), ErrorKind::Header { .. }));
}

#[test]
fn a_file_that_is_truncated_is_an_error_of_a_file_reader() {
    let place = Place::new();
    let path = place.at("bytes");
    let (_writer, file, newest) = region_of(&path, 2, 5000, &[7u8; 5000]);
    let reader = FileReader::<[u8]>::open(&path).unwrap();
    let mut vec = Vec::new();
    reader.read_to_vec(&mut vec).unwrap();
    for len in [newest + 4999, newest + 2, 190] {
        file.set_len(len).unwrap();
        assert_eq!(reader.read_to_vec(&mut vec), Err(ReadValueError::Truncated));
        assert_eq!((reader.try_read_to_vec(&mut vec), vec.len()), (Err(ReadValueError::Truncated), 0));
        assert_eq!(reader.read_if_changed(&mut Version::NEVER.clone(), &mut vec), Err(ReadValueError::Truncated));
    }
}

/// In the middle of a write: an attempt says so, and a read that has tried again learns that the writer is gone.
#[test]
fn an_unfinished_write_is_tried_once_or_until_its_writer_is_known_to_be_gone() {
    let place = Place::new();
    let path = place.at("bytes");
    let (writer, file, _) = region_of(&path, 1, 3, &[7u8; 3]);
    drop(writer);
    file.write_all_at(&3u64.to_ne_bytes(), 192).unwrap();
    let reader = Reader::<[u8]>::open(&path).unwrap();
    let (mut vec, mut slice) = (Vec::new(), [0; 3]);
    let busy = ReadValueError::NoValue(ReadError::Busy);
    assert_eq!(reader.try_read_to_vec(&mut vec), Err(busy));
    assert_eq!(reader.try_read_to_slice(&mut slice), Err(busy));
    assert_eq!(reader.try_read_range(0..3, &mut slice), Err(busy));
    assert_eq!(reader.read_to_vec(&mut vec), Err(ReadValueError::WriterGone));
    assert_eq!(reader.read_to_slice(&mut slice), Err(ReadValueError::WriterGone));
    assert_eq!(reader.read_range(0..3, &mut slice), Err(ReadValueError::WriterGone));
    let reader = FileReader::<[u8]>::open(&path).unwrap();
    assert_eq!(reader.try_read_to_vec(&mut vec), Err(busy));
    assert_eq!(reader.read_to_vec(&mut vec), Err(ReadValueError::WriterGone));
}

#[test]
fn writers_that_are_killed_leave_whole_slices_or_none() {
    let place = Place::new();
    let mut rng = Rng::new(3);
    for buffers in [1, 2, 4] {
        let path = place.at(&format!("slices-{buffers}"));
        drop(Options::new().buffers(buffers).capacity(20_000).create::<[u64]>(&path).unwrap());
        let reader = Reader::<[u64]>::open(&path).unwrap();
        let (mut vec, mut last, mut gone) = (Vec::new(), 0, 0);
        for round in 0..40u64 {
            let mut peer = Peer::start(PEER);
            peer.must(&format!("stream_slices {} {}", path.display(), (round + 1) << 32));
            std::thread::sleep(Duration::from_micros(rng.bits() % 3000));
            peer.kill();
            match reader.read_to_vec(&mut vec) {
                Ok(()) => {
                    let number = *vec.first().expect("never empty");
                    assert!(number > last && vec.iter().all(|&it| it == number), "torn, or backwards");
                    assert_eq!(vec.len() as u64, 10_000 + number % 10_000);
                    last = number;
                }
                Err(error) => {
                    assert_eq!((error, buffers), (ReadValueError::WriterGone, 1));
                    gone += 1;
                }
            }
        }
        assert_eq!(gone > 0, buffers == 1, "{gone} were killed in the middle of a write");
    }
}
