//! Maps of this program, opened, looked at in every way, and taken over.

use std::fmt::Debug;
use std::fs::File;
use std::mem::MaybeUninit;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use seqcopy::{MaybeInvalid, ReadError, SeqCopy, SeqOption, Validate, Version};
use seqcopy_shm::{
    ChangeError, Error, ErrorKind, MapKey, MapReader, MapWriter, Options, ReadValueError, VersionError, View,
    untyped::FileMap,
};
use seqcopy_tests::oracle::Rng;

use crate::known::{Failure, Line, Mode, Pose};
use crate::map_image::{HonestMap, MapImage, Slot};
use crate::tally::Tally;

/// A key that not all bits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(C)]
struct Channel {
    kind: Kind,
    is_local: bool,
    number: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, SeqCopy, Validate)]
#[repr(u8)]
#[allow(dead_code)] // values only come from regions
enum Kind {
    In = 3,
    Out = 5,
}

/// The types of a map, and a function that opens it.
pub(crate) struct KnownMap {
    pub(crate) slot: Slot,
    pub(crate) open: fn(&Path, &MapImage, &Slot, &mut Rng, &mut Tally) -> Result<(), Failure>,
}

impl KnownMap {
    fn of<K: MapKey + Debug, V: Validate + Debug>() -> KnownMap {
        // The schema is the library's; where everything lies is computed from it in `map_image`.
        let map = Options::new().create_map_memfd::<K, V>("hostile", 1).expect("a map");
        let header = map.region().header();
        let mut schema = vec![0; usize::try_from(header.schema_len()).expect("short")];
        let file = File::from(map.share().expect("a descriptor"));
        file.read_exact_at(&mut schema, header.schema_offset()).expect("a schema");
        KnownMap { slot: Slot::of(schema), open: open::<K, V> }
    }

    pub(crate) fn all() -> Vec<KnownMap> {
        vec![
            KnownMap::of::<u64, Pose>(),
            KnownMap::of::<u64, u64>(),
            KnownMap::of::<[u8; 12], Line>(),
            KnownMap::of::<Channel, Mode>(),
            KnownMap::of::<Channel, [SeqOption<char>; 3]>(),
            KnownMap::of::<u8, ()>(),
        ]
    }
}

/// A value of these bytes.
fn value_of<T: Validate>(bytes: &[u8]) -> Option<T> {
    assert_eq!(bytes.len(), size_of::<T>());
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: as many bytes as the value has, into memory of its own.
    unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), value.as_mut_ptr().cast(), bytes.len()) };
    // SAFETY: all of them were written.
    unsafe { MaybeInvalid::assume_written(value) }.validate().ok()
}

fn opened<R>(result: &Result<R, Error>, map: Option<&HonestMap>) -> Result<(), Failure> {
    let Some(map) = map else { return Ok(()) };
    let fits = match (result, map.state) {
        (Ok(_), 1) => true,
        // The writer died while closing, if there still is a generation.
        (Ok(_), 2) => map.word != 0,
        (Err(error), 2) => map.word == 0 && matches!(error.kind(), ErrorKind::Closed),
        (Err(error), state) => state != 1 && matches!(error.kind(), ErrorKind::Header { .. }),
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("map opened {:?} with state {}", result.as_ref().err(), map.state)) }
}

/// Whether the map is refused where a value is expected, with words that say so.
pub(crate) fn refused_as_value(errors: [&Error; 2], image: &MapImage) -> Result<(), Failure> {
    let [mapped, unmapped] = errors.map(ToString::to_string);
    let is_told = matches!(errors[0].kind(), ErrorKind::Version(VersionError::Format { expected: 1, found: 2, .. }));
    if mapped != unmapped || image.honest.is_some() && !is_told {
        return Err(format!("a map opened as a value: {mapped}; without a mapping {unmapped}"));
    }
    Ok(())
}

fn open<K: MapKey + Debug, V: Validate + Debug>(
    path: &Path,
    image: &MapImage,
    slot: &Slot,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let map = image.honest.as_ref();
    let reader = MapReader::<K, V>::open(path);
    opened(&reader, map)?;
    match &reader {
        Ok(reader) => {
            tally.maps += 1;
            look_up(reader, image, slot, rng, tally)?;
            iterate(&reader.view(), reader.region().header().slots(), image, rng, tally)?;
            let known = Version::from_bits(rng.bits() % 4);
            without_types(path, image, slot, rng)?;
            let _ = (reader.has_changed(known), reader.wait(known, Duration::ZERO), reader.region().writer_state());
        }
        Err(error) => tally.refuse(error),
    }
    if rng.chance(1, 4) {
        let writer = MapWriter::<K, V>::take_over(path);
        opened(&writer, map)?;
        if let (Ok(writer), Ok(reader)) = (writer, &reader) {
            change(writer, reader, slot, rng)?;
        }
    }
    Ok(())
}

/// Looks at a map that could be opened as a tool does, which knows no types.
fn without_types(path: &Path, image: &MapImage, slot: &Slot, rng: &mut Rng) -> Result<(), Failure> {
    let file = FileMap::open(path).map_err(|error| format!("opened with its types only: {error}"))?;
    let (key, bytes) = (slot.some_key(rng), &image.image.bytes);
    let (entries, found) = (file.entries(), file.get_versioned(&key));
    let Some(map) = &image.honest else { return Ok(()) };
    let (entries, found) = match (map.word, entries, found) {
        (0, Err(_), Err(_)) => return Ok(()),
        (0, entries, found) => return Err(format!("read without a generation: {entries:?}, {found:?}")),
        (_, Ok(entries), Ok(found)) => (entries, found),
        (_, entries, found) => return Err(format!("not read: {:?}, {:?}", entries.err(), found.err())),
    };
    let all: Vec<_> = entries.iter().map(|(key, value, stamp)| (stamp.to_bits(), key, value)).collect();
    let wanted: Vec<_> = map.entries(bytes).iter().map(|entry| (entry.stamp, entry.key, entry.value)).collect();
    if all != wanted || entries.generation().to_bits() != map.word {
        return Err(format!("{all:?} without its types, not {wanted:?}"));
    }
    let wanted = map.find(bytes, &key).map(|entry| (entry.stamp, entry.value.to_vec()));
    let found = found.map(|(value, stamp)| (stamp.to_bits(), value));
    if found != wanted {
        return Err(format!("{found:?} without its types, not {wanted:?}"));
    }
    Ok(())
}

/// Looks up keys that are there and others.
fn look_up<K: MapKey + Debug, V: Validate + Debug>(
    reader: &MapReader<K, V>,
    image: &MapImage,
    slot: &Slot,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let bytes = &image.image.bytes;
    for _ in 0..6 {
        let key_bytes = slot.some_key(rng);
        let key: K = value_of(&key_bytes).expect("a valid key");
        let view = reader.view();
        let found = reader.get_versioned(&key);
        let is_found = |found: Result<Option<V>, ReadValueError>| format!("{found:?}");
        let others = [reader.get(&key), reader.try_get(&key), view.get(&key)].map(is_found);
        let contains = view.contains_key(&key);
        match &found {
            Ok(Some(_)) => tally.found += 1,
            Ok(None) => tally.absent += 1,
            Err(ReadValueError::Invalid(_)) => tally.damaged += 1,
            Err(_) => tally.no_value += 1,
        }
        let Some(map) = &image.honest else { continue };
        let there = map.find(bytes, &key_bytes);
        let fits = match (&found, &there) {
            (Err(ReadValueError::NoValue(ReadError::Empty)), _) => map.word == 0,
            _ if map.word == 0 => false,
            (Ok(Some((_, stamp))), Some(entry)) => slot.value.is_value(entry.value) && stamp.to_bits() == entry.stamp,
            (Err(ReadValueError::Invalid(_)), Some(entry)) => !slot.value.is_value(entry.value),
            (Ok(None), None) => true,
            _ => false,
        };
        if !fits || map.word != 0 && contains != Ok(there.is_some()) {
            return Err(format!("{key:?}: {found:?}, contains {contains:?}, word {:#x}", map.word));
        }
        let found = is_found(found.map(|found| found.map(|(value, _)| value)));
        if others.iter().any(|other| *other != found) {
            return Err(format!("{key:?}: {found}, but {others:?}"));
        }
    }
    Ok(())
}

/// All entries, and those after some generation.
fn iterate<K: MapKey + Debug, V: Validate + Debug>(
    view: &View<'_, K, V>,
    slots: u64,
    image: &MapImage,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let since = Version::from_bits(if rng.chance(1, 2) { rng.bits() % 1000 } else { rng.bits() });
    let slots = usize::try_from(slots).expect("mapped");
    // One more for the error with which it ends.
    let (valid, others): (Vec<_>, Vec<_>) = view.iter().take(slots + 2).partition(Result::is_ok);
    let (changed, len) = (view.changed_since(since).take(slots + 2).count(), view.len());
    tally.entries += valid.len() as u64;
    if valid.len() + others.len() > slots + 1 || changed > slots + 1 || len.is_ok_and(|len| len > slots) {
        return Err(format!("{} and {} entries in {slots} slots", valid.len(), others.len()));
    }
    let Some(map) = &image.honest else { return Ok(()) };
    let entries = map.entries(&image.image.bytes);
    let fits = if map.word == 0 {
        valid.is_empty() && others.len() == 1 && changed == 1 && len.is_err()
    } else {
        let after = entries.iter().filter(|entry| entry.stamp > since.to_bits() || since == Version::NEVER).count();
        valid.len() == entries.iter().filter(|entry| map.is_valid(entry)).count()
            && valid.len() + others.len() == entries.len()
            && changed == after
            && len == Ok(map.len(&image.image.bytes))
    };
    if fits { Ok(()) } else { Err(format!("{} entries, {} others, {changed}, {len:?}", valid.len(), others.len())) }
}

/// Changes a map that was taken over: what is inserted is found, whatever was there.
fn change<K: MapKey + Debug, V: Validate + Debug>(
    mut writer: MapWriter<K, V>,
    reader: &MapReader<K, V>,
    slot: &Slot,
    rng: &mut Rng,
) -> Result<(), Failure> {
    for _ in 0..4 {
        let key_bytes = slot.some_key(rng);
        let key = || value_of::<K>(&key_bytes).expect("a valid key");
        let value_bytes = slot.some_value(rng);
        let value = || value_of::<V>(&value_bytes).expect("a valid value");
        let _ = (writer.remove(&key()), writer.insert_if_absent(key(), value()));
        let _ = writer.update(&key(), |there| *there = value());
        let inserted = writer.insert(key(), value());
        // A count that wraps is unreadable once, and is reported so.
        let is_readable = reader.generation().to_bits() != 0;
        let (found, len) = (reader.get(&key()), reader.view().len());
        let fits = match (&inserted, &found) {
            (_, Err(ReadValueError::NoValue(ReadError::Empty))) => !is_readable,
            (Ok(_) | Err(ChangeError::Invalid(_)), Ok(Some(found))) => format!("{found:?}") == format!("{:?}", value()),
            (Err(ChangeError::Full), Ok(None)) => true,
            _ => false,
        };
        let is_counted = !is_readable || inserted.is_err() || len == Ok(writer.len());
        if !fits || !is_counted {
            return Err(format!("{inserted:?}, then {found:?}; {len:?} entries, {} here", writer.len()));
        }
    }
    let dropped: Result<(), ChangeError> = writer.try_commit(|batch| batch.clear().and(Err(ChangeError::Full)));
    let _ = (dropped, writer.clear());
    match (reader.generation().to_bits(), reader.view().len()) {
        (0, _) | (_, Ok(0)) => Ok(()),
        other => Err(format!("{other:?} after all entries were removed")),
    }
}
