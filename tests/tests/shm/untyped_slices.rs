//! Slices as bytes: they are written and read up to their last element, and nothing that is not one goes either way.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use seqcopy::{ReadError, SeqCopy, SeqOption, Validate};
use seqcopy_shm::untyped::{self, BytesError};
use seqcopy_shm::{ErrorKind, Options, ReadValueError, Reader, Region, SchemaBuilder};
use seqcopy_tests::faults::{FileExt, Place};

#[test]
fn slices_of_bytes() {
    let place = Place::new();
    let path = place.at("slice");
    let typed = Options::new().capacity(10).create::<[SeqOption<u16>]>(&path).unwrap();
    let reader = untyped::Reader::open(&path).unwrap();
    let schema = reader.region().schema().clone();
    drop(typed);
    let error = untyped::Writer::take_over(&path, &schema.with_capacity(11).unwrap(), &Options::new()).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Type(_)), "{error}");
    let mut writer = untyped::Writer::take_over(&path, &schema, &Options::new()).unwrap();
    assert_eq!(reader.slice(), Some((4, 10)));
    // Elements are what readers ask for.
    assert!(reader.region().require_type(&schema.with_capacity(3).unwrap()).is_ok());
    let other = SchemaBuilder::number("u32").unwrap().slice(10).build().unwrap();
    assert!(matches!(reader.region().require_type(&other).unwrap_err().kind(), ErrorKind::Type(_)));
    // The first has no value: what its place holds stays here.
    let elements = [0, 0xee, 0xee, 0xee, 1, 0xee, 5, 0];
    assert_eq!(
        writer.read_elements_into(&mut [0; 4]),
        Err(BytesError::NotRead(ReadValueError::NoValue(ReadError::Empty)))
    );
    writer.write_elements(&elements).unwrap();
    let expected = vec![SeqOption::None, SeqOption::Some(u16::from_ne_bytes([5, 0]))];
    let typed = Reader::<[SeqOption<u16>]>::open(&path).unwrap();
    let mut found = Vec::new();
    typed.read_to_vec(&mut found).unwrap();
    assert_eq!(found, expected);
    let mut bytes = [0; 40];
    assert_eq!(reader.read_elements_into(&mut bytes), Ok((2, writer.version())));
    assert_eq!(bytes[..8], [0, 0, 0, 0, 1, 0, 5, 0]);
    bytes.fill(0xaa);
    assert_eq!(writer.read_elements_into(&mut bytes[..9]), Ok(2));
    assert_eq!(bytes[..9], [0, 0xaa, 0, 0, 1, 0xaa, 5, 0, 0xaa]);
    // A range, which may be empty, and ends with the slice.
    bytes.fill(0xaa);
    assert_eq!(reader.read_range_into(1, &mut bytes[..4]), Ok(writer.version()));
    assert_eq!(bytes[..5], [1, 0xaa, 5, 0, 0xaa]);
    assert_eq!(reader.read_range_into(2, &mut []), Ok(writer.version()));
    for (first, len) in [(0, 12), (1, 8), (2, 4), (3, 0), (usize::MAX, 4)] {
        let error = reader.read_range_into(first, &mut bytes[..len]).unwrap_err();
        let asked = first.saturating_add(len / 4);
        assert_eq!(error.to_string(), format!("the value has 2 elements, but {asked} were asked for"));
    }
    // What has no value has none of the last either.
    for element in [[1, 0, 0xff, 0xff], [0, 0xee, 0xee, 0xee]] {
        writer.write_elements(&element).unwrap();
    }
    assert_eq!(Region::open(&path).unwrap().read_bytes().unwrap().0[66..68], [0, 0]);
    writer.write_elements(&elements).unwrap();
    let short = reader.read_elements_into(&mut bytes[..7]).unwrap_err();
    assert_eq!(short.to_string(), "the value has 2 elements, but there is space for 1 only");
    assert_eq!(writer.read_elements_into(&mut bytes[..7]), Err(short));
    for bad in [&[0; 3][..], &[0; 44], &[2, 0, 0, 0]] {
        assert!(matches!(writer.write_elements(bad), Err(BytesError::Invalid(_))), "{bad:?}");
    }
    // As a whole: the length, then the elements; also what is left out is not written.
    let mut whole = vec![0; 64];
    whole[0] = 1;
    whole.extend_from_slice(&elements[4..]);
    writer.write_bytes(&whole).unwrap();
    typed.read_to_vec(&mut found).unwrap();
    assert_eq!(found, expected[1..]);
    writer.write_elements(&[]).unwrap();
    assert_eq!(reader.read_elements_into(&mut []), Ok((0, writer.version())));
    assert_eq!(writer.read_elements_into(&mut []), Ok(0));
    writer.close().unwrap();
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(u8)]
enum Level {
    Low = 1,
    High = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Point {
    at: u32,
    is_on: bool,
}

/// Elements are these bytes each: a pattern that is a value, and one that is not. Words have bytes of several of them.
fn up_to_the_last_element<T: Validate + 'static>(capacity: usize, valid: &[u8], invalid: &[u8], data: usize) {
    let (place, size) = (Place::new(), valid.len());
    let path = place.at("slice");
    drop(Options::new().buffers(1).capacity(capacity).create::<[T]>(&path).unwrap());
    let reader = untyped::Reader::open(&path).unwrap();
    let mut writer = untyped::Writer::take_over(&path, reader.region().schema(), &Options::new()).unwrap();
    let len = reader.region().schema().layout().size();
    // The data of the first elements is this, of the others that.
    let stored = |first: &[u8], count: usize, rest: &[u8]| {
        let (bytes, _) = Region::open(&path).unwrap().read_bytes().unwrap();
        assert_eq!(bytes[..4], u32::try_from(count).unwrap().to_ne_bytes());
        for (index, element) in bytes[64..].chunks_exact(size).take(capacity).enumerate() {
            let expected = if index < count { first } else { rest };
            assert_eq!(element[..data], expected[..data], "{index} of {count}, {}", T::LAYOUT.name());
        }
    };
    let (mut whole, mut elements, mut last) = (vec![0xee; len], vec![0xee; capacity * size], vec![0; capacity * size]);
    let other: Vec<u8> = valid.iter().map(|byte| byte ^ if *byte == 2 { 3 } else { 0 }).collect();
    for count in (1..capacity).rev().chain([0]) {
        // To all places; then to some, once by the elements, and once by a value, after whose last one there is
        // anything.
        for as_elements in [true, false] {
            writer.write_elements(&other.repeat(capacity)).unwrap();
            stored(&other, capacity, &[]);
            if as_elements {
                writer.write_elements(&valid.repeat(count)).unwrap();
            } else {
                whole[..4].copy_from_slice(&u32::try_from(count).unwrap().to_ne_bytes());
                whole[64..].fill(0xee);
                whole[64..64 + count * size].copy_from_slice(&valid.repeat(count));
                writer.write_bytes(&whole).unwrap();
            }
            stored(valid, count, &other);
        }
        whole.fill(0x11);
        elements.fill(0x11);
        let version = writer.version();
        assert_eq!((reader.read_into(&mut whole), reader.try_read_into(&mut whole)), (Ok(version), Ok(version)));
        assert_eq!(reader.read_elements_into(&mut elements), Ok((count, version)));
        last.fill(0x11);
        assert_eq!((writer.read_elements_into(&mut last), &last), (Ok(count), &elements));
        assert_eq!(whole[..4], u32::try_from(count).unwrap().to_ne_bytes());
        for read in [&whole[64..], &elements[..]] {
            assert!(read.chunks_exact(size).take(count).all(|element| element[..data] == valid[..data]));
            assert!(read[count * size..].iter().all(|byte| *byte == 0x11), "{count}");
        }
        // One that is not a value, as the last one: nothing is written. After the last one it may be there.
        let bad = [&valid.repeat(count)[..], invalid].concat();
        let why = format!("element {count}: invalid");
        let refused = writer.write_elements(&bad).unwrap_err().to_string();
        assert!(refused.starts_with(&why), "{refused}");
        let value = |count: usize| [&u32::try_from(count).unwrap().to_ne_bytes()[..], &[0; 60], &bad].concat();
        assert!(
            writer.write_bytes(&value(count + 1)).unwrap_err().to_string().contains(&format!("`elements[{count}]"))
        );
        let refused = |writer: &mut untyped::Writer, count| writer.write_bytes(&value(count)).unwrap_err().to_string();
        assert!(count + 2 > capacity || refused(&mut writer, count + 2).contains("fewer elements"));
        assert!(refused(&mut writer, capacity + 1).contains("more than the capacity"));
        assert_eq!(writer.version(), version);
        writer.write_bytes(&value(count)).unwrap();
        stored(valid, count, &other);
    }
    // Also where the padding at the end has space for one more.
    whole[..4].copy_from_slice(&u32::try_from(capacity + 1).unwrap().to_ne_bytes());
    whole[64..].chunks_mut(size).for_each(|element| element.copy_from_slice(&valid[..element.len()]));
    assert!(writer.write_bytes(&whole).unwrap_err().to_string().contains("more than the capacity"));
    whole[..4].fill(0);
    assert!(matches!(writer.write_bytes(&[&whole[..], &[0]].concat()), Err(BytesError::Invalid(_))));
    assert!(matches!(writer.write_bytes(&[0; 63]), Err(BytesError::Invalid(_))));
    // As a program without the lock might leave it.
    fs::File::options().write(true).open(&path).unwrap().write_all_at(&[0xff; 4], 256).unwrap();
    let why = format!("the slice has 4294967295 elements, and space for {capacity} only");
    assert_eq!(reader.read_into(&mut whole), Err(BytesError::Invalid(why.clone())));
    assert_eq!(reader.read_elements_into(&mut elements), Err(BytesError::Invalid(why.clone())));
    assert_eq!(writer.read_elements_into(&mut elements), Err(BytesError::Invalid(why.clone())));
    assert_eq!(reader.read_range_into(0, &mut elements[..size]), Err(BytesError::Invalid(why)));
    // As is one element that is not valid: a range that has it names it by its place in the slice, others do not look.
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.write_all_at(&2u32.to_ne_bytes(), 256).unwrap();
    file.write_all_at(&[valid, &vec![0xff; size]].concat(), 256 + 64).unwrap();
    let error = reader.read_range_into(1, &mut elements[..size]).unwrap_err();
    assert!(error.to_string().contains("element 1"), "{error}");
    assert_eq!(writer.read_elements_into(&mut elements).unwrap_err(), error);
    assert_eq!(reader.read_range_into(0, &mut elements[..size]), Ok(reader.region().version()));
    assert_eq!(elements[..data], valid[..data]);
    writer.close().unwrap();
}

#[test]
fn slices_are_written_and_read_up_to_their_last_element() {
    up_to_the_last_element::<Level>(21, &[2], &[0], 1);
    up_to_the_last_element::<[Level; 3]>(7, &[2, 1, 2], &[1, 0, 1], 3);
    up_to_the_last_element::<Point>(9, &[2, 0, 2, 0, 1, 0, 0, 0], &[0, 0, 0, 0, 2, 0, 0, 0], 5);
    up_to_the_last_element::<SeqOption<u8>>(11, &[1, 2], &[2, 0], 2);
}

#[test]
fn elements_without_bytes_are_counted() {
    let place = Place::new();
    let path = place.at("nothing");
    drop(Options::new().capacity(5).create::<[[SeqOption<u8>; 0]]>(&path).unwrap());
    let reader = untyped::Reader::open(&path).unwrap();
    let mut writer = untyped::Writer::take_over(&path, reader.region().schema(), &Options::new()).unwrap();
    let mut value = vec![0; reader.region().schema().layout().size()];
    value[..4].copy_from_slice(&4u32.to_ne_bytes());
    writer.write_bytes(&value).unwrap();
    value.fill(0);
    assert_eq!(reader.read_into(&mut value), Ok(writer.version()));
    assert_eq!((value[0], reader.read_elements_into(&mut [])), (4, Ok((4, writer.version()))));
    assert_eq!(writer.read_elements_into(&mut []), Ok(4));
    assert!(writer.write_elements(&[]).is_err());
    value[0] = 6;
    assert!(writer.write_bytes(&value).is_err());
    writer.close().unwrap();
}

/// A slice that is written all the time, of which no attempt is sure to be whole: calls that don't only try make
/// others.
#[test]
fn what_is_read_while_it_is_written_is_read_again() {
    let place = Place::new();
    let path = place.at("slice");
    let mut writer = Options::new().buffers(1).capacity(1 << 17).create::<[u8]>(&path).unwrap();
    let mut written = vec![0u8; 1 << 17];
    writer.write_from(&written).unwrap();
    let (reader, ends) = (untyped::Reader::open(&path).unwrap(), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in (0..=u8::MAX).cycle().take_while(|_| !ends.load(Relaxed)) {
                written.fill(number);
                writer.write_from(&written).unwrap();
                let began = Instant::now();
                while began.elapsed() < Duration::from_micros(40) {
                    std::hint::spin_loop();
                }
            }
        });
        let mut elements = vec![0; 1 << 17];
        let mut torn = 0;
        let mut read = |is_all: bool| {
            let found = if is_all { &mut elements[..] } else { &mut elements[..1 << 16] };
            let result = if is_all {
                reader.read_elements_into(found).map(drop)
            } else {
                reader.read_range_into(9, found).map(drop)
            };
            // All are the same.
            torn += usize::from(result.is_ok() && found[1..] != found[..found.len() - 1]);
            result.is_ok()
        };
        // Beside three hundred writes. On a machine that has much else to do, some may find no gap for as long as they
        // try.
        let shares = [true, false].map(|is_all| {
            let (began, mut all, mut failed) = (reader.region().version(), 0u32, 0u32);
            while reader.region().version().writes_since(began) < 300 {
                (all, failed) = (all + 1, failed + u32::from(!read(is_all)));
            }
            failed * 100 / all
        });
        ends.store(true, Relaxed);
        // Copies without vectors take longer than the gaps where a sanitizer looks at each access.
        let is_rare = cfg!(seqcopy_portable) || shares.iter().all(|share| *share < 4);
        assert!(is_rare && torn == 0, "{shares:?} % failed, {torn} torn");
    });
}
