//! Readers of regions whose type has grown, or has not yet: what every call reads, what is refused, and that they go on
//! through restarts of writers of other versions, however these end.

mod maps;
#[cfg(target_os = "linux")]
mod unasked;
mod untyped;
mod versions;

use std::mem::MaybeUninit;
use std::num::Wrapping;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use seqcopy::{ReadError, Version, part};
use seqcopy_shm::{FileReader, Options, ReadValueError, Reader, Writer, wait_any};
use seqcopy_tests::faults::{Place, forked};

use versions::{Robot, v1, v2, v3};

/// What each call returns, of a region of another version.
fn every_call<A: Robot, B: Robot>(buffers: u32) {
    let place = Place::new();
    let path = place.at("robot");
    let mut writer = Options::new().buffers(buffers).create::<B>(&path).unwrap();
    let mut reader = Reader::<A>::open_by_fields(&path).unwrap();
    let mut file = FileReader::<A>::open_by_fields(&path).unwrap();
    assert_eq!(reader.read(), Err(ReadValueError::NoValue(ReadError::Empty)));
    assert_eq!(file.read(), Err(ReadValueError::NoValue(ReadError::Empty)));
    let mut known = Version::NEVER;
    for n in 1..20 {
        writer.write(B::of(n)).unwrap();
        assert!(reader.has_changed(known) && reader.wait(known, Duration::ZERO));
        assert_eq!(wait_any(&[reader.newer_than(known)], Duration::ZERO), Some(0));
        let value = reader.read().unwrap();
        assert!(value.is_whole() && value.number() == n, "{value:?}");
        assert_eq!(reader.try_read(), Ok(value));
        assert_eq!(reader.read_versioned(), Ok((value, reader.version())));
        assert_eq!(reader.read_with(|_| ControlFlow::<()>::Break(())), Ok(Ok(value)));
        let mut buf = MaybeUninit::uninit();
        assert_eq!(reader.read_into(&mut buf).map(|it| *it), Ok(value));
        assert_eq!(reader.try_read_into(&mut buf).map(|it| *it), Ok(value));
        assert_eq!(reader.read_bits_into(&mut buf).unwrap().validate_ref().copied(), Ok(value));
        assert_eq!(reader.read_if_changed(&mut known), Ok(Some(value)));
        assert_eq!(reader.read_if_changed(&mut known), Ok(None));
        assert_eq!((file.read(), file.try_read()), (Ok(value), Ok(value)));
        assert_eq!(file.read_into(&mut buf).map(|it| *it), Ok(value));
    }
    writer.close().unwrap();
    assert_eq!(reader.read(), Err(ReadValueError::Closed));
    // Whatever comes next.
    let mut writer = Writer::<v3::Robot>::create(&path).unwrap();
    assert_eq!(reader.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    assert_eq!(file.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    writer.write(v3::robot(40)).unwrap();
    assert_eq!((reader.read().unwrap().number(), file.read().unwrap().number()), (40, 40));
    writer.close().unwrap();
    // Until something comes that has not all fields.
    let mut writer = Writer::<u64>::create(&path).unwrap();
    writer.write(1).unwrap();
    assert!(reader.reopen_if_removed().unwrap_err().to_string().contains("the type: u64 there, struct `Robot` here"));
    assert!(file.reopen_if_removed().is_err());
}

#[test]
fn every_call_reads_every_version() {
    for buffers in [1, 2, 4] {
        every_call::<v1::Robot, v1::Robot>(buffers);
        every_call::<v1::Robot, v2::Robot>(buffers);
        every_call::<v1::Robot, v3::Robot>(buffers);
        every_call::<v2::Robot, v1::Robot>(buffers);
        every_call::<v2::Robot, v3::Robot>(buffers);
        every_call::<v3::Robot, v1::Robot>(buffers);
        every_call::<v3::Robot, v2::Robot>(buffers);
    }
}

#[test]
fn parts_are_those_of_the_readers_type() {
    let place = Place::new();
    let path = place.at("robot");
    let mut writer = Writer::<v3::Robot>::create(&path).unwrap();
    let reader = Reader::<v1::Robot>::open_by_fields(&path).unwrap();
    assert_eq!(reader.read_part(part!(v1::Robot, low)), Err(ReadValueError::NoValue(ReadError::Empty)));
    writer.write(v3::robot(70_007)).unwrap();
    assert_eq!(reader.read_part(part!(v1::Robot, low)), Ok(4471));
    assert_eq!(reader.try_read_part(part!(v1::Robot, legs).index(2).then(part!(v1::Leg, angle))), Ok(70_009));
    let both = (part!(v1::Robot, number), part!(v1::Robot, mode));
    assert_eq!(reader.read_parts(both), Ok((70_007, v1::Mode::Go)));
    // Only what is asked for is checked.
    writer.write(v3::Robot { mode: v3::Mode::Turn, ..v3::robot(8) }).unwrap();
    assert_eq!(reader.read_part(part!(v1::Robot, number)), Ok(8));
    let error = reader.read().unwrap_err().to_string();
    assert!(error.contains("`mode`") && error.contains("is 0x2"), "{error}");
    assert!(reader.read_part(part!(v1::Robot, mode)).is_err());
}

/// Slices of another version: all of them, some, none; and what is not valid.
#[test]
fn slices_are_read_element_by_element() {
    let place = Place::new();
    let path = place.at("legs");
    let mut writer = Options::new().capacity(50).create::<[v3::Leg]>(&path).unwrap();
    let mut reader = Reader::<[v1::Leg]>::open_by_fields(&path).unwrap();
    let file = FileReader::<[v1::Leg]>::open_by_fields(&path).unwrap();
    let leg = |id: u8| v1::Leg { id, angle: 1000 * u32::from(id) };
    let (mut all, mut by_file, mut known) = (Vec::new(), Vec::new(), Version::NEVER);
    assert_eq!(reader.read_to_vec(&mut all), Err(ReadValueError::NoValue(ReadError::Empty)));
    for len in [0, 1, 7, 50] {
        let legs: Vec<_> = (0..len).map(|id| v3::Leg { torque: 0.5, angle: leg(id).angle, id }).collect();
        let expected: Vec<_> = (0..len).map(leg).collect();
        writer.write_from(&legs).unwrap();
        reader.read_to_vec(&mut all).unwrap();
        assert_eq!(all, expected);
        file.read_to_vec(&mut by_file).unwrap();
        assert_eq!(by_file, expected);
        assert_eq!(reader.read_if_changed(&mut known, &mut all), Ok(true));
        assert_eq!(reader.read_if_changed(&mut known, &mut all), Ok(false));
        let mut some = [leg(99); 3];
        if len > 3 {
            reader.read_range(2..5, &mut some).unwrap();
            assert_eq!(some, expected[2..5]);
            let found = reader.read_to_slice(&mut some).unwrap_err();
            assert!(matches!(found, ReadValueError::Length(error) if error.len() == usize::from(len)));
            assert_eq!(some, expected[2..5], "as it was");
        } else {
            assert_eq!(reader.read_to_slice(&mut some), Ok(usize::from(len)));
            assert_eq!(some[..usize::from(len)], expected);
        }
    }
    // Readers of a newer version, of what older writers left.
    writer.close().unwrap();
    let mut writer = Options::new().capacity(3).create::<[v1::Leg]>(&path).unwrap();
    writer.write_from(&[leg(1), leg(2)]).unwrap();
    assert_eq!(reader.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    reader.read_to_vec(&mut all).unwrap();
    assert_eq!(all, [leg(1), leg(2)]);
    let newer = Reader::<[v3::Leg]>::open_by_fields(&path).unwrap();
    let mut legs = Vec::new();
    newer.read_to_vec(&mut legs).unwrap();
    assert_eq!(legs, [1, 2].map(|id| v3::Leg { torque: 0.0, angle: leg(id).angle, id }));
    assert!(Reader::<[v2::Robot]>::open_by_fields(&path).unwrap_err().to_string().contains("elements[..].number"));
    assert!(Reader::<v1::Leg>::open_by_fields(&path).is_err() && Reader::<[v3::Leg]>::open(&path).is_err());
    // A value is no slice.
    let path = place.at("robot");
    let _writer = Writer::<v1::Robot>::create(&path).unwrap();
    let error = Reader::<[v1::Leg]>::open_by_fields(&path).unwrap_err().to_string();
    assert!(error.contains("struct `Robot` there, a slice of a type with these fields here"), "{error}");
    let path = place.at("modes");
    let mut writer = Options::new().capacity(3).create::<[v2::Mode]>(&path).unwrap();
    writer.write_from(&[v2::Mode::Go, v2::Mode::Turn]).unwrap();
    let error = Reader::<[v1::Mode]>::open_by_fields(&path).unwrap().read_to_vec(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("`elements[1]`"), "{error}");
}

#[test]
fn what_is_refused_is_named() {
    #[derive(Debug, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C)]
    struct Robot {
        number: u64,
        #[seqcopy(default)]
        speed: f32,
        low: i16,
    }

    let place = Place::new();
    let path = place.at("robot");
    let _writer = Writer::<v1::Robot>::create(&path).unwrap();
    let error = Reader::<Robot>::open_by_fields(&path).unwrap_err().to_string();
    assert!(error.contains("field `low`: u16 there, i16 here"), "{error}");
    assert!(Reader::<Robot>::open(&path).is_err() && FileReader::<Robot>::open_by_fields(&path).is_err());
    let error = Reader::<v2::Robot>::open(&path).unwrap_err().to_string();
    assert!(error.contains("field `mode`: no such variant there"), "as ever: {error}");
    assert!(Options::new().require_owner(seqcopy_shm::Uid::effective()).open_by_fields::<v2::Robot>(&path).is_ok());
    assert!(Reader::<v1::Robot>::open_by_fields(place.at("nothing")).is_err());
}

/// Is set when it goes.
struct Done<'a>(&'a std::sync::atomic::AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

/// While a writer of another version writes as fast as it can.
#[test]
fn no_read_is_torn() {
    fn race<A: Robot, B: Robot>(buffers: u32) {
        let place = Place::new();
        let path = place.at("robot");
        let mut writer = Options::new().buffers(buffers).create::<B>(&path).unwrap();
        writer.write(B::of(1)).unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        let until = Instant::now() + Duration::from_millis(150);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut n = 1;
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    n += 1;
                    writer.write(B::of(n)).unwrap();
                }
            });
            // Also where a read is wrong: the writer would never end.
            let _done = Done(&done);
            let reader = Reader::<A>::open_by_fields(&path).unwrap();
            let (mut last, mut changed) = (0, 0);
            while Instant::now() < until || changed < 3 {
                let Ok(value) = reader.try_read() else { continue };
                assert!(value.is_whole(), "torn: {value:?}");
                assert!(value.number() >= last, "back from {last} to {}", value.number());
                changed += u64::from(value.number() > last);
                last = value.number();
            }
        });
    }
    race::<v1::Robot, v3::Robot>(1);
    race::<v1::Robot, v2::Robot>(2);
    race::<v3::Robot, v1::Robot>(4);
}

/// A writer in a process of its own, which another one ends.
fn start<B: Robot>(path: &std::path::Path, first: u64) -> nix::unistd::Pid {
    forked(|| {
        let options = Options::new().buffers(2).replace_other_type(true);
        let mut writer = options.open_or_create::<B>(path).unwrap();
        for n in first.. {
            writer.write(B::of(n)).unwrap();
        }
    })
}

/// Programs of three versions, each killed and followed by one of any version: readers of all versions go on.
#[test]
fn readers_go_on_through_restarts_of_other_versions() {
    struct Reading<A: Robot>(Reader<A>, u64);
    impl<A: Robot> Reading<A> {
        fn go_on(&mut self, first: u64) {
            let until = Instant::now() + Duration::from_secs(60);
            loop {
                assert!(Instant::now() < until, "blocked at {first}: {:?}", self.0.read());
                match self.0.read() {
                    Ok(value) => {
                        assert!(value.is_whole(), "torn: {value:?}");
                        self.1 = value.number();
                        if self.1 >= first {
                            return;
                        }
                    }
                    Err(ReadValueError::Invalid(error)) => panic!("{error}"),
                    Err(_) => {}
                }
                self.0.reopen_if_removed().expect("every version has the fields");
                std::thread::yield_now();
            }
        }
    }
    let place = Place::new();
    let path = place.at("robot");
    let first = start::<v1::Robot>(&path, 1);
    let open = Instant::now() + Duration::from_secs(60);
    while Reader::<v1::Robot>::open_by_fields(&path).is_err() {
        assert!(Instant::now() < open, "no region");
        std::thread::yield_now();
    }
    let mut one = Reading(Reader::<v1::Robot>::open_by_fields(&path).unwrap(), 0);
    let mut two = Reading(Reader::<v2::Robot>::open_by_fields(&path).unwrap(), 0);
    let mut three = Reading(Reader::<v3::Robot>::open_by_fields(&path).unwrap(), 0);
    let rounds = if seqcopy_tests::is_long() { 1000 } else { 60 };
    let (mut child, mut random) = (first, 7u32);
    for round in 1..=rounds {
        // Each round has numbers of its own.
        let from = round << 40;
        kill(child, Signal::SIGKILL).unwrap();
        waitpid(child, None).unwrap();
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        child = match random >> 30 {
            0 => start::<v1::Robot>(&path, from),
            1 => start::<v2::Robot>(&path, from),
            _ => start::<v3::Robot>(&path, from),
        };
        one.go_on(from);
        two.go_on(from);
        three.go_on(from);
    }
    kill(child, Signal::SIGKILL).unwrap();
    waitpid(child, None).unwrap();
}

/// Bytes of which only a name is known, in another place.
#[test]
fn bytes_of_the_same_name_are_read() {
    mod old {
        use core::num::Wrapping;
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C)]
        pub(super) struct Frame {
            pub(super) at: u32,
            #[seqcopy(with = seqcopy::Bytemuck)]
            pub(super) id: Wrapping<u64>,
        }
    }
    mod new {
        use core::num::Wrapping;
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C)]
        pub(super) struct Frame {
            pub(super) more: [u64; 2],
            #[seqcopy(with = seqcopy::Bytemuck)]
            pub(super) id: Wrapping<u64>,
            pub(super) at: u32,
        }
    }
    let place = Place::new();
    let mut writer = Writer::<new::Frame>::create(place.at("frame")).unwrap();
    let reader = Reader::<old::Frame>::open_by_fields(place.at("frame")).unwrap();
    for number in 1..4 {
        writer.write(new::Frame { more: [7; 2], id: Wrapping(number << 40), at: 5 }).unwrap();
        let old::Frame { at, id } = reader.read().unwrap();
        assert_eq!((at, id), (5, Wrapping(number << 40)));
    }
}

/// Where a variant lacks a field that has a default, and all others lie where they did: other variants have data in its
/// place.
#[test]
fn a_default_of_a_variant_is_not_what_another_variant_has_there() {
    const fn seven() -> u32 {
        7
    }
    mod old {
        #[derive(Clone, Copy, seqcopy::SeqCopy, seqcopy::Validate)]
        #[repr(C, u8)]
        pub(super) enum Tool {
            Saw { teeth: u32 },
            Weld { heat: [u32; 2] },
        }
    }
    #[derive(Clone, Copy, Debug, PartialEq, seqcopy::SeqCopy, seqcopy::Validate)]
    #[repr(C, u8)]
    enum Tool {
        Saw {
            teeth: u32,
            #[seqcopy(default = seven)]
            depth: u32,
        },
        Weld {
            heat: [u32; 2],
        },
    }
    let place = Place::new();
    let path = place.at("tool");
    for buffers in [1, 2] {
        let mut writer = Options::new().buffers(buffers).create::<old::Tool>(&path).unwrap();
        let reader = Reader::<Tool>::open_by_fields(&path).unwrap();
        for n in 1..6 {
            writer.write(old::Tool::Weld { heat: [n, n + 100] }).unwrap();
            assert_eq!(reader.read(), Ok(Tool::Weld { heat: [n, n + 100] }));
            writer.write(old::Tool::Saw { teeth: n }).unwrap();
            assert_eq!(reader.read(), Ok(Tool::Saw { teeth: n, depth: 7 }));
        }
        writer.close().unwrap();
    }
}
