//! Writers of maps of bytes: what they leave out, what is a change for them, and the tables that they make, by the page
//! of the format.

use std::fs;

use seqcopy::{SeqCopy, SeqOption, Validate};
use seqcopy_shm::untyped;
use seqcopy_shm::{MapWriter, Options, Schema, SchemaBuilder};
use seqcopy_tests::faults::Place;

use crate::untyped::relabel;

/// Left out when the map is taken over, whichever part of it is not valid.
#[test]
fn entries_that_are_not_values_are_removed_by_the_next_writer() {
    let place = Place::new();
    for schema in [Schema::of_map::<bool, u8>(), Schema::of_map::<u8, bool>(), Schema::of_map::<bool, bool>()] {
        let path = place.at("map");
        let mut liar = MapWriter::<u8, u8>::create(&path, 4).unwrap();
        for (key, value) in [(0, 1), (1, 7), (7, 0), (9, 9)] {
            liar.insert(key, value).unwrap();
        }
        drop(liar);
        relabel(&path, &schema);
        let writer = untyped::MapWriter::take_over(&path, &schema, &Options::new()).unwrap();
        let reader = untyped::MapReader::open(&path).unwrap();
        let mut found: Vec<_> = reader.entries().unwrap().iter().map(|(key, value, _)| (key[0], value[0])).collect();
        found.sort_unstable();
        let is_valid = |(key, value): &(u8, u8)| {
            [key, value]
                .into_iter()
                .zip(schema.layout().fields()[1..].iter())
                .all(|(byte, field)| field.layout().validate(&[*byte]).is_ok())
        };
        let expected: Vec<_> = [(0, 1), (1, 7), (7, 0), (9, 9)].into_iter().filter(is_valid).collect();
        assert_eq!((found, writer.len()), (expected.clone(), expected.len()));
        writer.close().unwrap();
    }
}

#[test]
fn a_batch_without_a_change_is_no_generation() {
    let place = Place::new();
    let mut writer =
        untyped::MapWriter::create(place.at("map"), &Schema::of_map::<u8, u8>(), 8, &Options::new()).unwrap();
    writer.insert(&[1], &[1]).unwrap();
    let generation = writer.generation();
    assert!(writer.begin() && !writer.begin());
    assert_eq!((writer.commit(), writer.generation(), writer.commit()), (Some(Ok(())), generation, None));
    assert!(writer.begin());
    writer.remove(&[2]).unwrap();
    writer.change(std::iter::once((&[1][..], &[1][..])), std::iter::empty()).unwrap();
    assert_eq!((writer.commit(), writer.generation()), (Some(Ok(())), generation));
    assert!(writer.begin());
    writer.insert(&[2], &[2]).unwrap();
    assert_eq!((writer.commit(), writer.generation().writes_since(generation)), (Some(Ok(())), 1));
}

/// What another writer has left in the bytes that a value does not use now is no difference.
#[test]
fn values_are_compared_by_what_they_are() {
    type Value = SeqOption<[u8; 24]>;
    let place = Place::new();
    let path = place.at("map");
    let mut liar = MapWriter::<u8, Value>::create(&path, 4).unwrap();
    liar.insert(1, SeqOption::Some([0xaa; 24])).unwrap();
    let file = fs::read(&path).unwrap();
    let at: Vec<_> =
        file.windows(24).enumerate().filter(|(_, window)| *window == [0xaa; 24]).map(|(at, _)| at).collect();
    liar.insert(1, SeqOption::None).unwrap();
    liar.insert(2, SeqOption::None).unwrap();
    drop(liar);
    let mut file = fs::read(&path).unwrap();
    let slot_size = Schema::of_map::<u8, Value>().layout().size();
    let stride = untyped::MapReader::open(&path).unwrap().region().header().buffer_stride();
    let stride = usize::try_from(stride).unwrap();
    // In each of the tables.
    for at in at.into_iter().flat_map(|at| [at.checked_sub(stride), Some(at), Some(at + stride)]).flatten() {
        if (256 + slot_size..256 + 2 * stride - 24).contains(&at) {
            file[at..at + 24].fill(0xee);
        }
    }
    fs::write(&path, file).unwrap();
    let schema = Schema::of_map::<u8, Value>();
    let mut writer = untyped::MapWriter::take_over(&path, &schema, &Options::new()).unwrap();
    let generation = writer.generation();
    let none = [0; size_of::<Value>()];
    let mut some = [7; size_of::<Value>()];
    some[0] = 1;
    writer.change([(&[1][..], &none[..]), (&[2], &none)].into_iter(), std::iter::empty()).unwrap();
    assert_eq!(writer.generation(), generation, "nothing has changed");
    writer.change([(&[1][..], &some[..]), (&[2], &none)].into_iter(), std::iter::empty()).unwrap();
    assert_eq!(writer.generation().writes_since(generation), 1);
}

/// What is nearly a slot: the stamp of another kind or width, other names, other places.
#[test]
fn slots_are_those_of_the_page() {
    let number = |name: &str| SchemaBuilder::number(name).unwrap();
    let slot = |names: [&str; 3], types: [&str; 3]| {
        let fields: Vec<_> = names.into_iter().zip(types.map(number)).collect();
        SchemaBuilder::structure("Slot", &fields).build().unwrap()
    };
    let names = ["stamp", "key", "value"];
    let fits = slot(names, ["u64", "u64", "u64"]);
    assert!(untyped::MapWriter::check_slots(&fits).is_ok());
    for (names, types) in [
        (names, ["u32", "u64", "u64"]),
        (names, ["i64", "u64", "u64"]),
        (names, ["f64", "u64", "u64"]),
        (names, ["u128", "u64", "u64"]),
        (names, ["u64", "u32", "u32"]),
        (["stamp", "value", "key"], ["u64", "u64", "u64"]),
        (["time", "key", "value"], ["u64", "u64", "u64"]),
    ] {
        assert!(untyped::MapWriter::check_slots(&slot(names, types)).is_err(), "{names:?} {types:?}");
    }
    assert!(untyped::MapWriter::check_slots(&Schema::of::<u64>()).is_err());
    // One place for each part, one size, one alignment.
    let mut refused = 0;
    for (stamp, key, value) in [0, 8].iter().flat_map(|a| [8, 16].map(|b| [16, 24].map(|c| (*a, b, c)))).flatten() {
        for (size, align) in [(24, 8), (32, 8), (32, 16), (48, 16)] {
            let fields = [("stamp", stamp), ("key", key), ("value", value)].map(|(name, at)| (name, at, number("u64")));
            let Ok(slot) = SchemaBuilder::structure_at("Slot", size, align, &fields).build() else { continue };
            let is_one = (stamp, key, value, size, align) == (0, 8, 16, 24, 8);
            let found = untyped::MapWriter::check_slots(&slot).is_ok();
            assert_eq!(found, is_one, "{stamp} {key} {value}, {size} bytes, align {align}");
            refused += usize::from(!found);
        }
    }
    assert!(refused > 6, "{refused}");
}

/// Each table begins a line of the cache, and seven of eight slots can be full.
#[test]
fn tables_are_as_large_as_the_page_says() {
    fn check<V: Validate + Copy + 'static>(place: &Place) {
        let schema = Schema::of_map::<u8, V>();
        let (size, align) = (schema.layout().size() as u64, schema.layout().align() as u64);
        for slots in [8, 16, 64, 1024] {
            let path = place.at("map");
            let mut writer = untyped::MapWriter::create(&path, &schema, slots, &Options::new()).unwrap();
            let header = *writer.region().header();
            let line = align.max(64);
            let (offset, stride) = (256_u64.next_multiple_of(line), (line + slots * size).next_multiple_of(line));
            assert_eq!((header.buffer_offset(), header.buffer_stride(), header.slots()), (offset, stride, slots));
            assert_eq!(writer.capacity() as u64, slots - slots / 8);
            let value = vec![0; size_of::<V>()];
            for key in 0..writer.capacity().min(250) {
                writer.insert(&[u8::try_from(key).unwrap()], &value).unwrap();
            }
            if slots < 256 {
                assert!(writer.insert(&[255], &value).is_err(), "{slots}");
            }
            writer.close().unwrap();
        }
    }
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C, align(128))]
    struct Wide(u64);
    let place = Place::new();
    check::<u8>(&place);
    check::<[u64; 5]>(&place);
    check::<Wide>(&place);
}

/// A larger one, and neither a smaller one nor another of the same size.
#[test]
fn a_map_is_replaced_by_a_larger_one_alone() {
    let (place, schema) = (Place::new(), Schema::of_map::<u32, u64>());
    let (path, options) = (place.at("map"), Options::new().replace_smaller(true));
    let open = |slots| untyped::MapWriter::open_or_create(&path, &schema, slots, &options).unwrap();
    drop(open(16));
    let reader = untyped::MapReader::open(&path).unwrap();
    for (slots, is_larger) in [(16, false), (8, false), (32, true)] {
        let writer = open(slots);
        assert_eq!((reader.region().is_removed(), writer.region().header().slots()), (is_larger, slots.max(16)));
    }
    open(8).close().unwrap();
}

/// As long as what is there has another type, its reader is as it was, and the error says where that is.
#[test]
fn the_error_of_a_reader_whose_map_was_replaced_names_the_path() {
    let (place, options) = (Place::new(), Options::new());
    let path = place.at("map");
    let [old, grown, other] =
        [Schema::of_map::<u32, u64>(), Schema::of_map::<u32, [u64; 2]>(), Schema::of_map::<u64, u64>()];
    drop(untyped::MapWriter::create(&path, &old, 8, &options).unwrap());
    let mut reader = untyped::MapReader::open_by_fields(&path, &old, &options).unwrap();
    let replaces = Options::new().replace_other_type(true);
    for there in [&grown, &other] {
        drop(untyped::MapWriter::open_or_create(&path, there, 8, &replaces).unwrap());
        let message = reader.reopen_if_removed().unwrap_err().to_string();
        assert!(message.starts_with(&format!("`{}`: ", path.display())), "{message}");
    }
    drop(untyped::MapWriter::open_or_create(&path, &old, 8, &replaces).unwrap());
    assert!(reader.reopen_if_removed().unwrap() && !reader.reopen_if_removed().unwrap());
}

/// Nor is what the caller has in the padding, which a program in C does not set.
#[test]
fn padding_is_no_difference() {
    #[derive(Clone, Copy, SeqCopy, Validate)]
    #[repr(C)]
    struct Padded {
        is_open: bool,
        at: u64,
    }
    let place = Place::new();
    let schema = Schema::of_map::<u8, Padded>();
    let mut writer = untyped::MapWriter::create(place.at("map"), &schema, 8, &Options::new()).unwrap();
    let value = |padding: u8| {
        let mut bytes = [padding; size_of::<Padded>()];
        bytes[0] = 1;
        bytes[8..].copy_from_slice(&5u64.to_ne_bytes());
        bytes
    };
    let entry = writer.entry(&[1]).unwrap();
    writer.insert(&[1], &value(0xaa)).unwrap();
    let generation = writer.generation();
    for padding in [0xaa, 0x55, 0] {
        writer.change([(&[1][..], &value(padding)[..])].into_iter(), [].into_iter()).unwrap();
        writer.replace([(&[1][..], &value(padding)[..])].into_iter()).unwrap();
        assert_eq!(writer.generation(), generation, "{padding:#x}");
    }
    // What is inserted is published each time, whatever was there.
    writer.insert(&[1], &value(0)).unwrap();
    writer.insert_entry(&entry, &value(0)).unwrap();
    assert_eq!(writer.generation().writes_since(generation), 2);
}
