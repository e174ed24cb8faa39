//! What is left when a call has failed: the destination, the region, the handle and the count.
//! `tests/tests/documents/failures.txt` has a line for each call.

use std::fs::File;
use std::os::unix::fs::FileExt;

use seqcopy::{ReadError, SeqCopy, Validate, Version, part};
use seqcopy_shm::{ChangeError, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Writer, untyped};
use seqcopy_tests::faults::Place;

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Flag {
    at: u64,
    ok: bool,
}

const GOOD: Flag = Flag { at: 7, ok: true };
/// Where `ok` lies in a region of one buffer (format.md).
const OK: u64 = 208 + 8;

#[allow(clippy::needless_pass_by_value)] // results of calls
fn is_invalid<T>(result: Result<T, ReadValueError>) -> bool {
    matches!(result, Err(ReadValueError::Invalid(error)) if error.to_string().contains("ok"))
}

/// A writer that took the region over finds an invalid value, and can repair it.
#[test]
fn a_write_that_fails_publishes_nothing() {
    let place = Place::new();
    let path = place.at("flag");
    let mut writer = Options::new().buffers(1).create::<Flag>(&path).unwrap();
    writer.write(GOOD).unwrap();
    File::options().write(true).open(&path).unwrap().write_all_at(&[7], OK).unwrap();
    let (region, version) = (Region::open(&path).unwrap(), writer.version());
    let before = region.read_bytes().unwrap();
    assert!(is_invalid(writer.read()) && is_invalid(writer.read_parts((part!(Flag, at), part!(Flag, ok)))));
    assert!(is_invalid(writer.update(|_| unreachable!("there is no value"))));
    assert!(is_invalid(writer.update_part(part!(Flag, ok), |_| unreachable!("there is no value"))));
    assert_eq!((writer.version(), region.read_bytes().unwrap()), (version, before));
    // The other field can be written, and then this one.
    writer.update_part(part!(Flag, at), |at| *at += 1).unwrap();
    writer.write_part(part!(Flag, ok), true).unwrap();
    assert_eq!(writer.read(), Ok(Flag { at: 8, ok: true }));
    assert_eq!(writer.version().writes_since(version), 2);
}

/// A value is known by its schema alone.
#[test]
fn bytes_that_are_refused_are_not_written() {
    let place = Place::new();
    let path = place.at("flag");
    let mut first = Writer::<Flag>::create(&path).unwrap();
    let region = Region::open(&path).unwrap();
    assert_eq!(region.read_bytes(), Err(ReadValueError::NoValue(ReadError::Empty)));
    first.write(GOOD).unwrap();
    drop(first);
    let mut writer = untyped::Writer::open_or_create(&path, region.schema(), &Options::new()).unwrap();
    let (bytes, version) = region.read_bytes().unwrap();
    let mut bad = bytes.clone();
    bad[8] = 7;
    assert!(region.schema().validate(&bad).is_err());
    for refused in [&bad[..], &bytes[1..], &[]] {
        writer.write_bytes(refused).unwrap_err();
    }
    assert_eq!(region.read_bytes().unwrap(), (bytes.clone(), version));
    writer.write_bytes(&bytes).unwrap();
    assert_eq!(writer.version().writes_since(version), 1);
}

#[test]
fn a_slice_that_does_not_fit_changes_neither_side() {
    let place = Place::new();
    let path = place.at("slice");
    let mut writer = Options::new().buffers(1).capacity(2).create::<[u16]>(&path).unwrap();
    writer.write_from(&[5, 6]).unwrap();
    let version = writer.version();
    assert!(matches!(writer.write_from(&[1; 3]), Err(ChangeError::Capacity(error)) if error.capacity() == 2));
    let reader = Reader::<[u16]>::open(&path).unwrap();
    let (mut one, mut three) = ([9], [9; 3]);
    reader.read_to_slice(&mut one).unwrap_err();
    reader.try_read_to_slice(&mut one).unwrap_err();
    reader.read_range(0..3, &mut three).unwrap_err();
    reader.try_read_range(0..3, &mut three).unwrap_err();
    assert_eq!((one, three), ([9], [9; 3]));
    let (mut all, mut known) = (vec![9; 5], Version::NEVER);
    assert_eq!((reader.read_if_changed(&mut known, &mut all), known), (Ok(true), version));
    assert_eq!((reader.read_to_slice(&mut three), three), (Ok(2), [5, 6, 9]));
    assert_eq!(all, [5, 6]);
    writer.write_from(&[]).unwrap();
    assert_eq!(writer.version().writes_since(version), 1);
}

fn entries(reader: &MapReader<u8, u16>) -> Vec<(u8, u16)> {
    let mut all: Vec<_> = reader.view().iter().collect::<Result<_, _>>().unwrap();
    all.sort_unstable();
    all
}

/// At its limit, one beyond, and when one was taken out again.
#[test]
fn a_full_map_takes_no_key_and_keeps_what_it_has() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u8, u16>::create(&path, 6).unwrap();
    let reader = MapReader::<u8, u16>::open(&path).unwrap();
    let capacity = u8::try_from(writer.capacity()).unwrap();
    for key in 0..capacity {
        writer.insert(key, 1).unwrap();
    }
    let (all, generation) = (entries(&reader), writer.generation());
    assert_eq!(writer.insert(200, 1), Err(ChangeError::Full));
    assert_eq!(writer.insert_if_absent(200, 1), Err(ChangeError::Full));
    // An error of a batch is returned to its caller, and ends nothing: what else it does is published.
    let inside = writer.commit(|batch| (batch.insert(200, 1), batch.insert_if_absent(201, 1), batch.len()));
    assert_eq!(inside, Ok((Err(ChangeError::Full), Err(ChangeError::Full), usize::from(capacity))));
    assert_eq!((entries(&reader), writer.generation(), writer.len()), (all, generation, usize::from(capacity)));
    let given_up: Result<(), ChangeError> = writer.try_commit(|batch| {
        batch.remove(&0)?;
        batch.update(&1, |value| *value = 5)?;
        batch.insert(200, 1)?;
        batch.insert(201, 1)?;
        Ok(())
    });
    assert_eq!(given_up, Err(ChangeError::Full));
    assert_eq!((writer.generation(), reader.get(&0), reader.get(&1)), (generation, Ok(Some(1)), Ok(Some(1))));
    // A key that is there needs no space.
    assert_eq!((writer.insert(0, 2), writer.insert_if_absent(1, 2)), (Ok(Some(1)), Ok(Some(1))));
    assert_eq!(
        (writer.remove(&3), writer.insert(200, 3), writer.insert(3, 3)),
        (Ok(Some(1)), Ok(None), Err(ChangeError::Full))
    );
    assert_eq!((reader.get(&200), reader.get(&3), writer.len()), (Ok(Some(3)), Ok(None), usize::from(capacity)));
    writer.clear().unwrap();
    assert_eq!((writer.insert(3, 4), reader.get(&3)), (Ok(None), Ok(Some(4))));
}
