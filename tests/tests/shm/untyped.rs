//! Readers and writers of bytes: what they find is what those of the type find, and nothing that is not a value goes
//! either way.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use seqcopy::{ReadError, SeqCopy, SeqOption, SeqStr, Validate, Version};
use seqcopy_shm::untyped::{self, BytesError};
use seqcopy_shm::{ErrorKind, Header, MapReader, MapWriter, Options, ReadValueError, Reader, Schema, Writer};
use seqcopy_tests::faults::{FileExt, Place};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Sample {
    on: bool,
    at: u64,
    level: SeqOption<u32>,
    name: SeqStr<6>,
}

fn sample(at: u64) -> Sample {
    let level = if at % 2 == 0 { SeqOption::None } else { SeqOption::Some(9) };
    Sample { on: at % 3 == 0, at, level, name: SeqStr::literal("abc") }
}

/// The bytes of a value, with others where it has none.
fn dirty(value: Sample) -> Vec<u8> {
    let mut bytes = vec![0xee; size_of::<Sample>()];
    let fields = Sample::LAYOUT.fields();
    bytes[0] = value.on.into();
    bytes[fields[1].offset()..][..8].copy_from_slice(&value.at.to_ne_bytes());
    let level = &mut bytes[fields[2].offset()..][..8];
    level[0] = u8::from(value.level == SeqOption::Some(9));
    if level[0] == 1 {
        level[4..].copy_from_slice(&9u32.to_ne_bytes());
    }
    let name = &mut bytes[fields[3].offset()..][..10];
    name[..4].copy_from_slice(&3u32.to_ne_bytes());
    name[4..7].copy_from_slice(b"abc");
    bytes
}

fn buffers_of(path: &Path, header: &Header) -> Vec<u8> {
    let [start, end] = [header.buffer_offset(), header.schema_offset()].map(|at| usize::try_from(at).unwrap());
    fs::read(path).unwrap()[start..end].to_vec()
}

/// Removes a name by hand. Windows deletes no file that is mapped, but renames it.
fn take_away(path: &Path) {
    if cfg!(windows) { fs::rename(path, path.with_extension("aside")) } else { fs::remove_file(path) }.unwrap();
}

#[test]
fn a_value_is_read_as_it_was_written() {
    let place = Place::new();
    for buffers in [1, 2, 8] {
        let path = place.at(&buffers.to_string());
        let schema = Schema::of::<Sample>();
        let options = Options::new().buffers(buffers);
        let mut writer = untyped::Writer::create(&path, &schema, &options).unwrap();
        assert!(
            writer.was_created()
                && writer.region().schema() == &schema
                && writer.region().owner() == seqcopy_shm::Uid::effective()
        );
        let (typed, mut reader) = (Reader::<Sample>::open(&path).unwrap(), untyped::Reader::open(&path).unwrap());
        let mut bytes = vec![0; size_of::<Sample>()];
        let empty = BytesError::NotRead(ReadValueError::NoValue(ReadError::Empty));
        assert_eq!((reader.read_into(&mut bytes), writer.read_into(&mut bytes)), (Err(empty.clone()), Err(empty)));
        for at in 1..6 {
            writer.write_bytes(&dirty(sample(at))).unwrap();
            assert_eq!(typed.read(), Ok(sample(at)));
            let mut last = vec![0; bytes.len()];
            assert_eq!((reader.read_into(&mut bytes), writer.read_into(&mut last)), (Ok(writer.version()), Ok(())));
            assert_eq!(bytes, last);
            assert_eq!(schema.validate(&bytes).map_err(|error| error.to_string()), Ok(()));
        }
        assert!(!buffers_of(&path, writer.region().header()).contains(&0xee), "what is no part of a value got out");

        // Bytes that are not a text, a length, a tag: refused both ways.
        let name = Sample::LAYOUT.fields()[3].offset();
        for (at, bad) in [(0, 2), (name, 7), (name + 4, 0xff), (Sample::LAYOUT.fields()[2].offset(), 2)] {
            let mut bytes = dirty(sample(1));
            bytes[at] = bad;
            assert!(matches!(writer.write_bytes(&bytes), Err(BytesError::Invalid(_))), "{at}");
        }
        assert_eq!((writer.version().to_bits(), typed.read()), (5, Ok(sample(5))));

        take_away(&path);
        fs::write(&path, "another").unwrap();
        assert!(matches!(writer.restore_if_removed().unwrap_err().kind(), ErrorKind::Exists { .. }));
        assert!(fs::read(&path).unwrap() == b"another" && typed.read() == Ok(sample(5)));
        fs::remove_file(&path).unwrap();
        assert!(writer.restore_if_removed().unwrap() && !writer.restore_if_removed().unwrap());
        assert_eq!(reader.read_into(&mut bytes), Err(BytesError::NotRead(ReadValueError::Closed)));
        assert!(reader.reopen_if_removed().unwrap());
        assert_eq!(reader.read_into(&mut bytes).map(Version::to_bits), Ok(5));
        // One of another type: refused, and the reader stays as it was.
        writer.close().unwrap();
        let other = Writer::<u32>::create(&path).unwrap();
        assert!(matches!(reader.reopen_if_removed().unwrap_err().kind(), ErrorKind::Type(_)));
        assert!(reader.region().is_closed() && reader.region().require_type(&schema).is_ok());
        other.close().unwrap();
    }
}

/// Gives the region of a writer that has ended the schema of another type of the same shape, at its place and with its
/// hash.
pub(crate) fn relabel(path: &Path, schema: &Schema) {
    let mut file = fs::read(path).unwrap();
    let at = file.len() - schema.as_bytes().len();
    file[at..].copy_from_slice(schema.as_bytes());
    file[16..24].copy_from_slice(&schema.fingerprint().to_ne_bytes());
    fs::write(path, file).unwrap();
}

#[test]
fn what_is_not_a_value_is_not_read() {
    let place = Place::new();
    let path = place.at("lies");
    let mut liar = untyped::Writer::create(&path, &Schema::of::<[u8; 4]>(), &Options::new().buffers(1)).unwrap();
    liar.write_bytes(&[1, 0, 7, 1]).unwrap();
    drop(liar);
    let schema = Schema::of::<[bool; 4]>();
    relabel(&path, &schema);
    let reader = untyped::Reader::open(&path).unwrap();
    let why = "invalid `array`: `[2]` at byte 2 is 0x7, expected a `bool`: 0 or 1";
    assert_eq!(reader.read_into(&mut [0; 4]), Err(BytesError::Invalid(why.to_owned())));
    assert_eq!(reader.try_read_into(&mut [0; 4]), Err(BytesError::Invalid(why.to_owned())));
    let mut writer = untyped::Writer::take_over(&path, &schema, &Options::new()).unwrap();
    assert_eq!(writer.read_into(&mut [0; 4]), Err(BytesError::Invalid(why.to_owned())));
    writer.write_bytes(&[1; 4]).unwrap();
    assert!(reader.try_read_into(&mut [0; 4]).is_ok());
}

#[test]
fn elements_and_entries_that_are_not_values_are_not_read() {
    let place = Place::new();
    let (slice, map) = (place.at("slice"), place.at("map"));
    let mut liar = Options::new().capacity(4).create::<[u8]>(&slice).unwrap();
    liar.write_from(&[1, 0, 7]).unwrap();
    drop(liar);
    let honest = Options::new().capacity(4).create::<[bool]>(place.at("bool")).unwrap();
    relabel(&slice, untyped::Reader::open(place.at("bool")).unwrap().region().schema());
    let reader = untyped::Reader::open(&slice).unwrap();
    let why = "element 2: invalid `bool`: found 0x7, expected a `bool`: 0 or 1";
    assert_eq!(reader.read_elements_into(&mut [0; 4]), Err(BytesError::Invalid(why.to_owned())));
    drop(honest);

    let mut liar = MapWriter::<u8, u8>::create(&map, 4).unwrap();
    liar.insert(1, 1).unwrap();
    liar.insert(2, 7).unwrap();
    drop(liar);
    let honest = MapWriter::<u8, bool>::create(place.at("honest"), 4).unwrap();
    relabel(&map, untyped::MapReader::open(place.at("honest")).unwrap().region().schema());
    let reader = untyped::MapReader::open(&map).unwrap();
    assert!(matches!(reader.get(&[1], &mut [0]), Ok(Some(_))));
    let why = "invalid `bool`: found 0x7, expected a `bool`: 0 or 1";
    assert_eq!(reader.get(&[2], &mut [0]), Err(BytesError::Invalid(why.to_owned())));
    assert_eq!(reader.entries().unwrap_err(), BytesError::Invalid(why.to_owned()));
    drop(honest);
}

/// A struct in C has anything after a text.
#[test]
fn a_key_is_found_whatever_follows_its_text() {
    let place = Place::new();
    let path = place.at("text");
    let typed = MapWriter::<SeqStr<8>, u8>::create(&path, 4).unwrap();
    let reader = untyped::MapReader::open(&path).unwrap();
    drop(typed);
    let mut writer = untyped::MapWriter::take_over(&path, reader.region().schema(), &Options::new()).unwrap();
    let key = |fill: u8| [&3u32.to_ne_bytes()[..], b"abc", &[fill; 5]].concat();
    writer.change([(&key(0xee)[..], &[5][..])].into_iter(), [].into_iter()).unwrap();
    let typed = MapReader::<SeqStr<8>, u8>::open(&path).unwrap();
    assert_eq!(typed.get(&SeqStr::literal("abc")), Ok(Some(5)));
    assert!(reader.get(&key(0x11), &mut [0]).unwrap().is_some() && writer.get(&key(0x22), &mut [0]).unwrap().is_some());
    writer.change([].into_iter(), [&key(0x33)[..]].into_iter()).unwrap();
    assert!(writer.is_empty());
    writer.close().unwrap();
}

/// A few bytes, and more than lie on the stack; those that differ in the last byte only.
#[test]
fn keys_of_any_length_are_compared_to_their_end() {
    fn of<const N: usize>(place: &Place) {
        let path = place.at(&format!("keys-{N}"));
        let mut typed = MapWriter::<[u8; N], u8>::create(&path, 10).unwrap();
        let reader = untyped::MapReader::open(&path).unwrap();
        let key = |last: u8| {
            let mut key = [7; N];
            key[N - 1] = last;
            key
        };
        (0..5).for_each(|last| _ = typed.insert(key(last), last).unwrap());
        let mut value = [9];
        for last in 0..10 {
            let found = reader.get(&key(last), &mut value).unwrap();
            assert_eq!(found.map(|_| value[0]), (last < 5).then_some(last), "{N} bytes");
        }
        typed.close().unwrap();
    }
    let place = Place::new();
    of::<1>(&place);
    of::<64>(&place);
    of::<65>(&place);
    of::<200>(&place);
}

#[test]
fn maps_of_bytes() {
    let place = Place::new();
    let (path, empty) = (place.at("map"), place.at("empty"));
    let mut typed = MapWriter::<u32, Sample>::create(&path, 10).unwrap();
    typed.insert(7, sample(7)).unwrap();
    let mut reader = untyped::MapReader::open(&path).unwrap();
    let schema = reader.region().schema().clone();
    let mut value = vec![0; size_of::<Sample>()];
    let key = |key: u32| key.to_ne_bytes();
    assert_eq!(reader.get(&key(7), &mut value), Ok(Some(typed.generation())));
    assert_eq!(value[8..16], 7u64.to_ne_bytes());
    assert_eq!(reader.get(&key(8), &mut value), Ok(None));
    drop(typed);

    let mut writer = untyped::MapWriter::take_over(&path, &schema, &Options::new()).unwrap();
    let typed = MapReader::<u32, Sample>::open(&path).unwrap();
    let bytes: Vec<_> = (0..5).map(|n| (key(n), dirty(sample(n.into())))).collect();
    let all = || bytes.iter().map(|(key, value)| (&key[..], &value[..]));
    writer.replace(all()).unwrap();
    let generation = writer.generation();
    // The same values, though not the same bytes: nothing changes.
    let mut same = bytes[2].1.clone();
    same[1..8].fill(0x11);
    writer.change([(&key(2)[..], &same[..])].into_iter(), [].into_iter()).unwrap();
    assert_eq!(writer.generation(), generation);
    for n in 0..5u32 {
        assert_eq!(typed.get(&n), Ok(Some(sample(n.into()))));
        assert_eq!(writer.get(&key(n), &mut value), Ok(Some(generation)));
        assert_eq!(value[8], u8::try_from(n).unwrap());
    }
    assert_eq!((writer.get(&key(7), &mut value), writer.len(), writer.capacity()), (Ok(None), 5, 14));
    let entries = reader.entries().unwrap();
    assert_eq!((entries.len(), entries.generation()), (5, generation));
    assert!(entries.iter().all(|(key, value, stamp)| value[8] == key[0] && stamp == generation));
    assert!(!buffers_of(&path, writer.region().header()).contains(&0xee), "what is no part of a value got out");

    take_away(&path);
    fs::write(&path, "another").unwrap();
    assert!(matches!(writer.restore_if_removed().unwrap_err().kind(), ErrorKind::Exists { .. }));
    assert!(fs::read(&path).unwrap() == b"another" && typed.get(&2) == Ok(Some(sample(2))));
    fs::remove_file(&path).unwrap();
    assert!(writer.restore_if_removed().unwrap());
    assert!(reader.reopen_if_removed().unwrap());
    assert_eq!((reader.entries().unwrap().len(), reader.region().version()), (5, generation));
    for n in 0..20u32 {
        writer.change([(&key(n % 9)[..], &dirty(sample(1))[..])].into_iter(), [&key(n % 7)[..]].into_iter()).unwrap();
        let found = reader.entries().unwrap();
        assert_eq!((found.len(), found.generation()), (writer.len(), writer.generation()));
        assert_eq!((reader.len(), reader.is_empty()), (Ok(writer.len()), Ok(writer.is_empty())));
    }
    // As a program without the lock might leave it: there can't be more than slots.
    let buffers = writer.region().header().buffer_offset();
    let table = buffers + writer.generation().to_bits() % 2 * writer.region().header().buffer_stride();
    fs::File::options().write(true).open(&path).unwrap().write_all_at(&[0xff; 8], table).unwrap();
    assert_eq!(reader.len(), Ok(16));
    writer.close().unwrap();
    assert_eq!(reader.len(), Err(ReadValueError::Closed.into()));
    assert_eq!(reader.get(&key(1), &mut value), Err(ReadValueError::Closed.into()));

    let error = untyped::MapWriter::create(&empty, &Schema::of::<u32>(), 8, &Options::new()).unwrap_err();
    assert!(error.to_string().contains("a slot of stamp, key and value"), "{error}");
    let value = untyped::Writer::create(&empty, &Schema::of::<u32>(), &Options::new()).unwrap();
    assert!(untyped::MapReader::open(&empty).is_err());
    value.close().unwrap();
}

/// Also when an assertion fails.
struct EndsWriters<'a>(&'a AtomicBool);

impl Drop for EndsWriters<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// A reader that is overtaken again and again finds one generation, or says that it found none.
#[test]
fn reads_during_writes_are_whole() {
    let place = Place::new();
    let (value, map) = (place.at("value"), place.at("map"));
    let stop = AtomicBool::new(false);
    let writers = std::thread::scope(|scope| {
        let ends = EndsWriters(&stop);
        let busy = |path: std::path::PathBuf, buffers| {
            let stop = &stop;
            move || {
                let mut values = Options::new().buffers(buffers).create::<[u64; 40]>(&path).unwrap();
                let mut entries = MapWriter::<u32, [u64; 4]>::create(path.with_extension("map"), 20).unwrap();
                let mut n = 1;
                while !stop.load(Relaxed) {
                    values.write([n; 40]).unwrap();
                    entries.commit(|batch| (0..20).for_each(|key| _ = batch.insert(key, [n; 4]))).unwrap();
                    n += 1;
                }
                n
            }
        };
        let threads = [scope.spawn(busy(value.clone(), 1)), scope.spawn(busy(map.clone(), 4))];
        for path in [&value, &map] {
            let (mut values, mut entries) = (0, 0);
            while !path.with_extension("map").exists() {
                std::thread::yield_now();
            }
            let reader = untyped::Reader::open(path).unwrap();
            let maps = untyped::MapReader::open(path.with_extension("map")).unwrap();
            let mut bytes = [0; 320];
            for _ in 0..3000 {
                if let Ok(version) = reader.read_into(&mut bytes) {
                    assert!(bytes.chunks_exact(8).all(|word| *word == bytes[..8]), "torn");
                    assert!(version.to_bits() >= u64::from_ne_bytes(*bytes.first_chunk().unwrap()));
                    values += 1;
                }
                let Ok(found) = maps.entries() else { continue };
                let one: Vec<_> = found.iter().map(|(_, value, _)| value[..8].to_vec()).collect();
                assert!(one.windows(2).all(|two| two[0] == two[1]) && [0, 20].contains(&one.len()), "{one:?}");
                entries += 1;
            }
            assert!(values > 100 && entries > 100, "{values} and {entries}");
        }
        drop(ends);
        threads.map(|thread| thread.join().unwrap())
    });
    assert!(writers.iter().all(|n| *n > 1));
}

#[test]
fn a_region_that_was_closed_is_not_opened() {
    let place = Place::new();
    let writer = untyped::Writer::create(place.at("value"), &Schema::of::<Sample>(), &Options::new()).unwrap();
    let (kept, closed) = (place.at("kept"), place.at("value"));
    fs::hard_link(&closed, &kept).unwrap();
    writer.close().unwrap();
    let error = untyped::Reader::open(&kept).unwrap_err();
    assert!(matches!(error.kind(), seqcopy_shm::ErrorKind::Closed), "{error}");
    let by_fields = untyped::Reader::open_by_fields(&kept, &Schema::of::<Sample>(), &Options::new());
    assert!(matches!(by_fields.unwrap_err().kind(), seqcopy_shm::ErrorKind::Closed));
}

/// Where a value has no bytes there are zeros, not those of a value before it.
#[test]
fn what_a_value_does_not_have_is_not_that_of_the_one_before() {
    let place = Place::new();
    let path = place.at("value");
    let options = Options::new().buffers(1);
    let mut writer = untyped::Writer::create(&path, &Schema::of::<SeqOption<u64>>(), &options).unwrap();
    let mut some = [0; 16];
    some[0] = 1;
    some[8..].copy_from_slice(&0x1122_3344_5566_7788u64.to_ne_bytes());
    writer.write_bytes(&some).unwrap();
    writer.write_bytes(&[0; 16]).unwrap();
    let header = *writer.region().header();
    let found = buffers_of(&path, &header);
    assert!(!found.windows(8).any(|it| it == &some[8..]), "{found:x?}");
}

/// Also where the table of a batch is not the one before the newest, as of two.
#[test]
fn a_batch_is_seen_by_its_writer() {
    let place = Place::new();
    let typed = MapWriter::<u32, u64>::create(place.at("of"), 5).unwrap();
    let schema = typed.region().schema().clone();
    for buffers in [2, 4, 8] {
        let (path, options) = (place.at(&format!("map-{buffers}")), Options::new().buffers(buffers));
        let mut writer = untyped::MapWriter::create(&path, &schema, 8, &options).unwrap();
        assert!(writer.was_created());
        let reader = untyped::MapReader::open(&path).unwrap();
        let mut value = [0; 8];
        for number in 1..20u64 {
            let (key, new) = (u32::try_from(number % 3).unwrap().to_ne_bytes(), number.to_ne_bytes());
            assert!(writer.begin());
            writer.insert(&key, &new).unwrap();
            assert!(matches!(writer.get(&key, &mut value), Ok(Some(_))) && value == new, "{number} of {buffers}");
            assert_eq!(writer.commit(), Some(Ok(())));
            assert!(matches!(reader.get(&key, &mut value), Ok(Some(_))) && value == new);
            assert_eq!(reader.is_empty(), Ok(false));
        }
        drop(writer);
        assert!(!untyped::MapWriter::take_over(&path, &schema, &options).unwrap().was_created());
    }
}
