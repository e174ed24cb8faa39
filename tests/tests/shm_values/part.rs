//! One field of a value that another process wrote: valid or not, whatever the other fields are.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::ForkResult;
use seqcopy::{Part, ReadError, SeqCopy, Validate, part};
use seqcopy_shm::{Options, ReadValueError, Reader, Writer};
use seqcopy_tests::faults::Place;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // a value only comes from a region
enum Mode {
    Stop = 1,
    Go { speed: u16, ahead: bool } = 4,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Leg {
    angle: f32,
    is_free: bool,
    letter: char,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
#[seqcopy(check = never)]
struct Robot {
    at: u64,
    legs: [Leg; 4],
    mode: Mode,
    is_moving: bool,
}

/// A hook of the whole is not called for its parts.
fn never(_: &seqcopy::MaybeInvalid<Robot>) -> Result<(), &'static str> {
    Err("never valid as a whole")
}

const LEG: Leg = Leg { angle: 0.5, is_free: true, letter: 'ß' };
const ROBOT: Robot = Robot { at: 7, legs: [LEG; 4], mode: Mode::Go { speed: 3, ahead: true }, is_moving: true };

/// A region with that value, and the offset of its newest buffer in the file.
fn region(place: &Place, buffers: u32) -> (Writer<Robot>, Reader<Robot>, File, u64) {
    let path = place.at(&format!("robot-{buffers}"));
    let mut writer = Options::new().buffers(buffers).create::<Robot>(&path).unwrap();
    let reader = Reader::open(&path).unwrap();
    writer.write(ROBOT).unwrap();
    let header = writer.region().header();
    let newest = header.buffer_offset() + (1 % u64::from(buffers)) * header.buffer_stride();
    (writer, reader, File::options().write(true).open(&path).unwrap(), newest)
}

/// The error of a part, by both ways to read it.
#[track_caller]
fn refused<F: Validate + PartialEq + std::fmt::Debug>(reader: &Reader<Robot>, part: Part<Robot, F>) -> String {
    let error = reader.read_part(part).unwrap_err();
    assert!(matches!(error, ReadValueError::Invalid(_)), "{error:?}");
    assert_eq!(reader.try_read_part(part), Err(error));
    error.to_string()
}

/// Stores a byte as a process would that does not have the type.
fn put(file: &File, at: u64, byte: u8) {
    file.write_all_at(&[byte], at).unwrap();
}

#[test]
fn valid_fields_are_read_whatever_the_whole_is() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let (_writer, reader, ..) = region(&place, buffers);
        assert!(reader.read().unwrap_err().to_string().contains("never valid as a whole"));
        assert_eq!(reader.read_part(part!(Robot, at)), Ok(7));
        assert_eq!(reader.try_read_part(part!(Robot, at)), Ok(7));
        assert_eq!(reader.read_part(part!(Robot, legs)), Ok([LEG; 4]));
        assert_eq!(reader.read_part(part!(Robot, legs).index(2).then(part!(Leg, letter))), Ok('ß'));
        assert_eq!(reader.try_read_part(part!(Robot, mode)), Ok(ROBOT.mode));
    }
}

#[test]
fn an_invalid_field_is_refused_by_name_and_its_neighbours_are_read() {
    let place = Place::new();
    let leg = |index: u64| std::mem::offset_of!(Robot, legs) as u64 + index * size_of::<Leg>() as u64;
    for buffers in [1, 2, 4] {
        let (_writer, reader, file, newest) = region(&place, buffers);
        let free = newest + leg(2) + std::mem::offset_of!(Leg, is_free) as u64;
        let letter = newest + leg(3) + std::mem::offset_of!(Leg, letter) as u64;
        put(&file, newest + std::mem::offset_of!(Robot, is_moving) as u64, 2);
        put(&file, free, 7);
        // 0x1100df: beyond the last character.
        put(&file, letter + 2, 0x11);
        put(&file, newest + std::mem::offset_of!(Robot, mode) as u64, 5);

        let at = std::mem::offset_of!(Robot, is_moving);
        let moving = refused(&reader, part!(Robot, is_moving));
        assert_eq!(moving, format!("invalid `Robot`: `is_moving` at byte {at} is 0x2, expected a `bool`: 0 or 1"));
        let third = leg(2) + 4;
        let expected = format!("invalid `Robot`: `legs[2].is_free` at byte {third} is 0x7, expected a `bool`: 0 or 1");
        // By whatever part the field is reached, its name is that in the whole value.
        let legs = part!(Robot, legs);
        assert_eq!(refused(&reader, legs.index(2).then(part!(Leg, is_free))), expected);
        assert_eq!(refused(&reader, legs.index(2)), expected);
        assert_eq!(refused(&reader, legs), expected);
        assert!(refused(&reader, legs.index(3).then(part!(Leg, letter))).contains("`legs[3].letter`"));
        assert!(refused(&reader, part!(Robot, mode)).contains("`mode`"));

        assert_eq!(reader.read_part(legs.index(1)), Ok(LEG));
        assert_eq!(reader.read_part(legs.index(2).then(part!(Leg, angle))), Ok(0.5));
        assert_eq!(reader.try_read_part(legs.index(3).then(part!(Leg, is_free))), Ok(true));
        // Inside an enum: the tag is right again, a field of its variant is not.
        put(&file, newest + std::mem::offset_of!(Robot, mode) as u64, 4);
        let offset = std::mem::offset_of!(Robot, mode) as u64;
        for byte in offset + 1..offset + size_of::<Mode>() as u64 {
            put(&file, newest + byte, 9);
        }
        let mode = refused(&reader, part!(Robot, mode));
        assert!(mode.contains("ahead") && mode.ends_with("is 0x9, expected a `bool`: 0 or 1"), "{mode}");
    }
}

#[test]
fn a_part_of_no_value_is_an_error() {
    let place = Place::new();
    let path = place.at("robot");
    let writer = Options::new().buffers(1).create::<Robot>(&path).unwrap();
    let reader = Reader::<Robot>::open(&path).unwrap();
    let at = part!(Robot, at);
    let missed = |error| Err(ReadValueError::NoValue(error));
    assert_eq!((reader.read_part(at), reader.try_read_part(at)), (missed(ReadError::Empty), missed(ReadError::Empty)));
    // A write that no process will finish.
    File::options().write(true).open(&path).unwrap().write_all_at(&5u64.to_ne_bytes(), 192).unwrap();
    assert_eq!(reader.try_read_part(at), missed(ReadError::Busy));
    drop(writer);
    assert_eq!(reader.read_part(at), Err(ReadValueError::WriterGone));
    Writer::<Robot>::take_over(&path).unwrap().close().unwrap();
    assert_eq!(
        (reader.read_part(at), reader.try_read_part(at)),
        (Err(ReadValueError::Closed), Err(ReadValueError::Closed))
    );
}

/// Parts that are read together are of one write, also while another thread writes; the first that is not valid is
/// named.
#[test]
fn parts_that_are_read_together_are_of_one_write() {
    let place = Place::new();
    for buffers in [1, 2, 4] {
        let (mut writer, reader, file, newest) = region(&place, buffers);
        let ends = (part!(Robot, at), (part!(Robot, legs).index(3).then(part!(Leg, angle)), part!(Robot, mode)));
        let speed = |mode| if let Mode::Go { speed, .. } = mode { speed } else { u16::MAX };
        assert_eq!(reader.read_parts(ends), Ok((7, (0.5, ROBOT.mode))));
        assert_eq!(reader.try_read_parts(ends), reader.read_parts(ends));

        put(&file, newest + part!(Robot, is_moving).offset() as u64, 9);
        put(&file, newest + part!(Robot, legs).index(1).then(part!(Leg, is_free)).offset() as u64, 3);
        let both = (part!(Robot, legs).index(1), part!(Robot, is_moving));
        for error in [reader.read_parts(both), reader.try_read_parts(both)].map(Result::unwrap_err) {
            assert!(error.to_string().contains("`legs[1].is_free`"), "{error}");
        }

        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for at in 0..20_000u16 {
                    let legs = [Leg { angle: f32::from(at), ..LEG }; 4];
                    let robot = Robot { at: at.into(), legs, mode: Mode::Go { speed: at, ahead: true }, ..ROBOT };
                    writer.write(robot).unwrap();
                }
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                if let Ok((at, (angle, mode))) = reader.try_read_parts(ends) {
                    // All of the first write, or all of another.
                    let found = (at, angle.to_bits(), speed(mode));
                    let (of_first, of_other) = ((7, 0.5f32.to_bits(), 3), f32::from(speed(mode)).to_bits());
                    assert!(found == of_first || found == (speed(mode).into(), of_other, speed(mode)), "{found:?}");
                }
            }
        });
        assert_eq!(reader.read_parts(ends).map(|(at, (angle, _))| (at, angle)), Ok((19_999, 19_999.0)));
    }
}

#[test]
fn one_field_is_written_and_the_others_stay() {
    let place = Place::new();
    let (mut writer, reader, file, newest) = region(&place, 1);
    // Nothing of the rest is looked at.
    put(&file, newest + std::mem::offset_of!(Robot, is_moving) as u64, 2);
    let legs = part!(Robot, legs);
    let third = legs.index(2);
    let before = writer.version();
    writer.write_part(third.then(part!(Leg, angle)), 2.5).unwrap();
    writer.write_part(part!(Robot, mode), Mode::Stop).unwrap();
    assert_eq!(writer.version().writes_since(before), 2);
    assert_eq!(reader.read_part(legs), Ok([LEG, LEG, Leg { angle: 2.5, ..LEG }, LEG]));
    assert_eq!(reader.read_parts((part!(Robot, at), part!(Robot, mode))), Ok((7, Mode::Stop)));
    assert!(refused(&reader, part!(Robot, is_moving)).contains("0x2"), "its neighbours stay as they are");

    let old = writer.update_part(part!(Robot, at), |at| std::mem::replace(at, 8));
    assert_eq!((old, reader.read_part(part!(Robot, at))), (Ok(7), Ok(8)));
    let error = writer.update_part(part!(Robot, is_moving), |_| ()).unwrap_err();
    assert!(error.to_string().contains("`is_moving`"), "{error}");
    let before = writer.version();
    let change = || writer.update_part(part!(Robot, at), |_| panic!("in the middle of a change"));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(change)).is_err());
    assert_eq!((reader.read_part(part!(Robot, at)), reader.version()), (Ok(8), before));
}

#[test]
fn a_part_is_written_only_to_a_value_in_one_buffer() {
    let place = Place::new();
    let at = part!(Robot, at);
    for buffers in [2, 4] {
        let (mut writer, reader, ..) = region(&place, buffers);
        let error = writer.write_part(at, 9).unwrap_err();
        assert_eq!(error, ReadValueError::SeveralBuffers);
        assert!(error.to_string().contains("use `update`") && error.to_string().contains("buffers(1)"), "{error}");
        assert_eq!(writer.update_part(at, |_| panic!("not called")), Err::<(), _>(error));
        assert_eq!((reader.read_part(at), writer.version().to_bits()), (Ok(7), 1));
    }
    let path = place.at("empty");
    let mut writer = Options::new().buffers(1).create::<Robot>(&path).unwrap();
    let missed = |error| Err(ReadValueError::NoValue(error));
    assert_eq!(
        (writer.write_part(at, 9), writer.update_part(at, |_| ())),
        (missed(ReadError::Empty), missed(ReadError::Empty))
    );
    writer.write(ROBOT).unwrap();
    drop(writer);
    // Its writer died in the middle of a write: what is there is no value until a whole one is written.
    File::options().write(true).open(&path).unwrap().write_all_at(&5u64.to_ne_bytes(), 192).unwrap();
    let mut writer = Writer::<Robot>::take_over(&path).unwrap();
    assert_eq!(
        (writer.write_part(at, 9), writer.update_part(at, |_| ())),
        (missed(ReadError::Busy), missed(ReadError::Busy))
    );
    let reader = Reader::<Robot>::open(&path).unwrap();
    assert_eq!(reader.try_read_part(at), Err(ReadValueError::NoValue(ReadError::Busy)));
    writer.write(ROBOT).unwrap();
    assert_eq!((writer.write_part(at, 9), reader.read_part(at)), (Ok(()), Ok(9)));
}

/// Parts that are written while readers look are never seen torn, nor together with older ones.
#[test]
fn written_parts_are_seen_whole() {
    let place = Place::new();
    let path = place.at("pairs");
    let mut writer = Options::new().buffers(1).create::<[[u64; 40]; 2]>(&path).unwrap();
    writer.write([[0; 40]; 2]).unwrap();
    let reader = Reader::<[[u64; 40]; 2]>::open(&path).unwrap();
    let half = |index| part!([[u64; 40]; 2]).index(index);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..=20_000u64 {
                writer.write_part(half(usize::from(number % 2 == 1)), [number; 40]).unwrap();
            }
            done.store(true, Ordering::Release);
        });
        while !done.load(Ordering::Acquire) {
            if let Ok([even, odd]) = reader.try_read() {
                assert!([even, odd].iter().all(|half| half.iter().all(|&it| it == half[0])));
                assert_eq!(even[0].abs_diff(odd[0]), u64::from(even[0] + odd[0] > 0), "not two writes in a row");
            }
        }
    });
    assert_eq!(reader.read(), Ok([[20_000; 40], [19_999; 40]]));
}

/// The writer's own look at its last value, in one buffer and in several.
#[test]
fn a_writer_reads_parts_of_what_was_published_last() {
    let place = Place::new();
    let (at, legs, mode) = (part!(Robot, at), part!(Robot, legs), part!(Robot, mode));
    for buffers in [1, 2, 4] {
        let (mut writer, reader, file, _) = region(&place, buffers);
        assert_eq!(writer.read_parts((at, (legs.index(3), mode))), Ok((7, (LEG, ROBOT.mode))));
        writer.write(Robot { at: 8, legs: [LEG, LEG, LEG, Leg { angle: 2.0, ..LEG }], ..ROBOT }).unwrap();
        assert_eq!(writer.read_parts((at, legs.index(3).then(part!(Leg, angle)))), Ok((8, 2.0)));
        let header = writer.region().header();
        let newest = header.buffer_offset() + (2 % u64::from(buffers)) * header.buffer_stride();
        put(&file, newest + part!(Robot, is_moving).offset() as u64, 2);
        assert_eq!(writer.read_parts(at), Ok(8));
        let error = writer.read_parts((at, part!(Robot, is_moving))).unwrap_err();
        assert_eq!(Err(error), reader.read_parts(part!(Robot, is_moving)));
        drop(writer);
        // The next writer reads what the last one published.
        let writer = Writer::<Robot>::take_over(place.at(&format!("robot-{buffers}"))).unwrap();
        assert_eq!(writer.read_parts(at), Ok(8));
    }
    let writer = Writer::<Robot>::create(place.at("empty")).unwrap();
    assert_eq!(writer.read_parts(at), Err(ReadValueError::NoValue(ReadError::Empty)));
}

/// A closure that forks: the part is published once, by the process that has the right to.
#[test]
fn a_fork_in_an_update_of_a_part_publishes_nothing() {
    let place = Place::new();
    let path = place.at("fork");
    let mut writer = Options::new().buffers(1).create::<Leg>(&path).unwrap();
    writer.write(LEG).unwrap();
    let before = writer.version();
    let mut fork = None;
    let result = writer.update_part(part!(Leg, angle), |angle| {
        *angle += 1.0;
        // SAFETY: the child calls only what is under test here, and ends without returning to the test.
        fork = Some(unsafe { nix::unistd::fork() }.unwrap());
    });
    let Some(ForkResult::Parent { child }) = fork else {
        // SAFETY: ends the process at once, as a fork of a process with threads should.
        unsafe { nix::libc::_exit(i32::from(result != Err(ReadValueError::Forked))) }
    };
    assert_eq!(waitpid(child, None).unwrap(), WaitStatus::Exited(child, 0));
    assert_eq!((result, writer.version().writes_since(before)), (Ok(()), 1));
}
