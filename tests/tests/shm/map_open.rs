//! What can't be opened as a map, with which error; what can't be created; formats told apart; closing; damaged
//! entries.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use seqcopy::{SeqCopy, Validate};
use seqcopy_shm::{
    ChangeError, ErrorKind, FileReader, MapKey, MapReader, MapWriter, Options, ReadValueError, Reader, Region, Schema,
    Uid, VersionError, Writer, WriterState, untyped,
};
use seqcopy_tests::faults::{Place, is_alive};

#[derive(Clone, Copy, Debug, PartialEq, SeqCopy, Validate)]
#[repr(C)]
struct Device {
    level: u32,
    online: bool,
}

const DEVICE: Device = Device { level: 5, online: true };

#[test]
fn maps_and_values_are_told_apart() {
    let place = Place::new();
    let (map, value) = (place.at("map"), place.at("value"));
    let _map = MapWriter::<u64, Device>::create(&map, 10).unwrap();
    let _value = Writer::<Device>::create(&value).unwrap();
    let map_found = [
        Reader::<Device>::open(&map).map(drop).unwrap_err(),
        Writer::<Device>::take_over(&map).map(drop).unwrap_err(),
        Writer::<Device>::open_or_create(&map).map(drop).unwrap_err(),
        FileReader::<Device>::open(&map).map(drop).unwrap_err(),
        Region::open_file(&map).map(drop).unwrap_err(),
        Region::open(&map).map(drop).unwrap_err(),
    ];
    for error in map_found {
        assert!(
            matches!(error.kind(), ErrorKind::Version(VersionError::Format { expected: 1, found: 2, .. })),
            "{error}"
        );
        assert!(error.to_string().ends_with(
            "this region holds a map, not a value (format 1 expected, format 2 found): open it with `MapReader`"
        ));
    }
    let value_found = [
        MapReader::<u64, Device>::open(&value).map(drop).unwrap_err(),
        MapWriter::<u64, Device>::take_over(&value).map(drop).unwrap_err(),
        MapWriter::<u64, Device>::open_or_create(&value, 10).map(drop).unwrap_err(),
    ];
    for error in value_found {
        assert!(
            matches!(error.kind(), ErrorKind::Version(VersionError::Format { expected: 2, found: 1, .. })),
            "{error}"
        );
        assert!(error.to_string().ends_with("open it with `Reader`"), "{error}");
    }
}

#[test]
fn other_keys_and_values_are_refused_with_the_field() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Device {
        level: u64,
        online: bool,
    }
    let place = Place::new();
    let path = place.at("map");
    let _writer = MapWriter::<u64, super_device::Device>::create(&path, 10).unwrap();
    let error = MapReader::<u64, Device>::open(&path).unwrap_err().to_string();
    assert!(error.contains("`value.level`: u32 there, u64 here"), "{error}");
    let error = MapReader::<u32, super_device::Device>::open(&path).unwrap_err().to_string();
    assert!(error.contains("`key`: u64 there, u32 here"), "{error}");
}

mod super_device {
    pub(super) use super::Device;
}

#[test]
fn maps_that_can_not_be() {
    let place = Place::new();
    let path = place.at("map");
    let refused = |options: Options, capacity| {
        let error = options.create_map::<u64, Device>(&path, capacity).map(drop).unwrap_err();
        assert!(!path.exists());
        error.to_string()
    };
    assert!(refused(Options::new(), 0).contains("capacity should be from 1 to 3758096384, found 0"));
    assert!(refused(Options::new(), usize::MAX).contains("capacity should be"));
    assert!(refused(Options::new().buffers(1), 10).contains("buffers of a map should be a power of two from 2"));
    assert!(refused(Options::new().buffers(3), 10).contains("buffers of a map"));
    // Does not fit into the file system.
    assert!(refused(Options::new().buffers(1 << 16), 3_758_096_384).contains("cannot fill it"));
    assert!(place.names().is_empty(), "{:?}", place.names());
}

#[test]
fn every_byte_of_the_header_of_a_map_is_checked() {
    let place = Place::new();
    let path = place.at("map");
    drop(MapWriter::<u64, Device>::create(&path, 10).unwrap());
    let mut good = fs::read(&path).unwrap();
    // Nanoseconds each of whose bits may flip: the time of creation is not beyond a second.
    good[104..108].fill(0);
    assert!(MapReader::<u64, Device>::open(&path).is_ok());
    for at in 0..128 {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let opened = MapReader::<u64, Device>::open(&path);
        // The time of creation, and the seed, which changes where a search begins.
        assert_eq!(opened.is_ok(), (96..108).contains(&at) || at >= 120, "byte {at}");
    }
    for slots in [0u64, 1, 4, 32, 1 << 32, u64::MAX] {
        let mut bytes = good.clone();
        bytes[112..120].copy_from_slice(&slots.to_ne_bytes());
        fs::write(&path, &bytes).unwrap();
        assert!(
            matches!(MapReader::<u64, Device>::open(&path).unwrap_err().kind(), ErrorKind::Header { .. }),
            "{slots}"
        );
        assert!(MapWriter::<u64, Device>::take_over(&path).is_err());
    }
    // Too short for its slots.
    fs::write(&path, &good[..good.len() - 1]).unwrap();
    assert!(MapReader::<u64, Device>::open(&path).is_err());
}

#[test]
fn one_writer_at_a_time_whose_state_is_known() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u64, Device>::create(&path, 10).unwrap();
    assert!(matches!(MapWriter::<u64, Device>::take_over(&path).unwrap_err().kind(), ErrorKind::AlreadyWriter));
    assert!(matches!(MapWriter::<u64, Device>::create(&path, 10).unwrap_err().kind(), ErrorKind::Exists { .. }));
    let reader = MapReader::<u64, Device>::open(&path).unwrap();
    assert!(is_alive(reader.region().writer_state(), std::process::id()));
    writer.insert(1, DEVICE).unwrap();
    let header = *writer.region().header();
    assert_eq!((header.format(), header.slots(), header.buffers(), header.payload_size()), (2, 16, 2, 24));
    assert_eq!((writer.capacity(), reader.capacity(), writer.region().owner()), (14, 14, Uid::effective()));
    drop(writer);
    assert_eq!(reader.region().writer_state(), WriterState::Gone);
    assert_eq!(reader.get(&1), Ok(Some(DEVICE)));
    let writer = Options::new().require_owner(Uid::effective()).take_over_map::<u64, Device>(&path).unwrap();
    assert_eq!(writer.len(), 1);
    let again = MapReader::<u64, Device>::from_fd(reader.region().share().unwrap()).map(drop).unwrap_err();
    assert!(matches!(again.kind(), ErrorKind::Unsealed), "a file at a path can be truncated");
    writer.close().unwrap();
    assert!(reader.region().is_closed() && reader.region().is_removed());
    assert_eq!(reader.get(&1), Err(ReadValueError::Closed));
    assert!(MapReader::<u64, Device>::open(&path).is_err());
    // Created again, with another capacity.
    let writer = MapWriter::<u64, Device>::open_or_create(&path, 100).unwrap();
    assert!(writer.was_created() && writer.capacity() == 112);
}

/// A map that its writer closed and did not live to remove is replaced; one that it had not closed yet goes on.
#[test]
fn a_writer_that_dies_while_it_closes() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u64, Device>::create(&path, 10).unwrap();
    writer.insert(1, DEVICE).unwrap();
    let own = writer.region().schema().clone();
    drop(writer);
    let put = |at: u64, bytes: &[u8]| File::options().write(true).open(&path).unwrap().write_all_at(bytes, at).unwrap();
    put(128, &2u32.to_ne_bytes());
    let writer = MapWriter::<u64, Device>::open_or_create(&path, 10).unwrap();
    assert!(!writer.was_created() && writer.len() == 1);
    drop(writer);
    put(128, &2u32.to_ne_bytes());
    put(192, &0u64.to_ne_bytes());
    assert!(matches!(MapWriter::<u64, Device>::take_over(&path).unwrap_err().kind(), ErrorKind::Closed));
    for error in [
        MapReader::<u64, Device>::open(&path).map(drop).unwrap_err(),
        MapReader::<u64, Device>::open_by_fields(&path).map(drop).unwrap_err(),
        untyped::MapReader::open(&path).map(drop).unwrap_err(),
        untyped::MapReader::open_by_fields(&path, &own, &Options::new()).map(drop).unwrap_err(),
    ] {
        assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
    }
    let writer = MapWriter::<u64, Device>::open_or_create(&path, 10).unwrap();
    assert!(writer.was_created() && writer.is_empty());
}

#[test]
fn a_memfd_is_handed_on() {
    let mut writer = Options::new().allow_take_over_fd(true).create_map_memfd::<u64, Device>("map", 10).unwrap();
    writer.insert(1, DEVICE).unwrap();
    let (reader, file) = (MapReader::<u64, Device>::from_fd(writer.share().unwrap()).unwrap(), writer.share().unwrap());
    drop(writer);
    let mut writer = MapWriter::<u64, Device>::take_over_fd(file).unwrap();
    writer.insert(2, DEVICE).unwrap();
    assert_eq!((reader.get(&1), reader.get(&2)), (Ok(Some(DEVICE)), Ok(Some(DEVICE))));
}

/// One value that is not valid: its key says which field, and the other keys are not affected.
#[test]
fn a_damaged_value_is_an_error_of_its_key() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u64, Device>::create(&path, 10).unwrap();
    for key in 0..5 {
        writer.insert(key, Device { level: 7, online: true }).unwrap();
    }
    let reader = MapReader::<u64, Device>::open(&path).unwrap();
    // The published table, and in it the slot of key 3: after the stamp and the key the value, after the level a
    // `bool`.
    let header = *reader.region().header();
    let published = header.buffer_offset() + header.buffer_stride() * (reader.generation().to_bits() % 2);
    let file = File::options().read(true).write(true).open(&path).unwrap();
    let slot = (0..header.slots()).map(|slot| published + 64 + slot * 24).find(|&at| {
        let mut bytes = [0; 16];
        file.read_exact_at(&mut bytes, at).unwrap();
        bytes[..8] != [0; 8] && bytes[8..] == 3u64.to_ne_bytes()
    });
    file.write_all_at(&[7], slot.unwrap() + 16 + 4).unwrap();
    let is_named = |error: String| error.contains("online") && error.contains('7');
    assert!(is_named(reader.get(&3).unwrap_err().to_string()));
    let view = reader.view();
    assert_eq!(view.contains_key(&3), Ok(true));
    assert_eq!((view.iter().flatten().count(), view.iter().count()), (4, 5));
    assert!((0..5).filter(|key| *key != 3).all(|key| reader.get(&key).unwrap().is_some()));
    // A writer that takes over copies the bits as they are; what it can't return it replaces all the same.
    drop(writer);
    let mut writer = MapWriter::<u64, Device>::take_over(&path).unwrap();
    assert!(is_named(writer.update(&3, |_| ()).unwrap_err().to_string()));
    writer.insert(9, DEVICE).unwrap();
    assert!(is_named(reader.get(&3).unwrap_err().to_string()), "still damaged in the next table");
    assert!(matches!(writer.insert_if_absent(3, DEVICE), Err(ChangeError::Invalid(_))));
    assert!(matches!(writer.insert(3, DEVICE), Err(ChangeError::Invalid(_))));
    assert_eq!(reader.get(&3), Ok(Some(DEVICE)));
}

fn written(path: &Path) -> File {
    File::options().read(true).write(true).open(path).unwrap()
}

/// Where the slot lies in the file, of the table that was published last, whose bytes are those that are wanted.
fn published_slot<K: MapKey, V: Validate>(
    file: &File,
    writer: &MapWriter<K, V>,
    is_wanted: impl Fn(&[u8]) -> bool,
) -> u64 {
    let header = *writer.region().header();
    let mut slot = vec![0; writer.region().schema().layout().size()];
    let table = header.buffer_offset() + header.buffer_stride() * (writer.generation().to_bits() % 2);
    let size = slot.len() as u64;
    let found = (0..header.slots()).map(|number| table + 64 + number * size).find(|&at| {
        file.read_exact_at(&mut slot, at).unwrap();
        is_wanted(&slot)
    });
    found.expect("a slot with these bytes")
}

/// Nothing is asked about a key that is not valid; the entry stays.
#[test]
fn a_damaged_key_is_told_and_hides_no_other() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<bool, u8>::create(&path, 3).unwrap();
    writer.insert(false, 5).unwrap();
    writer.insert(true, 6).unwrap();
    let (file, layout) = (written(&path), Schema::of_map::<bool, u8>());
    let [_, key, value] = layout.layout().fields() else { unreachable!() };
    let of_true = published_slot(&file, &writer, |slot| slot[value.offset()] == 6);
    file.write_all_at(&[7], of_true + key.offset() as u64).unwrap();
    drop(writer);
    let mut writer = MapWriter::<bool, u8>::take_over(&path).unwrap();
    let mut asked = Vec::new();
    let retained = writer.commit(|batch| {
        batch.retain(|key, value| {
            asked.push((*key, *value));
            false
        })
    });
    assert!(matches!(retained, Ok(Err(ChangeError::Invalid(_)))), "{retained:?}");
    assert_eq!((asked, writer.len()), (vec![(false, 5)], 1));
}

/// What can't be returned is removed all the same, and the others are asked about, whichever it is.
#[test]
fn a_damaged_value_can_be_removed_and_hides_no_other() {
    let place = Place::new();
    for damaged in 0..5u64 {
        let path = place.at(&damaged.to_string());
        let mut writer = MapWriter::<u64, Device>::create(&path, 10).unwrap();
        (0..5).for_each(|key| _ = writer.insert(key, DEVICE).unwrap());
        let file = written(&path);
        let of_damaged = |slot: &[u8]| slot[..8] != [0; 8] && slot[8..16] == damaged.to_ne_bytes();
        let slot = published_slot(&file, &writer, of_damaged);
        file.write_all_at(&[7], slot + 16 + 4).unwrap();
        drop(writer);
        let mut writer = MapWriter::<u64, Device>::take_over(&path).unwrap();
        let mut asked = Vec::new();
        let retained = writer.commit(|batch| {
            batch.retain(|key, _| {
                asked.push(*key);
                *key % 2 == 0
            })
        });
        assert!(matches!(retained, Ok(Err(ChangeError::Invalid(_)))), "{retained:?}");
        asked.sort_unstable();
        assert_eq!(asked, (0..5).filter(|key| *key != damaged).collect::<Vec<_>>());
        let reader = MapReader::<u64, Device>::open(&path).unwrap();
        for key in 0..5 {
            assert_eq!(reader.view().contains_key(&key), Ok(key % 2 == 0 || key == damaged), "{key} of {damaged}");
        }
        assert!(matches!(writer.remove(&damaged), Err(ChangeError::Invalid(_))));
        assert_eq!((reader.view().contains_key(&damaged), writer.remove(&damaged)), (Ok(false), Ok(None)));
        assert_eq!(reader.view().len(), Ok(writer.len()));
    }
}
