//! Slices in regions: as a `Vec` would have it, whatever the length and the capacity.

use core::mem::offset_of;
use std::fmt::Debug;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use seqcopy::{MaybeInvalid, ReadError, SeqCopy, Validate, Version};
use seqcopy_shm::{ChangeError, ErrorKind, FileReader, Options, ReadValueError, Reader, Region, Writer};
use seqcopy_tests::faults::Place;
use seqcopy_tests::oracle::Rng;

use crate::slice_readers::{check, check_file};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Padded {
    a: u16,
    b: u64,
    is_on: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, u16)]
enum Event {
    Key(u32) = 3,
    Moved { x: u8, y: u64 } = 7,
    None = 9,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C, align(64))]
struct Line(u8);

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Nothing;

/// Slices of random lengths, read by every method, and as tools do that have only the schema.
fn like_a_vec<T: Validate + Copy + PartialEq + Debug + 'static, const N: usize>(make: impl Fn(u64) -> T) {
    let place = Place::new();
    let mut rng = Rng::new(N as u64);
    for buffers in [1, 2, 4] {
        let path = place.at(&format!("slices-{buffers}"));
        let options = Options::new().buffers(buffers).capacity(N);
        let mut writer = options.create::<[T]>(&path).unwrap();
        let (mapped, file) = (Reader::<[T]>::open(&path).unwrap(), FileReader::<[T]>::open(&path).unwrap());
        let size = (N * size_of::<T>() + 64).next_multiple_of(align_of::<T>().max(64));
        assert_eq!(mapped.region().header().payload_size(), size);
        assert_eq!((writer.capacity(), mapped.capacity()), (N, N));
        let missed = Err(ReadValueError::NoValue(ReadError::Empty));
        assert_eq!((mapped.read_to_vec(&mut Vec::new()), file.try_read_to_vec(&mut Vec::new())), (missed, missed));
        let mut known = Version::NEVER;
        for round in 0..12u64 {
            let len = match round {
                0 | 5 => N,
                1 => 1,
                6 => 0,
                _ => rng.below(N + 1),
            };
            let model: Vec<T> = (0..len as u64).map(|index| make(round << 32 | index)).collect();
            writer.write_from(&model).unwrap();
            check(&mapped, &model, &mut rng);
            check_file(&file, &model);
            let mut vec = vec![make(1); 3];
            assert_eq!(mapped.read_if_changed(&mut known, &mut vec), Ok(true));
            assert_eq!((&vec[..], known), (&model[..], mapped.version()));
            assert_eq!((mapped.read_if_changed(&mut known, &mut vec), &vec[..]), (Ok(false), &model[..]));
            // Tools, which have only the schema.
            let region = mapped.region();
            let (bytes, version) = region.read_bytes().unwrap();
            assert_eq!((region.schema().validate(&bytes).is_ok(), version), (true, known));
            assert_eq!(bytes[..4], u32::try_from(len).unwrap().to_ne_bytes());
        }
        let long = vec![make(0); N + 1];
        let refused = writer.write_from(&long);
        assert!(matches!(refused, Err(ChangeError::Capacity(error)) if (error.len(), error.capacity()) == (N + 1, N)));
        assert!(!mapped.has_changed(known), "nothing was written");

        drop(writer);
        let mut writer = Writer::<[T]>::take_over(&path).unwrap();
        for len in [0, 1, N, N / 2] {
            let model: Vec<T> = (0..len as u64).map(&make).collect();
            writer.write_from(&model).unwrap();
            check(&mapped, &model, &mut rng);
            check_file(&file, &model);
        }
        writer.close().unwrap();
        let mut vec = vec![make(1)];
        assert_eq!((mapped.read_to_vec(&mut vec), vec.len()), (Err(ReadValueError::Closed), 0));
        assert_eq!(file.read_to_vec(&mut vec), Err(ReadValueError::Closed));
    }
}

#[test]
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // any bits
fn slices_are_read_as_they_were_written() {
    like_a_vec::<u8, 1>(|bits| bits as u8);
    like_a_vec::<u8, 7>(|bits| bits as u8);
    like_a_vec::<u8, 100>(|bits| bits as u8);
    like_a_vec::<u8, 5000>(|bits| bits as u8);
    like_a_vec::<u16, 3>(|bits| bits as u16);
    like_a_vec::<u16, 3000>(|bits| bits as u16);
    like_a_vec::<u64, 2>(|bits| bits);
    like_a_vec::<u128, 40>(|bits| u128::from(bits) << 60);
    like_a_vec::<[f32; 3], 1>(|bits| [bits as f32; 3]);
    like_a_vec::<[f32; 3], 999>(|bits| [bits as f32; 3]);
    like_a_vec::<bool, 50>(|bits| bits & 1 == 1);
    like_a_vec::<char, 50>(|bits| char::from(bits as u8));
}

#[test]
#[allow(clippy::cast_possible_truncation)] // any bits
fn so_are_those_with_padding_and_enums() {
    let padded = |bits| Padded { a: bits as u16, b: bits << 7, is_on: bits & 1 == 0 };
    like_a_vec::<Padded, 1>(padded);
    like_a_vec::<Padded, 2>(padded);
    like_a_vec::<Padded, 300>(padded);
    let event = |bits: u64| match bits % 3 {
        0 => Event::Key(bits as u32),
        1 => Event::Moved { x: bits as u8, y: bits },
        _ => Event::None,
    };
    like_a_vec::<Event, 1>(event);
    like_a_vec::<Event, 200>(event);
    like_a_vec::<Line, 1>(|bits| Line(bits as u8));
    like_a_vec::<Line, 20>(|bits| Line(bits as u8));
    like_a_vec::<[Padded; 2], 9>(|bits| [padded(bits), padded(bits + 1)]);
    like_a_vec::<Nothing, 5>(|_| Nothing);
}

#[test]
fn a_program_that_is_started_again_finds_its_slices() {
    let place = Place::new();
    let path = place.at("slices");
    let mut writer = Options::new().capacity(4).open_or_create::<[u64]>(&path).unwrap();
    assert!(writer.was_created());
    writer.write_from(&[1, 2]).unwrap();
    let error = Options::new().capacity(4).open_or_create::<[u64]>(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::AlreadyWriter));
    drop(writer);
    // It keeps its capacity.
    let writer = Options::new().capacity(9).open_or_create::<[u64]>(&path).unwrap();
    assert_eq!((writer.was_created(), writer.capacity()), (false, 4));
    let mut reader = Reader::<[u64]>::open(&path).unwrap();
    check(&reader, &[1, 2], &mut Rng::new(1));
    drop(writer);

    // Closed by a program that died before it had removed the path: a new one, of another capacity, takes its place.
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&2u32.to_ne_bytes(), 128).unwrap();
    file.write_all_at(&0u64.to_ne_bytes(), 192).unwrap();
    let mut writer = Options::new().capacity(9).open_or_create::<[u64]>(&path).unwrap();
    assert_eq!((writer.was_created(), writer.capacity()), (true, 9));
    writer.write_from(&[3; 9]).unwrap();
    assert_eq!(reader.read_to_vec(&mut Vec::new()), Err(ReadValueError::Closed));
    assert!(reader.reopen_if_removed().unwrap());
    assert_eq!(reader.capacity(), 9);
    check(&reader, &[3; 9], &mut Rng::new(1));
    drop(writer);

    // Another type.
    assert!(Options::new().capacity(5).open_or_create::<[u32]>(&path).is_err());
    let options = Options::new().capacity(5).replace_other_type(true);
    let mut writer = options.open_or_create::<[u32]>(&path).unwrap();
    writer.write_from(&[1]).unwrap();
    let error = reader.reopen_if_removed().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Type(_)), "{error}");
    drop(writer);
    // The same type is not replaced, whatever its capacity.
    let writer = options.capacity(6).open_or_create::<[u32]>(&path).unwrap();
    assert_eq!((writer.was_created(), writer.capacity()), (false, 5));
    writer.close().unwrap();
}

#[test]
fn a_slice_without_a_path_is_sent_and_taken_over_as_any_region() {
    let options = Options::new().capacity(3).allow_take_over_fd(true);
    let mut writer = options.create_memfd::<[u16]>("slices").unwrap();
    writer.write_from(&[1, 2, 3]).unwrap();
    let reader = Reader::<[u16]>::from_fd(writer.share().unwrap()).unwrap();
    check(&reader, &[1, 2, 3], &mut Rng::new(1));
    check_file(&FileReader::<[u16]>::from_fd(writer.share().unwrap()).unwrap(), &[1, 2, 3]);
    let region = Region::from_fd(writer.share().unwrap()).unwrap();
    check(&Reader::<[u16]>::from_region(region).unwrap(), &[1, 2, 3], &mut Rng::new(1));
    assert!(format!("{reader:?} {writer:?}").contains("SeqVec"));
    let file = writer.share().unwrap();
    drop(writer);
    Writer::<[u16]>::take_over_fd(file).unwrap().write_from(&[4]).unwrap();
    check(&reader, &[4], &mut Rng::new(1));
}

#[test]
fn a_fork_inherits_a_writer_of_slices_that_is_inert() {
    let place = Place::new();
    let path = place.at("slices");
    let mut writer = Options::new().capacity(4).create::<[u64]>(&path).unwrap();
    writer.write_from(&[1, 2]).unwrap();
    // SAFETY: the child calls only what is under test here, and ends without returning to the test.
    let child = unsafe { nix::unistd::fork() }.unwrap();
    let nix::unistd::ForkResult::Parent { child } = child else {
        let is_refused = matches!(writer.write_from(&[3]), Err(ChangeError::Forked));
        // SAFETY: ends the process at once, as a fork of a process with threads should.
        unsafe { nix::libc::_exit(i32::from(!is_refused)) }
    };
    let ended = nix::sys::wait::waitpid(child, None).unwrap();
    assert_eq!(ended, nix::sys::wait::WaitStatus::Exited(child, 0));
    check(&Reader::<[u64]>::open(&path).unwrap(), &[1, 2], &mut Rng::new(1));
}

#[test]
fn readers_wait_for_slices() {
    let place = Place::new();
    let path = place.at("slices");
    let mut writer = Options::new().capacity(10).create::<[u8]>(&path).unwrap();
    let reader = Reader::<[u8]>::open(&path).unwrap();
    let known = reader.version();
    assert!(!reader.wait(known, Duration::from_millis(20)));
    std::thread::scope(|scope| {
        scope.spawn(|| assert!(reader.wait(known, Duration::from_secs(60))));
        writer.write_from(b"abc").unwrap();
        writer.wake();
    });
    let newer = [reader.newer_than(reader.version()), reader.newer_than(known)];
    assert_eq!(seqcopy_shm::wait_any(&newer, Duration::ZERO), Some(1));
}

const CAPACITY: u64 = 600;

/// Length and elements are of one write, with a writer that goes on until enough was read, and rests at times: with one
/// that never does, a read of a single buffer may never come to its end.
fn race<R>(
    open: impl Fn(&Path) -> R,
    read_if_changed: impl Fn(&R, &mut Version, &mut Vec<Padded>) -> bool,
    try_read_to_vec: impl Fn(&R, &mut Vec<Padded>) -> bool,
    more: impl Fn(&R),
) {
    let element = |number: u64| Padded { a: 1, b: number, is_on: true };
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let path = place.at(&format!("slices-{buffers}"));
        let mut writer = Options::new().buffers(buffers).capacity(600).create::<[Padded]>(&path).unwrap();
        let reader = open(&path);
        std::thread::scope(|scope| {
            // Dropped when enough was read, or an assertion has failed.
            let reading = Arc::new(());
            let wanted = Arc::downgrade(&reading);
            scope.spawn(move || {
                let mut elements = Vec::new();
                for number in 0u64.. {
                    elements.clear();
                    elements.resize(usize::try_from(number % CAPACITY).unwrap(), element(number));
                    writer.write_from(&elements).unwrap();
                    if number % 100 == 0 {
                        std::thread::sleep(Duration::from_micros(100));
                    }
                    if number >= 6_000 && wanted.strong_count() == 0 {
                        break;
                    }
                }
            });
            let (mut vec, mut last, mut read) = (Vec::new(), 0, 0);
            let mut known = Version::NEVER;
            while read < 300 {
                if read_if_changed(&reader, &mut known, &mut vec) && !vec.is_empty() {
                    assert_eq!(known.to_bits(), vec[0].b + 1, "of another version");
                }
                if try_read_to_vec(&reader, &mut vec) && !vec.is_empty() {
                    let number = vec[0].b;
                    assert_eq!(vec.len() as u64, number % CAPACITY);
                    assert!(vec.iter().all(|it| *it == element(number)) && number >= last, "torn, or backwards");
                    (read, last) = (read + 1, number);
                }
                more(&reader);
            }
        });
    }
}

#[test]
fn length_and_elements_are_of_one_write() {
    let pair_is_of_one_write = |reader: &Reader<[Padded]>| {
        let mut pair = [Padded { a: 1, b: 0, is_on: true }; 2];
        if reader.try_read_range(3..5, &mut pair).is_ok() {
            assert!(pair[0] == pair[1] && pair[0].b % CAPACITY >= 5);
        }
    };
    race(
        |path| Reader::<[Padded]>::open(path).unwrap(),
        |reader, known, vec| reader.read_if_changed(known, vec) == Ok(true),
        |reader, vec| reader.try_read_to_vec(vec).is_ok(),
        pair_is_of_one_write,
    );
}

#[test]
fn so_they_are_when_the_file_is_read() {
    race(
        |path| FileReader::<[Padded]>::open(path).unwrap(),
        |reader, known, vec| reader.read_if_changed(known, vec) == Ok(true),
        |reader, vec| reader.try_read_to_vec(vec).is_ok(),
        |_| (),
    );
}

/// Padding of the caller's elements is not data: other processes must not get it.
#[test]
fn padding_of_elements_stays_with_the_writer() {
    const FILL: u8 = 0xa5;
    let place = Place::new();
    let mut bytes = [FILL; size_of::<Padded>()];
    bytes[offset_of!(Padded, a)] = 1;
    bytes[offset_of!(Padded, b)..][..8].copy_from_slice(&2u64.to_ne_bytes());
    bytes[offset_of!(Padded, is_on)] = 1;
    for (buffers, len) in [(1, 3), (2, 4), (1, 16)] {
        let path = place.at(&format!("padded-{buffers}-{len}"));
        let mut writer = Options::new().buffers(buffers).capacity(16).create::<[Padded]>(&path).unwrap();
        let mut elements = vec![core::mem::MaybeUninit::<Padded>::uninit(); len];
        for element in &mut elements {
            // SAFETY: a local element, and as many bytes as it has.
            unsafe { element.as_mut_ptr().cast::<[u8; size_of::<Padded>()]>().write(bytes) };
        }
        // SAFETY: their fields are valid.
        let elements = unsafe { core::slice::from_raw_parts(elements.as_ptr().cast::<Padded>(), len) };
        writer.write_from(elements).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes.windows(5).filter(|window| *window == [FILL; 5]).count();
        assert_eq!(found, 0, "padding in the region, {len} elements");
    }
}

/// How often a `Counted` was checked.
static CHECKS: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Copy, SeqCopy, Validate)]
#[seqcopy(check = counted)]
#[repr(C)]
struct Counted;

#[allow(clippy::trivially_copy_pass_by_ref, clippy::unnecessary_wraps)] // as checks are
fn counted(_: &MaybeInvalid<Counted>) -> Result<(), &'static str> {
    CHECKS.fetch_add(1, Relaxed);
    Ok(())
}

/// A region of a few hundred bytes may have four billion of them, which are all the same.
#[test]
fn of_elements_without_bytes_one_is_checked() {
    let place = Place::new();
    let path = place.at("nothing");
    let mut writer = Options::new().capacity(1 << 20).create::<[Counted]>(&path).unwrap();
    writer.write_from(&[Counted; 1 << 20]).unwrap();
    let mut elements = Vec::new();
    Reader::<[Counted]>::open(&path).unwrap().read_to_vec(&mut elements).unwrap();
    assert_eq!(elements.len(), 1 << 20);
    let checks = CHECKS.load(Relaxed);
    assert!((1..10).contains(&checks), "{checks} checks");
}
