//! `FileMap::open`: the entries of any map by system calls, compared with a reader with the types, with a writer, and
//! from hostile files.

use std::collections::HashMap;
use std::fs::{self, File};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use seqcopy::{SeqCopy, Validate, Version};
use seqcopy_shm::{
    ErrorKind, MapReader, MapWriter, Options, ReadValueError, Schema, VersionError, Writer,
    untyped::{self, FileMap},
};
use seqcopy_tests::faults::{FileExt, Place};
use seqcopy_tests::oracle::Rng;
use seqcopy_tests::regions::whole_map;

#[test]
fn it_finds_what_a_reader_finds() {
    let place = Place::new();
    let path = place.at("map");
    for (buffers, capacity) in [(2, 7), (4, 100), (2, 3000)] {
        let mut writer: MapWriter<[u16; 3], u32> = Options::new().buffers(buffers).create_map(&path, capacity).unwrap();
        let (reader, map) = (MapReader::<[u16; 3], u32>::open(&path).unwrap(), FileMap::open(&path).unwrap());
        let mut rng = Rng::new(u64::from(buffers));
        for round in 0..60u32 {
            writer
                .commit(|batch| {
                    for _ in 0..=capacity / 4 {
                        let key = [u16::try_from(rng.below(capacity)).unwrap(), 7, 1];
                        if rng.chance(1, 3) {
                            batch.remove(&key).unwrap();
                        } else {
                            batch.insert(key, round).unwrap();
                        }
                    }
                })
                .unwrap();
            let expected: HashMap<_, _> = reader
                .view()
                .changed_since(Version::NEVER)
                .map(|entry| entry.map(|(key, value, stamp)| (key, (value, stamp))).unwrap())
                .collect();
            let entries = map.entries().unwrap();
            assert_eq!((entries.generation(), entries.len()), (writer.generation(), expected.len()));
            for (of_key, of_value, of_stamp) in entries.iter() {
                let key = |at: usize| u16::from_ne_bytes(of_key[at..at + 2].try_into().unwrap());
                let (value, stamp) = expected[&[key(0), key(2), key(4)]];
                assert_eq!((of_value, of_stamp), (&value.to_ne_bytes()[..], stamp));
            }
            for number in 0..u16::try_from(capacity).unwrap().min(200) {
                let key = [number, 7, 1];
                let bytes: Vec<u8> = key.iter().flat_map(|part| part.to_ne_bytes()).collect();
                let found = expected.get(&key).map(|(value, stamp)| (value.to_ne_bytes().to_vec(), *stamp));
                assert_eq!(map.get_versioned(&bytes).unwrap(), found);
            }
        }
        writer.close().unwrap();
        assert!(matches!(
            (map.entries().map(drop), map.get_versioned(&[0; 6])),
            (Err(ReadValueError::Closed), Err(ReadValueError::Closed))
        ));
    }
}

/// Each generation has the same sum, which a table of two generations has not.
#[test]
fn entries_are_those_of_one_generation() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer: MapWriter<u32, u64> = Options::new().buffers(2).create_map(&path, 20_000).unwrap();
    writer.commit(|batch| (0..20_000).for_each(|key| _ = batch.insert(key, 1000))).unwrap();
    let map = FileMap::open(&path).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut rng = Rng::new(5);
            while !is_over.load(Relaxed) {
                let (from, to) = (u32::try_from(rng.below(20_000)).unwrap(), u32::try_from(rng.below(20_000)).unwrap());
                writer
                    .commit(|batch| {
                        batch.update(&from, |value| *value = value.wrapping_sub(9)).unwrap();
                        batch.update(&to, |value| *value = value.wrapping_add(9)).unwrap();
                    })
                    .unwrap();
                // From many commits during a read to none.
                (0..rng.below(100_000)).for_each(|_| std::hint::spin_loop());
            }
        });
        let mut seen = std::collections::HashSet::new();
        while seen.len() < 100 {
            let Ok(entries) = map.entries() else { continue };
            seen.insert(entries.generation());
            let sum = entries
                .iter()
                .fold(0u64, |sum, (_, value, _)| sum.wrapping_add(u64::from_ne_bytes(value.try_into().unwrap())));
            if (entries.len(), sum) != (20_000, 20_000_000) {
                is_over.store(true, Relaxed);
            }
            assert_eq!((entries.len(), sum), (20_000, 20_000_000));
        }
        is_over.store(true, Relaxed);
    });
}

/// More than is read at once.
#[test]
fn a_slot_may_be_larger_than_what_is_read_at_once() {
    let place = Place::new();
    let path = place.at("map");
    let schema = Schema::of_map::<u8, [u8; 300_000]>();
    let mut writer = untyped::MapWriter::create(&path, &schema, 8, &Options::new()).unwrap();
    writer.insert(&[7], &vec![1; 300_000]).unwrap();
    writer.insert(&[8], &vec![2; 300_000]).unwrap();
    let map = FileMap::open(&path).unwrap();
    let mut entries: Vec<_> = map.entries().unwrap().iter().map(|(key, value, _)| (key[0], value.to_vec())).collect();
    entries.sort_unstable();
    assert!(entries == [(7, vec![1; 300_000]), (8, vec![2; 300_000])], "{} entries", entries.len());
    assert_eq!(map.get_versioned(&[8]).unwrap().map(|(value, _)| value), Some(vec![2; 300_000]));
    assert_eq!(map.get_versioned(&[9]).unwrap(), None);
}

#[test]
fn a_value_is_no_map() {
    let place = Place::new();
    let path = place.at("value");
    let _writer = Writer::<u64>::create(&path).unwrap();
    let error = FileMap::open(&path).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Version(VersionError::Format { expected: 2, found: 1, .. })), "{error}");
}

/// A search that no free slot ends, with any bits as stamps.
#[test]
fn tables_without_a_free_slot() {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u64, u64>::create(&path, 7).unwrap();
    writer.insert(1, 10).unwrap();
    let (header, word) = (*writer.region().header(), writer.generation().to_bits());
    let table = header.buffer_offset() + word % 2 * header.buffer_stride();
    let file = File::options().write(true).open(&path).unwrap();
    file.write_all_at(&vec![0xa5; usize::try_from(header.buffer_stride()).unwrap()], table).unwrap();
    let map = FileMap::open(&path).unwrap();
    assert_eq!(map.get_versioned(&1u64.to_ne_bytes()), Ok(None));
    let noise = 0xa5a5_a5a5_a5a5_a5a5u64;
    assert_eq!(
        map.get_versioned(&noise.to_ne_bytes()),
        Ok(Some((noise.to_ne_bytes().to_vec(), Version::from_bits(noise))))
    );
    assert_eq!(u64::try_from(map.entries().unwrap().len()).unwrap(), header.slots());
    // Windows truncates no file that is mapped.
    if cfg!(unix) {
        file.set_len(table + 100).unwrap();
        assert!(matches!(map.entries(), Err(ReadValueError::Truncated)));
        assert!(matches!(map.get_versioned(&1u64.to_ne_bytes()), Err(ReadValueError::Truncated)));
    }
}

mod no_slot {
    use super::{SeqCopy, Validate};

    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Renamed {
        pub(super) stamp: u64,
        pub(super) kye: u64,
        pub(super) value: u64,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Signed {
        pub(super) stamp: i64,
        pub(super) key: u64,
        pub(super) value: u64,
    }
    /// Key and value lie in one word.
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Near {
        pub(super) stamp: u64,
        pub(super) key: u32,
        pub(super) value: u32,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Late {
        pub(super) value: u64,
        pub(super) key: u64,
        pub(super) stamp: u64,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Float {
        pub(super) stamp: u64,
        pub(super) key: f64,
        pub(super) value: u64,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Padded {
        pub(super) stamp: u64,
        pub(super) key: Holes,
        pub(super) value: u64,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Holes {
        pub(super) a: u32,
        pub(super) b: u8,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    pub(super) struct Slot {
        pub(super) stamp: u64,
        pub(super) key: u64,
        pub(super) value: u64,
    }
}

/// Files that are whole in every other respect.
#[test]
fn types_of_other_things_than_slots() {
    fn of<T: Validate>() -> (Schema, &'static seqcopy::Layout) {
        (Schema::of::<T>(), T::LAYOUT)
    }
    let place = Place::new();
    let path = place.at("map");
    let open = |schema: &Schema, layout: &seqcopy::Layout| {
        let mut bytes = whole_map(schema.as_bytes(), layout.size(), layout.align(), 2, 8, 1).0;
        bytes[128] = 1;
        bytes[192] = 1;
        fs::write(&path, bytes).unwrap();
        FileMap::open(&path)
    };
    let slot = of::<no_slot::Slot>();
    open(&slot.0, slot.1).expect("a slot");
    for (schema, layout) in [
        of::<no_slot::Renamed>(),
        of::<no_slot::Signed>(),
        of::<no_slot::Near>(),
        of::<no_slot::Late>(),
        of::<[u64; 3]>(),
        of::<u64>(),
    ] {
        let error = open(&schema, layout).unwrap_err();
        assert!(error.to_string().contains("a slot of stamp, key and value"), "{error}");
    }
    for ((schema, layout), words) in
        [(of::<no_slot::Float>(), "floating-point"), (of::<no_slot::Padded>(), "can't have padding")]
    {
        let error = open(&schema, layout).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// What the compiler refuses of a key is refused of a schema as well, each by its own words.
#[test]
fn keys_by_schema_are_what_keys_by_type_are() {
    use seqcopy_shm::{Schema, SchemaBuilder, untyped};
    use seqcopy_tests::corpus::{Choice, SkipsAligned};

    let place = Place::new();
    let number = |name| SchemaBuilder::number(name).unwrap();
    let inside = |of: SchemaBuilder| SchemaBuilder::structure("Outer", &[("a", number("u32")), ("inner", of)]);
    let skips = SchemaBuilder::from(&Schema::of::<SkipsAligned>());
    let choice = SchemaBuilder::from(&Schema::of::<Choice>());
    let padded = SchemaBuilder::structure("Padded", &[("a", number("u8")), ("b", number("u32"))]);
    for (key, words) in [
        (skips.clone(), "can't have skipped fields"),
        (inside(skips.array(2)), "can't have skipped fields"),
        (choice.clone(), "can't have an enum with fields"),
        (inside(choice), "can't have an enum with fields"),
        (padded.clone(), "can't have padding"),
        (inside(padded.array(2)), "can't have padding"),
        (number("f32"), "can't have a floating-point number"),
        (inside(number("f32").array(3)), "can't have a floating-point number"),
        (number("u32"), ""),
        (inside(number("u32").array(3)), ""),
        (SchemaBuilder::string(8), ""),
        (SchemaBuilder::names("Mode", &["A", "B"]), ""),
    ] {
        let path = place.at("map");
        let schema = SchemaBuilder::map(&key, &number("u8")).build().unwrap();
        match untyped::MapWriter::create(&path, &schema, 8, &Options::new()) {
            Ok(writer) => {
                assert_eq!(words, "");
                writer.close().unwrap();
            }
            Err(error) => assert!(!words.is_empty() && error.to_string().contains(words), "{words}: {error}"),
        }
        assert!(!path.exists());
    }
}
