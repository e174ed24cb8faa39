//! Readers by fields of types that are known by their schema: of values, of slices and of maps. What they read is what
//! those of the type do.

use std::path::Path;

use seqcopy::{SeqCopy, Validate, Version};
use seqcopy_shm::untyped::{self, BytesError};
use seqcopy_shm::{MapReader, MapWriter, Options, ReadValueError, Reader, Schema, SchemaBuilder, Uid, Writer};
use seqcopy_tests::faults::Place;

use super::versions::{Robot, v1, v2, v3};

/// The value of these bytes, which may lie anywhere.
fn value_of<T: Copy>(bytes: &[u8]) -> T {
    assert_eq!(bytes.len(), size_of::<T>());
    // SAFETY: the bytes of a value, which a reader has validated.
    unsafe { bytes.as_ptr().cast::<T>().read_unaligned() }
}

fn open<T: Validate>(path: &Path) -> untyped::Reader {
    untyped::Reader::open_by_fields(path, &Schema::of::<T>(), &Options::new()).unwrap()
}

fn slice_of<T: Validate>() -> Schema {
    SchemaBuilder::from(&Schema::of::<T>()).slice(3).build().unwrap()
}

/// Values of a type that lacks nothing of one's own, and its slices.
fn values<A: Robot, B: Robot>(buffers: u32) {
    let place = Place::new();
    let path = place.at("robot");
    let mut writer = Options::new().buffers(buffers).create::<B>(&path).unwrap();
    let (typed, mut reader) = (Reader::<A>::open_by_fields(&path).unwrap(), open::<A>(&path));
    assert_eq!(reader.schema(), &Schema::of::<A>());
    assert_eq!(reader.region().schema(), &Schema::of::<B>());
    let is_same = Schema::of::<A>() == Schema::of::<B>();
    assert_eq!(reader.__direct().is_some(), is_same);
    // At an address that is not aligned for the type.
    let mut memory = vec![0xa5; size_of::<A>() + 1];
    let bytes = &mut memory[1..];
    assert!(matches!(reader.read_into(bytes), Err(BytesError::NotRead(ReadValueError::NoValue(_)))));
    for n in 1..20 {
        writer.write(B::of(n)).unwrap();
        let expected = typed.read().unwrap();
        assert_eq!(reader.read_into(bytes), Ok(typed.version()));
        assert_eq!(value_of::<A>(bytes), expected);
        bytes.fill(0);
        assert_eq!(reader.try_read_into(bytes), Ok(typed.version()));
        assert_eq!(value_of::<A>(bytes), expected);
        assert_eq!(reader.__read_at_once(bytes), Some(typed.version()));
        assert_eq!(reader.__read_at_once(&mut [0; 3]), None);
    }
    writer.close().unwrap();
    assert!(matches!(reader.read_into(bytes), Err(BytesError::NotRead(ReadValueError::Closed))));
    // Whatever comes next that has the fields: here one's own type.
    let mut writer = Writer::<A>::create(&path).unwrap();
    writer.write(A::of(40)).unwrap();
    assert_eq!(reader.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    assert!(reader.read_into(bytes).is_ok() && reader.__direct().is_some());
    assert_eq!(value_of::<A>(bytes).number(), 40);
    writer.close().unwrap();
    let mut writer = Writer::<B>::create(&path).unwrap();
    writer.write(B::of(41)).unwrap();
    assert_eq!(reader.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    assert!(reader.read_into(bytes).is_ok());
    assert_eq!((value_of::<A>(bytes).number(), reader.__direct().is_some()), (41, is_same));
    writer.close().unwrap();
    let writer = Writer::<u64>::create(&path).unwrap();
    let error = reader.reopen_if_removed().unwrap_err().to_string();
    assert!(error.contains("u64 there, struct `Robot` here"), "{error}");
    assert_eq!(reader.region().schema(), &Schema::of::<B>(), "as it was");
    writer.close().unwrap();
}

fn slices<A: Robot, B: Robot>() {
    let place = Place::new();
    let path = place.at("robots");
    let mut writer = Options::new().capacity(20).create::<[B]>(&path).unwrap();
    // The capacity is another than that of the reader's schema.
    let own = slice_of::<A>();
    let reader = untyped::Reader::open_by_fields(&path, &own, &Options::new()).unwrap();
    assert_eq!((reader.slice(), reader.__size()), (Some((size_of::<A>(), 20)), reader.schema().layout().size()));
    for len in [0u64, 1, 7, 20] {
        let robots: Vec<B> = (0..len).map(B::of).collect();
        writer.write_from(&robots).unwrap();
        let mut memory = vec![0; 20 * size_of::<A>() + 1];
        let (count, version) = reader.read_elements_into(&mut memory[1..]).unwrap();
        assert_eq!((count as u64, version), (len, writer.version()));
        for (n, bytes) in (0..len).zip(memory[1..].chunks_exact(size_of::<A>())) {
            let found: A = value_of(bytes);
            assert!(found.is_whole() && found.number() == n, "{found:?}");
        }
        let mut whole = vec![0; reader.__size()];
        assert_eq!(reader.read_into(&mut whole), Ok(version));
        assert_eq!(whole[..4], u32::try_from(len).unwrap().to_ne_bytes());
        let start = reader.schema().layout().fields()[1].offset();
        assert_eq!(whole[start..][..count * size_of::<A>()].len(), count * size_of::<A>());
        assert!(count == 0 || value_of::<A>(&whole[start..][..size_of::<A>()]).is_whole());
        for (first, count) in (0..=len + 1).flat_map(|first| (0..=2u64).map(move |count| (first, count))) {
            let bytes = &mut memory[1..][..usize::try_from(count).unwrap() * size_of::<A>()];
            let found = reader.read_range_into(usize::try_from(first).unwrap(), bytes);
            assert_eq!(found.is_ok(), first + count <= len, "{count} from {first} on, of {len}");
            for (n, bytes) in (first..).zip(bytes.chunks_exact(size_of::<A>())).take_while(|_| found.is_ok()) {
                assert_eq!(value_of::<A>(bytes).number(), n);
            }
        }
        let few = reader.read_elements_into(&mut memory[..6 * size_of::<A>()]);
        let fits = len <= 6;
        assert_eq!(few.is_ok(), fits);
        if let Err(BytesError::NotRead(ReadValueError::Length(error))) = few {
            assert_eq!(error.len() as u64, len);
        } else {
            assert!(fits);
        }
    }
    writer.close().unwrap();
}

fn maps<A: Robot, B: Robot>(buffers: u32) {
    let place = Place::new();
    let path = place.at("map");
    let mut writer = Options::new().buffers(buffers).create_map::<u64, B>(&path, 30).unwrap();
    let typed = MapReader::<u64, A>::open_by_fields(&path).unwrap();
    let own = Schema::of_map::<u64, A>();
    let mut reader = untyped::MapReader::open_by_fields(&path, &own, &Options::new()).unwrap();
    assert_eq!((reader.schema(), reader.key_and_value()[1].size()), (&own, size_of::<A>()));
    let mut bytes = vec![0; size_of::<A>()];
    for key in 1..=30u64 {
        writer.insert(key, B::of(key)).unwrap();
        let stamp = reader.get(&key.to_ne_bytes(), &mut bytes).unwrap();
        assert_eq!(stamp, Some(typed.generation()));
        assert_eq!(value_of::<A>(&bytes), typed.get(&key).unwrap().expect("inserted"));
    }
    assert_eq!(reader.get(&99u64.to_ne_bytes(), &mut bytes), Ok(None));
    let entries = reader.entries().unwrap();
    let mut keys: Vec<u64> = entries
        .iter()
        .map(|(key, value, _)| {
            let (key, value): (u64, A) = (value_of(key), value_of(value));
            assert!(value.is_whole() && value.number() == key, "{value:?}");
            key
        })
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, (1..=30).collect::<Vec<_>>());
    assert_eq!(reader.len(), Ok(30));
    writer.close().unwrap();
    let mut writer = MapWriter::<u64, A>::create(&path, 10).unwrap();
    writer.insert(5, A::of(5)).unwrap();
    assert_eq!(reader.reopen_if_removed().map_err(|it| it.to_string()), Ok(true));
    assert!(reader.get(&5u64.to_ne_bytes(), &mut bytes).unwrap().is_some());
    assert_eq!(value_of::<A>(&bytes).number(), 5);
    writer.close().unwrap();
    let writer = MapWriter::<u64, u64>::create(&path, 10).unwrap();
    let error = reader.reopen_if_removed().unwrap_err().to_string();
    assert!(error.contains("field `value`: u64 there, struct `Robot` here"), "{error}");
    writer.close().unwrap();
}

/// Each version by each other that lacks nothing of it: a schema has no defaults.
#[test]
fn what_is_read_is_what_the_type_reads() {
    fn each<A: Robot, B: Robot>() {
        for buffers in [1, 2, 4] {
            values::<A, B>(buffers);
        }
        slices::<A, B>();
        for buffers in [2, 4] {
            maps::<A, B>(buffers);
        }
    }
    each::<v1::Robot, v1::Robot>();
    each::<v1::Robot, v2::Robot>();
    each::<v1::Robot, v3::Robot>();
    each::<v2::Robot, v2::Robot>();
    each::<v2::Robot, v3::Robot>();
    each::<v3::Robot, v3::Robot>();
}

#[test]
fn what_is_refused_is_named() {
    let place = Place::new();
    let path = place.at("robot");
    let mut writer = Writer::<v2::Robot>::create(&path).unwrap();
    let options = Options::new();
    let why =
        |schema: &Schema| untyped::Reader::open_by_fields(&path, schema, &options).map(drop).unwrap_err().to_string();
    // A field that Rust would have a default for.
    assert!(why(&Schema::of::<v3::Robot>()).contains("field `name`: no such field there"));
    assert!(why(&slice_of::<v1::Robot>()).contains("struct `Robot` there, a slice of"));
    assert!(why(&Schema::of::<[u8; 4]>()).contains("struct `Robot` there, array of 4 here"));
    let required = options.clone().require_owner(Uid::effective());
    assert!(untyped::Reader::open_by_fields(&path, &Schema::of::<v1::Robot>(), &required).is_ok());
    // A variant that one's own type does not have is found when it is read.
    writer.write(v2::Robot { mode: v2::Mode::Turn, ..v2::robot(8) }).unwrap();
    let mut bytes = vec![0; size_of::<v1::Robot>()];
    let error = open::<v1::Robot>(&path).read_into(&mut bytes).unwrap_err().to_string();
    assert!(error.contains("`mode`") && error.contains("0x2"), "{error}");
    writer.close().unwrap();
    assert!(untyped::Reader::open_by_fields(&path, &Schema::of::<v1::Robot>(), &options).is_err());

    let path = place.at("map");
    let map = MapWriter::<u32, v2::Robot>::create(&path, 10).unwrap();
    let why = |schema: &Schema| {
        untyped::MapReader::open_by_fields(&path, schema, &options).map(drop).unwrap_err().to_string()
    };
    assert!(why(&Schema::of_map::<u64, v1::Robot>()).contains("field `key`: u32 there, u64 here"));
    assert!(why(&Schema::of_map::<u32, v3::Robot>()).contains("field `value.name`: no such field there"));
    assert!(why(&Schema::of::<u32>()).contains("a slot of stamp, key and value"));
    map.close().unwrap();
}

/// Values of another alignment, and so in another place of a slot.
#[test]
fn entries_lie_where_ones_own_slots_have_them() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Narrow {
        number: u64,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, align(128))]
    struct Wide {
        more: u64,
        number: u64,
    }
    let place = Place::new();
    let path = place.at("map");
    let mut writer = MapWriter::<u64, Wide>::create(&path, 10).unwrap();
    let own = Schema::of_map::<u64, Narrow>();
    let reader = untyped::MapReader::open_by_fields(&path, &own, &Options::new()).unwrap();
    for key in 1..=7u64 {
        writer.insert(key, Wide { more: 3, number: key * 11 }).unwrap();
    }
    let entries = reader.entries().unwrap();
    assert_eq!(entries.len(), 7);
    for (key, value, _) in entries.iter() {
        let (key, value): (u64, Narrow) = (value_of(key), value_of(value));
        assert_eq!(value.number, key * 11);
    }
    writer.close().unwrap();
}

/// What is not data in one's own type is left as it was.
#[test]
fn padding_of_the_reader_stays() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Padded {
        id: u8,
        number: u64,
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Grown {
        number: u64,
        id: u8,
        more: u64,
    }
    let place = Place::new();
    let path = place.at("padded");
    let mut writer = Writer::<Grown>::create(&path).unwrap();
    writer.write(Grown { number: 0x0101_0101_0101_0101, id: 1, more: 0x0202_0202_0202_0202 }).unwrap();
    let reader = open::<Padded>(&path);
    let mut bytes = [0xa5; 16];
    assert_ne!(reader.read_into(&mut bytes).unwrap(), Version::NEVER);
    let mut expected = [0xa5; 16];
    expected[0] = 1;
    expected[8..].fill(1);
    assert_eq!(bytes, expected);
    writer.close().unwrap();
}
